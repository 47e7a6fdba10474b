// The data keys of companies and of the provider, opened once and kept for ten minutes. Without the master key the
// rows of data_keys open nothing, and with them nothing else in the database does.

import { SecondringError } from '#core/errors.ts';
import { keyVersionOf } from '#custody/aead.ts';
import type { DataKey, DataKeyRow, Keyring } from '#custody/keyring.ts';
import type { Engine } from './engine.ts';
import * as custody from './queries/custody.ts';
import { bytes, number, text } from './rows.ts';

/** How soon keys are read anew for a MAC that fits none of them: forged rows must not cost a read each. */
const rereadAfterMs = 1000;
/** How long an opened data key is kept, in milliseconds. */
export const dataKeyKeptMs = 10 * 60 * 1000;

export interface DataKeys {
  /** The newest data key of a company or of the provider: what is sealed now is sealed with it. */
  get(scope: string): Promise<DataKey>;
  /** The data key that sealed a value. */
  opening(scope: string, sealed: Uint8Array): Promise<DataKey>;
  /** The data key of that version. */
  ofVersion(scope: string, version: number): Promise<DataKey>;
  /** All data keys of a scope, the newest first; read anew when asked to. */
  all(scope: string, afresh?: boolean): Promise<readonly DataKey[]>;
  /** A new data key's row, for a scope that is being created. */
  create(scope: string): DataKeyRow;
}

/** Looks up, opens and keeps data keys. */
export function createDataKeys(engine: Engine, keyring: Keyring, nowMs: () => number): DataKeys {
  /** Of each scope its opened data keys, the newest first. */
  const kept = new Map<string, { readonly keys: readonly DataKey[]; readonly untilMs: number }>();

  async function keysOf(scope: string): Promise<readonly DataKey[]> {
    const held = kept.get(scope);
    if (held !== undefined && nowMs() < held.untilMs) return held.keys;
    const keys = (await engine.read(custody.dataKeys, { scope })).map((row) =>
      keyring.openDataKey({
        scope: text(row, 'scope'),
        version: number(row, 'version'),
        masterKeyId: text(row, 'master_key_id'),
        wrapped: bytes(row, 'wrapped'),
      }),
    );
    if (keys.length > 0) kept.set(scope, { keys, untilMs: nowMs() + dataKeyKeptMs });
    return keys;
  }

  async function ofVersion(scope: string, version: number): Promise<DataKey> {
    const find = async () => (await keysOf(scope)).find((key) => key.version === version);
    const known = await find();
    if (known !== undefined) return known;
    // Another replica may have replaced the key since these were read.
    kept.delete(scope);
    return (await find()) ?? missing(scope);
  }

  return {
    async get(scope) {
      const [newest] = await keysOf(scope);
      return newest ?? missing(scope);
    },
    opening: async (scope, sealed) => ofVersion(scope, keyVersionOf(sealed)),
    ofVersion,
    async all(scope, afresh = false) {
      const readAtMs = (kept.get(scope)?.untilMs ?? 0) - dataKeyKeptMs;
      if (afresh && Math.abs(nowMs() - readAtMs) >= rereadAfterMs) kept.delete(scope);
      return keysOf(scope);
    },
    create: (scope) => keyring.newDataKey(scope, 1),
  };
}

function missing(scope: string): never {
  throw new SecondringError('sealed-value-unreadable', `The data key of ${scope} is not there.`);
}
