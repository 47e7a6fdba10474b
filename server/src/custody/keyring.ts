// The key hierarchy: a master key wraps one data key a company and one for the provider, and of a data key
// come the keys that do the work, one for each purpose, so that none is ever used for two things. Replacing
// the master key rewraps the data keys and touches nothing that they sealed.

import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { SecondringError } from '#core/errors.ts';
import { bindTo } from './additional-data.ts';
import { open, seal } from './aead.ts';
import type { MasterKey } from './master-key.ts';

/** The scope of the data key that belongs to no company. */
export const providerScope = 'provider';

/** What a subkey is for. `blind-index` exists once, for the provider: limits on a number hold across companies. */
export type KeyPurpose =
  | 'seal'
  | 'binding-mac'
  | 'row-mac'
  | 'pepper-code'
  | 'pepper-recovery'
  | 'blind-index';

/** A data key as the store keeps it. */
export interface DataKeyRow {
  /** The company's identifier, or `provider`. */
  readonly scope: string;
  /** Counts up from 1 as the data key of a scope is replaced. */
  readonly version: number;
  readonly masterKeyId: string;
  readonly wrapped: Uint8Array;
}

/** An opened data key. What may be had of it are its subkeys, each derived once and kept. */
export interface DataKey {
  readonly scope: string;
  readonly version: number;
  /** @throws RangeError for the blind index of a company */
  subkey(purpose: KeyPurpose): KeyObject;
}

export interface Keyring {
  /** A fresh data key, wrapped by the first master key. */
  newDataKey(scope: string, version: number): DataKeyRow;
  /** Throws SecondringError `master-key-missing` or `sealed-value-unreadable`. */
  openDataKey(row: DataKeyRow): DataKey;
  /**
   * The same data key, wrapped by the first master key; the very same row where it already is. Store it only
   * where the row still names the old master key. Throws as `openDataKey`.
   */
  rewrap(row: DataKeyRow): DataKeyRow;
}

const dataKeyLength = 32;
const subkeyLength = 32;

/** @param masterKeys the first wraps, all unwrap */
export function createKeyring(masterKeys: readonly [MasterKey, ...MasterKey[]]): Keyring {
  const wrapping = masterKeys[0];
  const byId = new Map(masterKeys.map((masterKey) => [masterKey.id, masterKey]));

  function wrap(scope: string, version: number, bytes: Uint8Array): DataKeyRow {
    const wrapped = seal(wrapping.key, versionOf(wrapping), bytes, placeOf(scope, version));
    return { scope, version, masterKeyId: wrapping.id, wrapped };
  }

  function unwrap({ scope, version, masterKeyId, wrapped }: DataKeyRow): Buffer {
    const masterKey = byId.get(masterKeyId);
    if (masterKey === undefined) {
      const message = `The data key ${version} of ${scope} is wrapped by master key ${masterKeyId}, which is not given.`;
      throw new SecondringError('master-key-missing', message, {
        hint: 'Add the old master key after the new one, separated by a comma, until all data keys are rewrapped.',
      });
    }
    return open(masterKey.key, wrapped, placeOf(scope, version));
  }

  return {
    newDataKey: (scope, version) =>
      usingBytes(randomBytes(dataKeyLength), (bytes) => wrap(scope, version, bytes)),
    openDataKey: (row) =>
      usingBytes(unwrap(row), (bytes) => createDataKey(row.scope, row.version, createSecretKey(bytes))),
    rewrap: (row) => {
      if (row.masterKeyId === wrapping.id) return row;
      return usingBytes(unwrap(row), (bytes) => wrap(row.scope, row.version, bytes));
    },
  };
}

function createDataKey(scope: string, version: number, key: KeyObject): DataKey {
  const derived = new Map<KeyPurpose, KeyObject>();
  return {
    scope,
    version,
    subkey(purpose) {
      const known = derived.get(purpose);
      if (known !== undefined) return known;
      if (purpose === 'blind-index' && scope !== providerScope) {
        throw new RangeError('There is one blind index, and it is the provider’s');
      }
      const subkey = deriveSubkey(key, scope, version, purpose);
      derived.set(purpose, subkey);
      return subkey;
    },
  };
}

/** HKDF-SHA-256 (RFC 5869). No salt, because the data key is uniformly random (§3.1); the info says what for (§3.2). */
function deriveSubkey(dataKey: KeyObject, scope: string, version: number, purpose: KeyPurpose): KeyObject {
  const info = bindTo('secondring subkey v1', scope, String(version), purpose);
  const bytes = Buffer.from(hkdfSync('sha256', dataKey, Buffer.alloc(0), info, subkeyLength));
  return usingBytes(bytes, createSecretKey);
}

/** Zeroes key bytes after use. Best effort: what Node or the engine copied in between is out of reach. */
function usingBytes<Result>(bytes: Buffer, use: (bytes: Buffer) => Result): Result {
  try {
    return use(bytes);
  } finally {
    bytes.fill(0);
  }
}

/** A wrapped key names its master key too: the first four bytes of the id stand where a version is expected. */
function versionOf(masterKey: MasterKey): number {
  return Number.parseInt(masterKey.id.slice(0, 8), 16);
}

function placeOf(scope: string, version: number): Buffer {
  return bindTo('data_keys', scope, String(version));
}
