// The job that keeps the audit's tree up: it works when its second comes, one run at a time, complains once about one
// fault, and nothing of it is under way after it was stopped.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Store } from '#core/ports.ts';
import { leavesAtOnce } from '#flows/sequence-audit.ts';
import { type AuditPorts, appendEvents, auditPorts, origin } from '#test/support/audit.ts';
import { openTestStore, type TestStore } from '#test/support/open-test-store.ts';
import { type Every, startSequencer } from './sequencer.ts';

let world: TestStore;
let ports: AuditPorts;
beforeEach(async () => {
  world = await openTestStore('sqlite');
  ports = auditPorts(world);
});
afterEach(() => world.close());

/** A second that comes when the test says so. */
function virtual() {
  let tick: (() => void) | undefined;
  const every: Every = (ms, work) => {
    assert.equal(ms, 1000);
    tick = work;
    return () => {
      tick = undefined;
    };
  };
  return { every, tick: () => tick?.(), isTicking: () => tick !== undefined };
}

const rowsOf = async (sql: string) => (await world.raw.rows(sql)).length;

test('a second gives everything its place and signs it; the leaf of the key comes with the next one', async () => {
  const timer = virtual();
  const stop = startSequencer(ports, origin, timer.every);
  await appendEvents(world, leavesAtOnce + 3);
  timer.tick();
  await stop();
  // Stopped in the middle: the batch under way was finished, and no other begun.
  assert.equal((await world.store.auditTree()).size, leavesAtOnce);
  assert.equal(timer.isTicking(), false);

  const again = virtual();
  const stopAgain = startSequencer(ports, origin, again.every);
  again.tick();
  while ((await rowsOf('select id from audit_leaves where leaf_index is null')) > 0) {
    await turn();
    again.tick();
  }
  await stopAgain();
  assert.equal((await world.store.auditTree()).size, leavesAtOnce + 4);
  assert.ok((await rowsOf('select size from audit_checkpoints')) >= 1);
});

test('a run that takes longer than its second is not joined by a second one', async () => {
  let reads = 0;
  let goOn = () => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const store: Store = {
    ...world.store,
    async auditTree() {
      reads += 1;
      await gate;
      return world.store.auditTree();
    },
  };
  const timer = virtual();
  const stop = startSequencer({ ...ports, store }, origin, timer.every);
  for (let ticks = 0; ticks < 5; ticks += 1) timer.tick();
  let isStopped = false;
  const stopped = stop().then(() => {
    isStopped = true;
  });
  await turn();
  assert.deepEqual([reads, isStopped], [1, false]);
  goOn();
  await stopped;
});

test('a fault is logged once until it is over, and ends nothing', async () => {
  let isDown = true;
  const store: Store = {
    ...world.store,
    auditTree: () => (isDown ? Promise.reject(new Error('down')) : world.store.auditTree()),
  };
  const timer = virtual();
  const stop = startSequencer({ ...ports, store }, origin, timer.every);
  const tickAndSettle = async () => {
    timer.tick();
    for (let turns = 0; turns < 10; turns += 1) await turn();
  };
  await tickAndSettle();
  await tickAndSettle();
  assert.equal(ports.logged.length, 1);
  assert.match(ports.logged[0] ?? '', /audit verify/);
  isDown = false;
  await tickAndSettle();
  isDown = true;
  await tickAndSettle();
  assert.equal(ports.logged.length, 2);
  await stop();
});
