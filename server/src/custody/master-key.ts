// The master key, the one secret that is not in the store. It wraps the data keys, so whoever copied the
// database alone can open nothing. Several may be given while one replaces the other: the first seals, all open.
// Bytes are zeroed as soon as they are imported. That is best effort: JavaScript may have copied them, and the
// text they came from (an environment variable, a string) cannot be wiped at all.

import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { SecondringError } from '#core/errors.ts';

export interface MasterKey {
  /** 16 hexadecimal digits that name the key and tell nothing about it. */
  readonly id: string;
  readonly key: KeyObject;
}

/** What the store keeps of a master key to recognize it: its name and a MAC that only the key can make. */
export interface MasterKeyCheck {
  readonly masterKeyId: string;
  readonly checkValue: Uint8Array;
}

const keyLength = 32;
const idLength = 8;
const idLabel = 'secondring master key id v1\0';
const checkLabel = 'secondring master key check v1';
const backupLabel = 'secondring backup v1\0';

/**
 * Master keys from text: base64 of 32 bytes each, separated by commas, the sealing one first. The padding
 * may be missing; spaces and line ends around a key are dropped.
 *
 * @throws SecondringError `master-key-malformed`, which says which of the keys it is and never what it was
 */
export function parseMasterKeys(text: string): readonly [MasterKey, ...MasterKey[]] {
  const [first = '', ...others] = text.split(',');
  const keys = [
    parseMasterKey(first, 1),
    ...others.map((one, index) => parseMasterKey(one, index + 2)),
  ] as const;
  const isRepeated = new Set(keys.map(({ id }) => id)).size < keys.length;
  if (isRepeated) throw malformed('The same master key is given twice.');
  return [keys[0], ...keys.slice(1)];
}

/**
 * Names a key: the first 8 bytes of SHA-256 over a label and the key, in hexadecimal.
 *
 * @param key 32 bytes
 */
export function masterKeyId(key: Uint8Array): string {
  return createHash('sha256').update(idLabel).update(key).digest().toString('hex', 0, idLength);
}

/** What to store so that the key is recognized later: HMAC-SHA-256 over a label. */
export function checkValueOf(masterKey: MasterKey): Uint8Array {
  return createHmac('sha256', masterKey.key).update(checkLabel).digest();
}

/** What a backup is sealed with: HMAC-SHA-256 over a label and the digest of all that it holds. */
export function backupMacOf(masterKey: MasterKey, digest: Uint8Array): Uint8Array {
  return createHmac('sha256', masterKey.key).update(backupLabel).update(digest).digest();
}

/**
 * Refuses to go on with keys that do not belong to this store. A store that has none recorded is new, and any
 * key will do.
 *
 * @throws SecondringError `master-key-wrong` when none of the keys is one that the store knows
 */
export function checkMasterKeys(stored: readonly MasterKeyCheck[], keys: readonly MasterKey[]): void {
  if (stored.length === 0) return;
  const isKnown = keys.some((masterKey) =>
    stored.some(
      ({ masterKeyId: storedId, checkValue }) =>
        storedId === masterKey.id && isEqual(checkValue, checkValueOf(masterKey)),
    ),
  );
  if (isKnown) return;
  const given = keys.map(({ id }) => id).join(', ');
  const known = stored.map(({ masterKeyId: storedId }) => storedId).join(', ');
  throw new SecondringError(
    'master-key-wrong',
    `The master key ${given} does not belong to this database, which was sealed with ${known}.`,
    {
      hint: 'Give the master key that was used with this database, or the database that belongs to this key.',
    },
  );
}

function parseMasterKey(text: string, position: number): MasterKey {
  const base64 = text.trim();
  const bytes = Buffer.from(base64, 'base64');
  try {
    // Node skips what is no base64 and drops left-over bits; only its own encoding tells (RFC 4648 §3.5).
    const isCanonical = bytes.toString('base64') === base64.padEnd(44, '=');
    if (!isCanonical || bytes.length !== keyLength) {
      throw malformed(`Master key ${position} is not ${keyLength} bytes in base64.`);
    }
    if (bytes.every((byte) => byte === bytes[0])) throw malformed(`Master key ${position} is a placeholder.`);
    return { id: masterKeyId(bytes), key: createSecretKey(bytes) };
  } finally {
    bytes.fill(0);
  }
}

function isEqual(stored: Uint8Array, computed: Uint8Array): boolean {
  return stored.length === computed.length && timingSafeEqual(stored, computed);
}

function malformed(message: string): SecondringError {
  return new SecondringError('master-key-malformed', message, {
    hint: 'A master key is made with: openssl rand -base64 32',
  });
}
