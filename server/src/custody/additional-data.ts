// What a sealed value is bound to. A sealed key copied into another row, account or company must not open
// there, so the row's place is authenticated with it; the encoding leaves no second way to read that place.

const lengthBytes = 4;

/**
 * Bytes that stand for exactly this list of strings: of each its length in UTF-8 (4 bytes, big endian) and
 * then its bytes. Different lists never give the same bytes, because the bytes can be read back one way only.
 *
 * @example bindTo('authenticators', 'secret', companyId, accountId, authenticatorId, kind)
 * @throws RangeError for a string with a lone surrogate, which UTF-8 cannot tell from another one
 */
export function bindTo(...parts: readonly string[]): Buffer {
  let total = 0;
  for (const part of parts) {
    if (!part.isWellFormed()) throw new RangeError('Cannot bind to a string that is no well-formed Unicode');
    total += lengthBytes + Buffer.byteLength(part, 'utf8');
  }
  const bound = Buffer.alloc(total);
  let end = 0;
  for (const part of parts) {
    const written = bound.write(part, end + lengthBytes, 'utf8');
    bound.writeUInt32BE(written, end);
    end += lengthBytes + written;
  }
  return bound;
}
