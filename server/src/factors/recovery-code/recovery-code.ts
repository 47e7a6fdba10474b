// Recovery codes: what gets a person in when everything else is gone, on paper. A code names itself by its
// selector, so that a check reads one row and computes one slow hash (the look-up secret with a number of
// NIST SP 800-63B-4 §3.1.2.2); the secret behind it has 80 bits.

/** Crockford's base32 (crockford.com/base32.html): no I, L, O or U, so nothing on paper is read as another. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const codesPerSet = 10;
const selectorLength = 2;
const secretLength = 16;

/** The longest input that is looked at, in UTF-16 units. */
const inputLimit = 64;

/** How often a selector may turn out taken before the random source counts as broken. */
const selectorTries = 1000;

/** First byte of what is hashed, so that another layout can follow one day. */
const preimageVersion = 1;

/** The two halves of a code in their normal form: capitals of the alphabet, no hyphens. */
export interface RecoveryCodeParts {
  /** Two characters, stored in clear: which of the codes this is. */
  readonly selector: string;
  /** Sixteen characters; of these only a slow hash is stored. */
  readonly secret: string;
}

export interface RecoveryCode extends RecoveryCodeParts {
  /** As shown and printed: `K7-4F9Q-XN2M-8RTW-3HJC`, the selector first, then four groups of four. */
  readonly text: string;
}

/**
 * A new set of ten codes with selectors that differ.
 *
 * @param random a cryptographic source of the number of bytes asked for
 * @throws RangeError when the source gives another number of bytes, or the same ones all the time
 */
export function generateRecoveryCodes(random: (bytes: number) => Uint8Array): readonly RecoveryCode[] {
  const codes: RecoveryCode[] = [];
  const selectors = new Set<string>();
  for (let index = 0; index < codesPerSet; index += 1) {
    const selector = unusedSelector(selectors, random);
    selectors.add(selector);
    const secret = randomText(secretLength, random);
    codes.push({ selector, secret, text: [selector, ...(secret.match(/.{4}/g) ?? [])].join('-') });
  }
  return codes;
}

/**
 * Reads a code as a person typed it: any case, with or without spaces and hyphens, O for 0, I and L for 1
 * (Crockford's rules for decoding). Everything else gives `undefined`, as does more than 64 characters.
 */
export function parseRecoveryCode(input: unknown): RecoveryCodeParts | undefined {
  if (typeof input !== 'string' || input.length > inputLimit) return undefined;
  const typed = input.replaceAll(/[ -]/g, '');
  // Checked before the case is changed: toUpperCase turns some letters of other scripts into ASCII ones.
  if (!/^[0-9A-TV-Za-tv-z]{18}$/.test(typed)) return undefined;
  const code = typed.toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return { selector: code.slice(0, selectorLength), secret: code.slice(selectorLength) };
}

/**
 * The bytes that go through the keyed and then the slow hash. Binding the account makes a hash that was
 * copied to another account's row useless. Unambiguous because everything before the account has a fixed
 * length: one byte of version, the selector, the secret, then the account's identifier in UTF-8.
 *
 * @throws RangeError when a half is not in its normal form, or the identifier is no well-formed Unicode
 */
export function recoveryCodePreimage(code: RecoveryCodeParts & { readonly accountId: string }): Uint8Array {
  const { selector, secret, accountId } = code;
  if (!isNormal(selector, selectorLength) || !isNormal(secret, secretLength) || !accountId.isWellFormed()) {
    throw new RangeError('Not the parts of a recovery code');
  }
  return Buffer.concat([Buffer.of(preimageVersion), Buffer.from(selector + secret + accountId, 'utf8')]);
}

function unusedSelector(taken: ReadonlySet<string>, random: (bytes: number) => Uint8Array): string {
  for (let attempt = 0; attempt < selectorTries; attempt += 1) {
    const selector = randomText(selectorLength, random);
    if (!taken.has(selector)) return selector;
  }
  throw new RangeError('The random source repeats itself');
}

/** One character from the low five bits of each byte; 32 divides 256, so all are equally likely. */
function randomText(length: number, random: (bytes: number) => Uint8Array): string {
  const bytes = random(length);
  if (bytes.length !== length)
    throw new RangeError(`The random source gave ${bytes.length} bytes of ${length}`);
  return Array.from(bytes, (byte) => alphabet.charAt(byte & 31)).join('');
}

function isNormal(text: string, length: number): boolean {
  return text.length === length && /^[0-9A-HJKMNP-TV-Z]+$/.test(text);
}
