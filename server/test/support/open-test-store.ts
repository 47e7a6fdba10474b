// A fresh store for one test: a new file or a new database, migrated, sealed under a master key of its own, on a
// clock that stands still until it is moved.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Peppers, Store } from '#core/ports.ts';
import { parseMasterKeys } from '#custody/master-key.ts';
import { openStore } from '#store/open-store.ts';
import { type Engine, freshPostgresDatabase, temporaryFolder } from './each-engine.ts';
import { openRawDatabase, type RawDatabase } from './raw-database.ts';

export interface TestClock {
  readonly nowMs: () => number;
  /** Moves it; a negative number sets it back. */
  readonly advance: (ms: number) => void;
}

export interface TestStore {
  readonly engine: Engine;
  readonly store: Store & Peppers;
  readonly clock: TestClock;
  readonly databaseUrl: string;
  /** As SECONDRING_MASTER_KEY takes it. */
  readonly masterKey: string;
  /** A second connection, behind the store's back. */
  readonly raw: RawDatabase;
  /** One more store on the same database, as another replica has it; closed with this one. */
  readonly openReplica: () => Promise<Store & Peppers>;
  /** Closes everything and removes the database. */
  readonly close: () => Promise<void>;
}

/** A moment without meaning, so that a test that leans on the real time shows. */
const beginningMs = Date.UTC(2031, 4, 6, 7, 8, 9);

export async function openTestStore(engine: Engine): Promise<TestStore> {
  const place = await placeFor(engine);
  const masterKey = randomBytes(32).toString('base64');
  let now = beginningMs;
  const clock: TestClock = {
    nowMs: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
  const open = async () => {
    const loadKeys = () => ({ keys: parseMasterKeys(masterKey), source: 'value' }) as const;
    return (await openStore({ databaseUrl: place.url, loadKeys, nowMs: clock.nowMs })).store;
  };
  try {
    const store = await open();
    const raw = await openRawDatabase(place.url);
    const opened: { readonly close: () => Promise<void> }[] = [raw, store];
    return {
      engine,
      store,
      clock,
      databaseUrl: place.url,
      masterKey,
      raw,
      async openReplica() {
        const replica = await open();
        opened.push(replica);
        return replica;
      },
      async close() {
        for (const one of opened) await one.close();
        await place.remove();
      },
    };
  } catch (error) {
    await place.remove();
    throw error;
  }
}

/** An empty database of an engine, not opened yet. */
export async function placeFor(
  engine: Engine,
): Promise<{ readonly url: string; readonly remove: () => Promise<void> }> {
  if (engine === 'postgres') {
    const database = await freshPostgresDatabase();
    return { url: database.url, remove: database.drop };
  }
  const folder = temporaryFolder();
  return { url: `sqlite:${join(folder.path, 'store.db')}`, remove: async () => folder.remove() };
}
