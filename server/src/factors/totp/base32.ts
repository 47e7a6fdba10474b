// Authenticator apps take keys in base32, and people type them; Node has no base32 of its own.

/** RFC 4648 §6, table 3. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base32 in capitals and without padding, as the key URI format asks (RFC 4648 §6, §3.2). */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let pending = 0;
  let pendingBits = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    pendingBits += 8;
    while (pendingBits >= 5) {
      pendingBits -= 5;
      text += alphabet.charAt((pending >> pendingBits) & 31);
    }
    pending &= (1 << pendingBits) - 1;
  }
  if (pendingBits > 0) text += alphabet.charAt((pending << (5 - pendingBits)) & 31);
  return text;
}

/**
 * The bytes of base32 without padding, as typed: lower case and ASCII spaces are taken. `undefined` for any
 * other character, for a length that no number of bytes has, and for left-over bits that are not zero
 * (RFC 4648 §3.5), so that one key has one spelling.
 */
export function decodeBase32(text: string): Uint8Array | undefined {
  const symbols = text.replaceAll(' ', '');
  const bytes = new Uint8Array(Math.floor((symbols.length * 5) / 8));
  let pending = 0;
  let pendingBits = 0;
  let written = 0;
  for (const symbol of symbols) {
    const value = valueOfSymbol(symbol);
    if (value < 0) return undefined;
    pending = (pending << 5) | value;
    pendingBits += 5;
    if (pendingBits < 8) continue;
    pendingBits -= 8;
    bytes[written] = pending >> pendingBits;
    written += 1;
    pending &= (1 << pendingBits) - 1;
  }
  if (pendingBits >= 5 || pending !== 0) return undefined;
  return bytes;
}

/** -1 for what is not a symbol. No toUpperCase: it turns letters of other scripts into ASCII ones. */
function valueOfSymbol(symbol: string): number {
  if (symbol >= 'a' && symbol <= 'z') return symbol.charCodeAt(0) - 97;
  return alphabet.indexOf(symbol);
}
