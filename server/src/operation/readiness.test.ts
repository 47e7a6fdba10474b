// F-30 and S-11: who is not sure of the store, its schema, its keys or the time says so, and comes back by itself. Asked
// by however many, the store is looked at once a second.
import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import type { Log, StoreHealth } from '#core/ports.ts';
import { createReadiness } from './readiness.ts';

const healthy: StoreHealth = {
  engine: 'postgres',
  schema: '0001-foundation',
  schemaIsOurs: true,
  keysOpen: true,
  clockMs: undefined,
};
const nowMs = 1_900_000_000_000;

/** A readiness on a clock and a store that the test moves. */
function world() {
  let look: () => Promise<StoreHealth> = async () => healthy;
  let elapsed = 0;
  let looks = 0;
  const logged: string[] = [];
  const write = (level: string) => (facts: object, message: string) =>
    void logged.push(`${level} ${message} ${JSON.stringify(facts)}`);
  const log: Log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const readiness = createReadiness({
    look() {
      looks += 1;
      return look();
    },
    nowMs: () => nowMs,
    elapsedMs: () => elapsed,
    log,
  });
  return {
    readiness,
    logged,
    looks: () => looks,
    pass: (ms: number) => {
      elapsed += ms;
    },
    store: (next: typeof look) => {
      look = next;
    },
  };
}

describe('which checks fail', () => {
  const cases: readonly (readonly [string, Partial<StoreHealth>, readonly string[]])[] = [
    ['nothing', {}, []],
    ['another schema', { schemaIsOurs: false }, ['schema']],
    ['a key that does not open', { keysOpen: false }, ['keys']],
    ['a clock that is exactly right', { clockMs: nowMs }, []],
    ['a clock 2 s off', { clockMs: nowMs + 2000 }, []],
    ['a clock 5 s ahead', { clockMs: nowMs + 5000 }, []],
    ['a clock more than 5 s ahead', { clockMs: nowMs + 5001 }, ['clock']],
    ['a clock 45 s behind', { clockMs: nowMs - 45_000 }, ['clock']],
    ['all at once', { schemaIsOurs: false, keysOpen: false, clockMs: 0 }, ['schema', 'keys', 'clock']],
  ];
  for (const [name, health, failing] of cases) {
    test(name, async () => {
      const { readiness, store } = world();
      store(async () => ({ ...healthy, ...health }));
      assert.deepEqual(await readiness.ask(), failing);
    });
  }

  test('a store that fails, until it answers again', async () => {
    const { readiness, store, pass, logged } = world();
    store(async () => {
      throw new Error('no answer', { cause: new Error('refused at 127.0.0.1') });
    });
    assert.deepEqual(await readiness.ask(), ['store']);
    pass(1001);
    assert.deepEqual(await readiness.ask(), ['store']);
    store(async () => healthy);
    pass(1001);
    assert.deepEqual(await readiness.ask(), []);
    assert.deepEqual(
      logged.map((line) => line.split(' {')[0]),
      ['error not ready for requests', 'info ready for requests again'],
    );
    assert.match(logged[0] ?? '', /no answer.*refused at 127/);
  });

  test('a store that does not answer in time, without asking it again as long as it thinks', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const { readiness, store, pass, looks } = world();
      let answer: (health: StoreHealth) => void = () => undefined;
      store(
        () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      );
      const first = readiness.ask();
      mock.timers.tick(2000);
      assert.deepEqual(await first, ['store']);
      pass(1001);
      const second = readiness.ask();
      assert.equal(looks(), 1);
      answer(healthy);
      assert.deepEqual(await second, []);
    } finally {
      mock.timers.reset();
    }
  });
});

test('the log warns of clocks that drift apart before it is too late, once', async () => {
  const { readiness, store, pass, logged } = world();
  for (const skewMs of [0, 1900, 2100, 3000, 1000, -2500]) {
    store(async () => ({ ...healthy, clockMs: nowMs + skewMs }));
    pass(1001);
    assert.deepEqual(await readiness.ask(), []);
  }
  assert.deepEqual(
    logged.map((line) => line.split(' {')[0]),
    ["warn the database's clock and ours differ", "warn the database's clock and ours differ"],
  );
  assert.equal(readiness.skewMs(), -2500);
});

test('a thousand who ask at once, and for a second, cost one look', async () => {
  const { readiness, looks, pass } = world();
  await Promise.all(Array.from({ length: 1000 }, () => readiness.ask()));
  pass(999);
  await readiness.ask();
  assert.equal(looks(), 1);
  pass(2);
  await readiness.ask();
  assert.equal(looks(), 2);
});

test('who stops says so at once, and knows whether anybody is listening', async () => {
  const quiet = world();
  await quiet.readiness.failing();
  assert.equal(quiet.readiness.stop(), false);
  const watched = world();
  await watched.readiness.ask();
  watched.pass(29_000);
  assert.equal(watched.readiness.stop(), true);
  assert.deepEqual(await watched.readiness.ask(), ['stopping']);
  const forgotten = world();
  await forgotten.readiness.ask();
  forgotten.pass(31_000);
  assert.equal(forgotten.readiness.stop(), false);
});
