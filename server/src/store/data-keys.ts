// The data keys of companies and of the provider, opened once and kept for ten minutes. Without the master key the
// rows of data_keys open nothing, and with them nothing else in the database does.

import { SecondringError } from '#core/errors.ts';
import type { DataKey, DataKeyRow, Keyring } from '#custody/keyring.ts';
import type { Engine } from './engine.ts';
import * as custody from './queries/custody.ts';

/** How long an opened data key is kept, in milliseconds. */
const keptMs = 10 * 60 * 1000;

export interface DataKeys {
  /** The current data key of a company or of the provider. */
  get(scope: string): Promise<DataKey>;
  /** A new data key's row, for a scope that is being created. */
  create(scope: string): DataKeyRow;
}

/** Looks up, opens and keeps data keys. */
export function createDataKeys(engine: Engine, keyring: Keyring, nowMs: () => number): DataKeys {
  const kept = new Map<string, { readonly key: DataKey; readonly untilMs: number }>();
  return {
    async get(scope) {
      const held = kept.get(scope);
      if (held !== undefined && nowMs() < held.untilMs) return held.key;
      const [row] = await engine.read(custody.dataKeys, { scope });
      if (row === undefined) {
        throw new SecondringError('sealed-value-unreadable', `There is no data key for ${scope}.`);
      }
      const key = keyring.openDataKey({
        scope: String(row['scope']),
        version: Number(row['version']),
        masterKeyId: String(row['master_key_id']),
        wrapped: row['wrapped'] as Uint8Array,
      });
      kept.set(scope, { key, untilMs: nowMs() + keptMs });
      return key;
    },
    create: (scope) => keyring.newDataKey(scope, 1),
  };
}
