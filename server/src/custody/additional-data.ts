// What a sealed value is bound to. A sealed key copied into another row, account or company must not open
// there, so the row's place is authenticated with it; the encoding leaves no second way to read that place.

/**
 * Bytes that stand for exactly this list of strings: of each its length in UTF-8 (4 bytes, big endian) and
 * then its bytes. Different lists never give the same bytes, because the bytes can be read back one way only.
 *
 * @example bindTo('authenticators', 'secret', companyId, accountId, authenticatorId, kind)
 * @throws RangeError for a string with a lone surrogate, which UTF-8 cannot tell from another one
 */
export function bindTo(...parts: readonly string[]): Buffer {
  const pieces: Buffer[] = [];
  for (const part of parts) {
    if (!part.isWellFormed()) throw new RangeError('Cannot bind to a string that is no well-formed Unicode');
    const bytes = Buffer.from(part, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    pieces.push(length, bytes);
  }
  return Buffer.concat(pieces);
}
