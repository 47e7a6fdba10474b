// What makes PostgreSQL fast enough and right under load: a commit is one round trip, a commit that is refused costs
// no connection, and two lists that lock the same rows in opposite order are both applied.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
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
    const { roundTrips } = listenIn(context);
    await commitAll(world, ...list);
    assert.equal(await roundTrips(), 1);
    await world.store.commit([added(newId()), added(newId()), refused]);
    assert.equal(await roundTrips(), 2);
    await world.store.signIn('any');
    assert.equal(await roundTrips(), 3);
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

  test('two lists that lock the same rows in opposite order, until they block each other: no fault', async (context) => {
    // The real limit is a second; what is tested is what comes after it.
    const database = new URL(world.databaseUrl).pathname.slice(1);
    await world.raw.run(`alter database ${database} set deadlock_timeout = '5ms'`);
    const store = await world.openReplica();
    const { errors } = listenIn(context);
    const rows = Array.from({ length: 6 }, newId);
    let times = 0;
    // When two statements meet is the machine's to say; without a deadlock nothing would have been tested.
    while (!errors.includes('40P01') && times < 5000) {
      times += 1;
      const outcomes = await Promise.all([
        store.commit(rows.map(added)),
        store.commit(rows.toReversed().map(added)),
      ]);
      assert.ok(outcomes.every(({ committed }) => committed));
    }
    for (const key of rows) assert.equal((await store.tries([key])).get(key)?.count, 2 * times);
    assert.deepEqual(new Set(errors), new Set(['40P01']));
  });

  test('a connection that breaks while it is idle is replaced', async () => {
    await Promise.all(Array.from({ length: 4 }, () => world.store.commit([added(newId())])));
    await world.raw.rows(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'secondring' and datname = current_database()`,
    );
    await noConnections(world);
    // The pool's own sockets have their news by now; one turn of the event loop and it has read them.
    await setImmediate();
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

/** Listens in on what the servers answer: how often they are ready for the next query, and with which errors. */
function listenIn(context: TestContext) {
  const errors: unknown[] = [];
  const connections = new Set<NodeJS.EventEmitter>();
  const answers: Promise<void>[] = [];
  const query = pg.Client.prototype.query as (...values: unknown[]) => unknown;
  context.mock.method(pg.Client.prototype, 'query', function (this: pg.Client, ...values: unknown[]) {
    const { connection } = this as unknown as { connection: NodeJS.EventEmitter };
    if (!connections.has(connection)) {
      connections.add(connection);
      connection.on('errorMessage', ({ code }: { code: unknown }) => errors.push(code));
    }
    answers.push(new Promise((resolve) => connection.once('readyForQuery', resolve)));
    return query.apply(this, values);
  });
  return {
    errors,
    async roundTrips() {
      await Promise.all(answers);
      return answers.length;
    },
  };
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
