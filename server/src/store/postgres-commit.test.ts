// What makes PostgreSQL fast enough and right under load: a commit is one round trip, a commit that is refused costs
// no connection, and two lists that lock the same rows in opposite order are both applied.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import pg from 'pg';
import type { Change } from '#core/changes.ts';
import { isFault } from '#core/errors.ts';
import { engines, freshPostgresDatabase } from '#test/support/each-engine.ts';
import {
  anEvent,
  bindingOf,
  commitAll,
  newId,
  openSeededStore,
  type SeededStore,
} from '#test/support/seeded-store.ts';
import { openStore } from './open-store.ts';

const added = (key: string): Change => ({
  change: 'try.add',
  ...{ key, nowMs: 5000, windowStartMs: 4000, expiresAtMs: 6000 },
});
const refused: Change = { change: 'challenge.consume', id: 'none', nowMs: 1 };

describe('postgres', { skip: !engines.includes('postgres') }, () => {
  let world: SeededStore;
  before(async () => {
    world = await openSeededStore('postgres');
  });
  after(() => world.close());

  test('a commit is one round trip, however long its list is and also the first time', async (context) => {
    const account = await world.newAccount();
    const enrollment = await world.newEnrollment('totp', account);
    const list = [
      ...bindingOf(enrollment, newId(), 0),
      ...['a', 'b', 'c'].map((key) => added(`${newId()} ${key}`)),
      { change: 'audit.append', event: anEvent() } as const,
      { change: 'sign-in.announce', id: newId() } as const,
    ];
    const trips = countRoundTrips(context);
    await commitAll(world, ...list);
    assert.equal(trips(), 1);
    await world.store.commit([...list.slice(4, 5), refused]);
    assert.equal(trips(), 2);
    await world.store.signIn('any');
    assert.equal(trips(), 3);
  });

  test('a commit that is refused or fails leaves the connection it came over open', async () => {
    await Promise.all(Array.from({ length: 8 }, () => world.store.commit([added(newId())])));
    const before = await connections(world);
    for (let times = 0; times < 20; times += 1) {
      assert.equal((await world.store.commit([refused])).committed, false);
    }
    const wrong: Change = { change: 'audit.append', event: anEvent() };
    await commitAll(world, wrong);
    await assert.rejects(world.store.commit([wrong]), (error) => isFault(error, 'store-unavailable'));
    assert.deepEqual(await connections(world), before);
  });

  test('two lists that lock two rows in opposite order, 100 times: deadlocks, and no fault', async () => {
    // The real limit is a second; what is tested is what comes after it.
    const database = new URL(world.databaseUrl).pathname.slice(1);
    await world.raw.run(`alter database ${database} set deadlock_timeout = '5ms'`);
    const store = await world.openReplica();
    const [one, two] = [newId(), newId()];
    for (let times = 0; times < 100; times += 1) {
      const outcomes = await Promise.all([
        store.commit([added(one), added(two)]),
        store.commit([added(two), added(one)]),
      ]);
      assert.ok(outcomes.every(({ committed }) => committed));
    }
    const tries = await store.tries([one, two]);
    assert.deepEqual([tries.get(one)?.count, tries.get(two)?.count], [200, 200]);
    const [statistics] = await world.raw.rows(
      'select pg_stat_get_db_deadlocks(oid) as deadlocks from pg_database where datname = current_database()',
    );
    assert.ok(Number(statistics?.deadlocks) > 0, 'otherwise nothing was tested');
  });

  test('a connection that breaks while it is idle is replaced', async () => {
    await Promise.all(Array.from({ length: 4 }, () => world.store.commit([added(newId())])));
    await world.raw.rows(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'secondring' and datname = current_database()`,
    );
    await noConnections(world);
    await commitAll(world, added(newId()));
  });

  test('acknowledged means on disk', async () => {
    const settings = await Promise.all(
      ['fsync', 'synchronous_commit'].map((name) => world.raw.rows(`show ${name}`)),
    );
    assert.deepEqual(
      settings.flat().map((row) => ({ ...row })),
      [{ fsync: 'on' }, { synchronous_commit: 'on' }],
    );
  });

  test('no server, no database, no right: one fault that says so', async () => {
    const { drop, url } = await freshPostgresDatabase();
    await drop();
    const nowhere = ['postgres://127.0.0.1:1/none', url];
    for (const databaseUrl of nowhere) {
      const loadKeys = () => assert.fail('the keys are of no use yet');
      await assert.rejects(
        openStore({ databaseUrl, loadKeys, nowMs: () => 0 }),
        (error) => isFault(error, 'store-unavailable') && /SECONDRING_DATABASE_URL/.test(error.hint ?? ''),
      );
    }
  });
});

/** Counts how often a server was ready for the next query, which is once for each round trip. */
function countRoundTrips(context: TestContext): () => number {
  let trips = 0;
  const query = pg.Client.prototype.query as (...values: unknown[]) => unknown;
  context.mock.method(pg.Client.prototype, 'query', function (this: pg.Client, ...values: unknown[]) {
    const { connection } = this as unknown as { connection: NodeJS.EventEmitter };
    connection.once('readyForQuery', () => {
      trips += 1;
    });
    return query.apply(this, values);
  });
  return () => trips;
}

async function connections(world: SeededStore): Promise<number[]> {
  const rows = await world.raw.rows(
    `select pid from pg_stat_activity
     where application_name = 'secondring' and datname = current_database() order by pid`,
  );
  return rows.map(({ pid }) => Number(pid));
}

/** What was told to end takes a moment to be gone. */
async function noConnections(world: SeededStore): Promise<void> {
  while ((await connections(world)).length > 0);
}
