// Values sealed at rest: AES-256-GCM (NIST SP 800-38D), each bound to its place by additional data. Whatever
// is wrong with a sealed value (key, place, a flipped bit, another suite), it is one fault and says no more.
//
//   1 byte     4 bytes       12 bytes   n bytes      16 bytes
//   suite 01   key version   nonce      ciphertext   tag
//
// Suite and key version are authenticated with the additional data.

import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto';
import { SecondringError } from '#core/errors.ts';

const suite = 0x01;
const headerLength = 5;
const nonceLength = 12;
const tagLength = 16;
const overhead = headerLength + nonceLength + tagLength;

/**
 * Seals a value under a fresh random nonce. One key may seal 2^32 values (SP 800-38D §8.3); data keys are
 * replaced long before that.
 *
 * @param key 256 bits, kept as a KeyObject: given bytes, Node would prepare the key again at every call, which
 * takes five times longer
 * @param keyVersion unsigned, 32 bits; stands in clear in the sealed value, for finding the key again
 * @param additionalData what the value belongs to, from `bindTo`; opening asks for the same
 * @throws RangeError for a version that does not fit
 */
export function seal(
  key: KeyObject,
  keyVersion: number,
  plaintext: Uint8Array,
  additionalData: Uint8Array,
): Buffer {
  const sealed = Buffer.allocUnsafe(overhead + plaintext.length);
  sealed.writeUInt8(suite, 0);
  sealed.writeUInt32BE(keyVersion, 1);
  randomFillSync(sealed, headerLength, nonceLength);
  const nonce = sealed.subarray(headerLength, headerLength + nonceLength);
  const authenticated = Buffer.concat([sealed.subarray(0, headerLength), additionalData]);
  const { ciphertext, tag } = encryptAesGcm(key, nonce, plaintext, authenticated);
  sealed.set(ciphertext, headerLength + nonceLength);
  sealed.set(tag, sealed.length - tagLength);
  return sealed;
}

/**
 * Opens what `seal` made under the same key and additional data.
 *
 * @throws SecondringError `sealed-value-unreadable` for anything else
 */
export function open(key: KeyObject, sealed: Uint8Array, additionalData: Uint8Array): Buffer {
  refuseForeign(sealed);
  const ciphertextEnd = sealed.length - tagLength;
  const plaintext = decryptAesGcm(
    key,
    sealed.subarray(headerLength, headerLength + nonceLength),
    sealed.subarray(headerLength + nonceLength, ciphertextEnd),
    sealed.subarray(ciphertextEnd),
    Buffer.concat([sealed.subarray(0, headerLength), additionalData]),
  );
  if (plaintext === undefined) throw unreadable();
  return plaintext;
}

/**
 * The version of the key that opens a sealed value. Not authenticated until `open` has succeeded.
 *
 * @throws SecondringError `sealed-value-unreadable` for what is too short or of an unknown suite
 */
export function keyVersionOf(sealed: Uint8Array): number {
  refuseForeign(sealed);
  return new DataView(sealed.buffer, sealed.byteOffset).getUint32(1);
}

/**
 * AES-256-GCM by itself, so that published vectors reach it.
 *
 * @throws RangeError unless the key has 256 bits and the nonce 96
 */
export function encryptAesGcm(
  key: KeyObject,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  additionalData: Uint8Array,
): { readonly ciphertext: Buffer; readonly tag: Buffer } {
  refuseOtherNonces(nonce);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  cipher.setAAD(additionalData);
  // GCM gives as many bytes as it takes at once; final() only completes the tag.
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return { ciphertext, tag: cipher.getAuthTag() };
}

/**
 * The plaintext, or `undefined` when the tag does not fit.
 *
 * @throws RangeError unless the key has 256 bits and the nonce 96
 */
export function decryptAesGcm(
  key: KeyObject,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  tag: Uint8Array,
  additionalData: Uint8Array,
): Buffer | undefined {
  refuseOtherNonces(nonce);
  // A fixed authTagLength makes Node refuse truncated tags, which would be easier to forge.
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  decipher.setAAD(additionalData);
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(ciphertext);
  try {
    decipher.final();
  } catch {
    // Nobody may see what came out of a value that nobody sealed.
    plaintext.fill(0);
    return undefined;
  }
  return plaintext;
}

/** Other lengths go through GHASH (SP 800-38D §7.1) and can collide; we never make one. */
function refuseOtherNonces(nonce: Uint8Array): void {
  if (nonce.length !== nonceLength)
    throw new RangeError(`A nonce has ${nonceLength} bytes, not ${nonce.length}`);
}

function refuseForeign(sealed: Uint8Array): void {
  if (sealed.length < overhead || sealed[0] !== suite) throw unreadable();
}

function unreadable(): SecondringError {
  return new SecondringError(
    'sealed-value-unreadable',
    'A sealed value cannot be opened: it was damaged, moved to another row, or sealed under another key.',
  );
}
