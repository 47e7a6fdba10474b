// The embedded store's group commit: all lists waiting in one turn of the event loop share one transaction. They share
// nothing else: a list that is refused or that fails leaves its neighbours alone, and when the transaction itself is
// lost nobody is told that anything is on disk.
import assert from 'node:assert/strict';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { afterEach, beforeEach, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Change } from '#core/changes.ts';
import { isFault } from '#core/errors.ts';
import { openTestStore, placeFor, type TestStore } from '#test/support/open-test-store.ts';
import { anEvent, newHash, newId } from '#test/support/seeded-store.ts';
import type { Engine } from './engine.ts';
import { migrate } from './migrate.ts';
import { openEngine } from './open-engine.ts';
import { addTry } from './queries/sign-ins.ts';

let world: TestStore;
beforeEach(async () => {
  world = await openTestStore('sqlite');
});
afterEach(() => world.close());

const added = (key: string): Change => ({
  change: 'try.add',
  ...{ key, nowMs: 5000, windowStartMs: 4000, expiresAtMs: 6000 },
});
const refused: Change = { change: 'challenge.consume', id: 'none', nowMs: 1 };
/** Of an account that is not there, which the schema forbids. */
const failing: Change = {
  change: 'session.begin',
  session: {
    id: newId(),
    accountId: 'nobody',
    companyId: 'none',
    proofs: [],
    createdAtMs: 1,
    expiresAtMs: 2,
  },
  ...{ signInId: newId(), tokenHash: newHash() },
};

/** Writes down how often the database is told to begin and to end a transaction. */
function recordTransactions(context: TestContext): () => string[] {
  const run = context.mock.method(StatementSync.prototype, 'run');
  return () =>
    run.mock.calls
      .map((call) => (call.this as StatementSync).sourceSQL)
      .filter((sql) => /^(begin|commit|rollback)\b(?! to)/.test(sql));
}

async function keysPresent(): Promise<string[]> {
  return (await world.raw.rows('select key from tries order by key')).map(({ key }) => String(key));
}

test('lists of one turn share one transaction, lists of the next turn another', async (context) => {
  const transactions = recordTransactions(context);
  await Promise.all(['a', 'b', 'c'].map((key) => world.store.commit([added(key)])));
  assert.deepEqual(transactions(), ['begin immediate', 'commit']);
  await world.store.commit([added('d')]);
  assert.deepEqual(transactions(), ['begin immediate', 'commit', 'begin immediate', 'commit']);
  assert.deepEqual(await keysPresent(), ['a', 'b', 'c', 'd']);
});

test('a crowd is taken in bites of 256, in its order, and all of it is served', async (context) => {
  const transactions = recordTransactions(context);
  const served: number[] = [];
  await Promise.all(
    Array.from({ length: 600 }, (_, place) =>
      world.store.commit([added('one row'), added(`row ${place}`)]).then(() => served.push(place)),
    ),
  );
  assert.equal(transactions().filter((sql) => sql === 'commit').length, 3);
  assert.deepEqual(
    served,
    served.toSorted((a, b) => a - b),
  );
  assert.equal((await world.store.tries(['one row'])).get('one row')?.count, 600);
});

test('refused and failing lists leave their neighbours alone', async (context) => {
  const transactions = recordTransactions(context);
  const lists: readonly (readonly Change[])[] = [
    [added('1')],
    [refused],
    [added('2 begins'), added('2 ends')],
    [added('3, undone'), refused, added('3, never')],
    [failing],
    [added('4, undone'), failing],
    [added('5, undone'), added('5, too'), failing, added('5, never')],
    [added('6'), { change: 'audit.append', event: anEvent() }],
  ];
  const outcomes = await Promise.allSettled(lists.map((list) => world.store.commit(list)));
  assert.deepEqual(transactions(), ['begin immediate', 'commit'], 'they were neighbours');
  assert.deepEqual(
    outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value.committed : (outcome.reason as { code: string }).code,
    ),
    [true, false, true, false, 'store-unavailable', 'store-unavailable', 'store-unavailable', true],
  );
  assert.deepEqual(await keysPresent(), ['1', '2 begins', '2 ends', '6']);
});

test('what is waiting when the store is closed is done first, and nothing is taken afterwards', async () => {
  const waiting = Promise.all(
    Array.from({ length: 300 }, (_, place) => world.store.commit([added(`${place}`)])),
  );
  // Changes become statements in a turn of their own before they wait.
  await Promise.resolve().then(() => Promise.resolve());
  await world.store.close();
  assert.ok((await waiting).every(({ committed }) => committed));
  assert.equal((await keysPresent()).length, 300);
  await assert.rejects(world.store.commit([added('late')]), (error) => isFault(error, 'store-unavailable'));
  await assert.rejects(world.store.providerName(), (error) => isFault(error, 'store-unavailable'));
  // A transaction that was still planned has nothing to do, and must find that out; a fault of it would end the process.
  const lookedMs = performance.now();
  while (performance.now() < lookedMs + 3) await setImmediate();
});

test('a full disk in the middle of a shared transaction: every list in it fails, none is half there', async () => {
  const place = await placeFor('sqlite');
  const engine = await openEngine(place.url);
  try {
    await migrate(engine, 1);
    await limitPages(engine, 4);
    const lists = [['small'], ['x'.repeat(100_000), 'never'], ['another small']];
    const outcomes = await Promise.allSettled(lists.map((keys) => engine.apply(keys.map(partOf))));
    for (const outcome of outcomes) {
      assert.equal(outcome.status, 'rejected');
      assert.ok(isFault(outcome.reason, 'store-unavailable'));
      assert.match(outcome.reason.hint ?? '', /disk is full/);
    }
    assert.deepEqual(await keysIn(engine), []);

    await limitPages(engine, 4000);
    assert.equal(await engine.apply([partOf('later')]), undefined);
    assert.deepEqual(await keysIn(engine), ['later']);
  } finally {
    await engine.close();
    await place.remove();
  }
});

test('another process that writes for too long: everything that waits is told, and it works again afterwards', async () => {
  const place = await placeFor('sqlite');
  const engine = await openEngine(place.url);
  const other = new DatabaseSync(place.url.slice('sqlite:'.length));
  try {
    await migrate(engine, 1);
    // Not to wait five seconds for it.
    await engine.runAlone((session) => session.run('pragma busy_timeout = 1'));
    other.exec('begin immediate');
    const outcomes = await Promise.allSettled([engine.apply([partOf('a')]), engine.apply([partOf('b')])]);
    for (const outcome of outcomes) {
      assert.ok(outcome.status === 'rejected' && isFault(outcome.reason, 'store-unavailable'));
    }
    other.exec('rollback');
    assert.equal(await engine.apply([partOf('c')]), undefined);
    assert.deepEqual(await keysIn(engine), ['c']);
  } finally {
    other.close();
    await engine.close();
    await place.remove();
  }
});

test('commits are synced: write-ahead log, synchronous in full', async () => {
  const place = await placeFor('sqlite');
  const engine = await openEngine(place.url);
  try {
    await engine.runAlone(async (session) => {
      assert.deepEqual({ ...(await session.rows('pragma synchronous'))[0] }, { synchronous: 2 });
      assert.deepEqual({ ...(await session.rows('pragma journal_mode'))[0] }, { journal_mode: 'wal' });
      assert.deepEqual({ ...(await session.rows('pragma secure_delete'))[0] }, { secure_delete: 2 });
      assert.deepEqual({ ...(await session.rows('pragma trusted_schema'))[0] }, { trusted_schema: 0 });
    });
  } finally {
    await engine.close();
    await place.remove();
  }
});

function partOf(key: string) {
  const values = { key, nowMs: 5000, windowStartMs: 4000, expiresAtMs: 6000 };
  return { statement: addTry, values, position: 0 };
}

/** Leaves the database so many pages more than it has. */
async function limitPages(engine: Engine, more: number): Promise<void> {
  await engine.runAlone(async (session) => {
    const [row] = await session.rows('pragma page_count');
    await session.run(`pragma max_page_count = ${Number(row?.page_count) + more}`);
  });
}

async function keysIn(engine: Engine): Promise<string[]> {
  const keys: string[] = [];
  await engine.runAlone(async (session) => {
    for (const { key } of await session.rows('select key from tries order by key')) keys.push(String(key));
  });
  return keys;
}
