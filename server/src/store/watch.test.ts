// A browser that waits at one replica hears of what happened at another. Announcements go with the commit: none
// before it, none for one that did not happen, and none is missed for good when the connection breaks.
import assert from 'node:assert/strict';
import { after, before, describe, mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Store } from '#core/ports.ts';
import { engines } from '#test/support/each-engine.ts';
import { commitAll, newId, openSeededStore, type SeededStore } from '#test/support/seeded-store.ts';

const announced = (id: string) => ({ change: 'sign-in.announce', id }) as const;
/** The watchers' own looking again, which would otherwise come in between on a slow machine. */
const lookAgainMs = 2000;

const refused = { change: 'challenge.consume', id: 'none', nowMs: 1 } as const;

/** Watches, and tells how often it was called and when it is called next. */
function watching(store: Store, id: string) {
  let calls = 0;
  let waiting: (() => void)[] = [];
  const stop = store.watch(id, () => {
    calls += 1;
    for (const call of waiting.splice(0)) call();
    waiting = [];
  });
  return {
    stop,
    calls: () => calls,
    next: () => new Promise<void>((resolve) => waiting.push(resolve)),
  };
}

before(() => mock.timers.enable({ apis: ['setInterval'] }));
after(() => mock.timers.reset());

for (const engine of engines) {
  describe(engine, () => {
    let world: SeededStore;
    before(async () => {
      world = await openSeededStore(engine);
      if (engine === 'postgres') await listening(world, [world.store]);
    });
    after(() => world.close());

    test('who watches a sign-in is called once for each commit that announces it, and nobody else is', async () => {
      const [id, otherId] = [newId(), newId()];
      const [first, second, other] = [
        watching(world.store, id),
        watching(world.store, id),
        watching(world.store, otherId),
      ];
      for (const times of [1, 2, 3]) {
        const called = Promise.all([first.next(), second.next()]);
        await commitAll(world, announced(id));
        await called;
        assert.deepEqual([first.calls(), second.calls(), other.calls()], [times, times, 0]);
      }
      first.stop();
      const called = second.next();
      await commitAll(world, announced(id));
      await called;
      assert.deepEqual([first.calls(), second.calls()], [3, 4]);
      second.stop();
      other.stop();
      // Stopping twice, and announcing what nobody watches, is nothing.
      second.stop();
      await commitAll(world, announced(id));
    });

    test('a watcher looks for itself every two seconds, and no longer once it has stopped', async () => {
      const [first, second] = [watching(world.store, newId()), watching(world.store, newId())];
      mock.timers.tick(lookAgainMs - 1);
      assert.deepEqual([first.calls(), second.calls()], [0, 0]);
      mock.timers.tick(1);
      assert.deepEqual([first.calls(), second.calls()], [1, 1]);
      first.stop();
      mock.timers.tick(2 * lookAgainMs);
      assert.deepEqual([first.calls(), second.calls()], [1, 3]);
      second.stop();
      mock.timers.tick(lookAgainMs);
      assert.equal(second.calls(), 3);
      // Who comes after everybody had gone is looked after again.
      const later = watching(world.store, newId());
      mock.timers.tick(lookAgainMs);
      assert.equal(later.calls(), 1);
      later.stop();
    });

    test('stopping twice does not end the watch of who came in between', async () => {
      const id = newId();
      const first = watching(world.store, id);
      first.stop();
      const second = watching(world.store, id);
      first.stop();
      const called = second.next();
      await commitAll(world, announced(id));
      await called;
      second.stop();
    });

    test('two watches of one sign-in by one listener end one by one', async () => {
      const id = newId();
      const watch = watching(world.store, id);
      const again = watching(world.store, id);
      again.stop();
      const called = watch.next();
      await commitAll(world, announced(id));
      await called;
      assert.deepEqual([watch.calls(), again.calls()], [1, 0]);
      watch.stop();
    });

    test('a commit that did not happen announces nothing, and what it stands beside is announced', async () => {
      const [id, nextId] = [newId(), newId()];
      const [watch, next] = [watching(world.store, id), watching(world.store, nextId)];
      const called = next.next();
      await world.store.commit([announced(id), refused]);
      await world.store.commit([refused, announced(id)]);
      await commitAll(world, announced(nextId));
      // Announcements keep their order, so what was announced before this would have been heard by now.
      await called;
      assert.deepEqual([watch.calls(), next.calls()], [0, 1]);
      watch.stop();
      next.stop();
    });

    test('what an announcement is about can be read when it is heard', async () => {
      const signIn = await world.newSignInOf();
      const watch = watching(world.store, signIn.id);
      const read = watch.next().then(() => world.store.signIn(signIn.id));
      const next = { ...signIn, revision: signIn.revision + 1, state: 'proven' as const };
      const advance = { change: 'sign-in.advance', next, nowMs: world.clock.nowMs() } as const;
      await commitAll(world, advance, announced(signIn.id));
      assert.equal((await read)?.signIn.state, 'proven');
      watch.stop();
    });
  });
}

describe('across replicas', { skip: !engines.includes('postgres') }, () => {
  let world: SeededStore;
  let replica: Store;
  before(async () => {
    world = await openSeededStore('postgres');
    replica = await world.openReplica();
    await listening(world, [world.store, replica]);
  });
  after(() => world.close());

  test('nothing is listened to before somebody watches', async () => {
    const quiet = await world.openReplica();
    const [before] = await world.raw.rows(listeners);
    const watch = watching(quiet, newId());
    // Being connected it has every watcher look.
    await watch.next();
    const [after] = await world.raw.rows(listeners);
    assert.equal(Number(after?.['count']), Number(before?.['count']) + 1);
    watch.stop();
  });

  test('what one replica commits the other hears, and only that', async () => {
    const [id, otherId] = [newId(), newId()];
    const [here, there, other] = [
      watching(world.store, id),
      watching(replica, id),
      watching(replica, otherId),
    ];
    const called = Promise.all([here.next(), there.next()]);
    await commitAll(world, announced(id));
    await called;
    const calledBack = Promise.all([here.next(), there.next()]);
    assert.deepEqual(await replica.commit([announced(id)]), { committed: true });
    await calledBack;
    assert.deepEqual([here.calls(), there.calls(), other.calls()], [2, 2, 0]);
    for (const watch of [here, there, other]) watch.stop();
  });

  test('after its connection was cut a replica looks for itself at everything, and hears again', async () => {
    const ids = [newId(), newId()];
    const watches = ids.map((id) => watching(replica, id));
    const looked = Promise.all(watches.map((watch) => watch.next()));
    // Whatever is announced from here until it listens again is lost on it.
    await world.raw.rows(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'secondring listener' and datname = current_database()`,
    );
    await commitAll(world, announced(ids[0] ?? ''));
    await looked;
    const [first] = watches;
    const called = first?.next();
    await commitAll(world, announced(ids[0] ?? ''));
    await called;
    for (const watch of watches) watch.stop();
  });
});

const listeners = `select count(*) as count from pg_stat_activity
  where application_name = 'secondring listener' and datname = current_database()`;

/** Waits until all these stores listen: watching once is what makes them, and they look for themselves when they do. */
async function listening(world: SeededStore, stores: readonly Store[]): Promise<void> {
  const id = newId();
  const watches = stores.map((store) => watching(store, id));
  await Promise.all(watches.map((watch) => watch.next()));
  const heard = Promise.all(watches.map((watch) => watch.next()));
  await commitAll(world, announced(id));
  await heard;
  await setImmediate();
  for (const watch of watches) watch.stop();
}
