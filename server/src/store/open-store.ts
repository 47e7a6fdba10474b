// Opens the store the configuration names: engine, schema, master key, port, in this order. Whatever is wrong stops
// the start with a sentence that says what to do.

import { fileURLToPath } from 'node:url';
import { SecondringError } from '#core/errors.ts';
import type { Peppers, Store } from '#core/ports.ts';
import { createKeyring, type Keyring, providerScope } from '#custody/keyring.ts';
import { checkMasterKeys, checkValueOf, type MasterKey, type MasterKeyCheck } from '#custody/master-key.ts';
import type { LoadedMasterKeys } from '#custody/master-key-file.ts';
import type { Engine } from './engine.ts';
import { migrate } from './migrate.ts';
import * as custody from './queries/custody.ts';
import { bytes, text } from './rows.ts';
import { openSqlite } from './sqlite.ts';
import { createStore } from './store.ts';

export interface OpenedStore {
  readonly store: Store & Peppers;
  readonly kind: Engine['kind'];
  /** The migrations that were applied just now. */
  readonly migrated: readonly string[];
  readonly masterKeySource: LoadedMasterKeys['source'];
}

/**
 * @param databaseUrl `sqlite:PATH` or `postgres://…`
 * @param loadKeys given whether the store is empty and may get its first key, supplies the master keys
 * @throws SecondringError `configuration-invalid`, `store-unavailable`, `store-newer`, `master-key-…`
 */
export async function openStore(input: {
  readonly databaseUrl: string;
  readonly loadKeys: (storeIs: { readonly empty: boolean; readonly embedded: boolean }) => LoadedMasterKeys;
  readonly nowMs: () => number;
}): Promise<OpenedStore> {
  const engine = await openEngine(input.databaseUrl);
  try {
    const migrated = await migrate(engine, input.nowMs());
    const stored = (await engine.read(custody.masterKeyChecks, {})).map(
      (row): MasterKeyCheck => ({
        masterKeyId: text(row, 'master_key_id'),
        checkValue: bytes(row, 'check_value'),
      }),
    );
    const loaded = input.loadKeys({ empty: stored.length === 0, embedded: engine.kind === 'sqlite' });
    checkMasterKeys(stored, loaded.keys);
    await recordChecks(engine, loaded.keys, input.nowMs());
    const keyring = createKeyring(loaded.keys);
    await createProviderKey(engine, keyring, input.nowMs());
    const store = createStore(engine, keyring, input.nowMs);
    return { store, kind: engine.kind, migrated, masterKeySource: loaded.source };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Opens the engine that a database URL names. */
export async function openEngine(databaseUrl: string): Promise<Engine> {
  if (/^postgres(ql)?:\/\//.test(databaseUrl)) {
    // Its driver is loaded only where it is used.
    const { openPostgres } = await import('./postgres.ts');
    return openPostgres(databaseUrl);
  }
  if (databaseUrl.startsWith('sqlite:')) return openSqlite(sqlitePath(databaseUrl));
  throw new SecondringError(
    'configuration-invalid',
    `The database ${databaseUrl.split(':')[0]}: is not known.`,
    {
      hint: 'Set SECONDRING_DATABASE_URL to sqlite:PATH or to postgres://USER@HOST/NAME.',
    },
  );
}

function sqlitePath(databaseUrl: string): string {
  return databaseUrl.startsWith('sqlite://')
    ? fileURLToPath(databaseUrl.replace('sqlite:', 'file:'))
    : databaseUrl.slice('sqlite:'.length);
}

/** Signing keys are sealed before anything else is made, so the key that seals them is there from the start. */
async function createProviderKey(engine: Engine, keyring: Keyring, nowMs: number): Promise<void> {
  const present = await engine.read(custody.dataKeys, { scope: providerScope });
  if (present.length > 0) return;
  // Of replicas that start at once one makes it; the others' is refused and theirs forgotten.
  const values = { ...keyring.newDataKey(providerScope, 1), nowMs };
  await engine.apply([{ statement: custody.createDataKey, values, position: 0 }]);
}

async function recordChecks(engine: Engine, keys: readonly MasterKey[], nowMs: number): Promise<void> {
  await engine.apply(
    keys.map((key, position) => ({
      statement: custody.createMasterKeyCheck,
      values: { masterKeyId: key.id, checkValue: checkValueOf(key), nowMs },
      position,
    })),
  );
}
