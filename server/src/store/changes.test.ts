// Every change there is, on both engines: what it does to the whole database when its condition holds, and that it
// is refused, named, and without a trace when it does not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Change } from '#core/changes.ts';
import { isFault } from '#core/errors.ts';
import { impossibleBindings } from '#test/support/change-examples/authenticators.ts';
import { everyChange } from '#test/support/change-examples/every-change.ts';
import type { Example } from '#test/support/change-examples/example.ts';
import { type Difference, differences, pictureOf } from '#test/support/database-differences.ts';
import { engines } from '#test/support/each-engine.ts';
import { newId, openSeededStore, type SeededStore } from '#test/support/seeded-store.ts';

const isUnavailable = (error: unknown) => isFault(error, 'store-unavailable');

/** What an inserted row has that cannot be said beforehand. */
const derived = ['canonical', 'leaf_hash', 'bound_leaf_hash', 'private_key'];

test('no change of the union was forgotten', () => {
  const source = readFileSync(new URL('../core/changes.ts', import.meta.url), 'utf8');
  const names = [...source.matchAll(/readonly change: '([^']+)'/g)].map((match) => match[1]);
  assert.ok(names.length >= 28, 'the source was read');
  assert.deepEqual(Object.keys(everyChange).toSorted(), names.toSorted());
});

/** These take away what other examples stand on. */
const alone: readonly string[] = ['provider.create', 'expired.remove'];

for (const engine of engines) {
  describe(engine, () => {
    let shared: SeededStore;
    before(async () => {
      shared = await openSeededStore(engine);
    });
    after(() => shared.close());

    for (const [name, example] of Object.entries(everyChange)) {
      describe(name, () => {
        let own: SeededStore | undefined;
        before(async () => {
          if (alone.includes(name)) own = await openSeededStore(engine);
        });
        after(() => own?.close());
        testExamples(example, () => own ?? shared);
      });
    }
    describe('bindings that cannot be', () => testImpossibleBindings(() => shared));
  });
}

function testExamples({ applied, refused, faults = {} }: Example, openedWorld: () => SeededStore): void {
  for (const [how, make] of Object.entries(applied)) {
    test(`applied: ${how}`, async () => {
      const world = openedWorld();
      const { changes, does } = await make(world);
      const was = await pictureOf(world.raw);
      assert.deepEqual(await world.store.commit(changes), { committed: true });
      compare(differences(was, await pictureOf(world.raw)), does);
    });
  }

  for (const [why, make] of Object.entries(refused)) {
    test(`refused: ${why}`, async () => {
      const world = openedWorld();
      const change = await make(world);
      const verdict = { committed: false, refused: change };
      await expectNoTrace(world, async () => assert.deepEqual(await world.store.commit([change]), verdict));
      // What stands before it and after it in a list is undone with it.
      const list = [untouched(world), change, untouched(world)];
      await expectNoTrace(world, async () => assert.deepEqual(await world.store.commit(list), verdict));
    });
  }

  for (const [what, make] of Object.entries(faults)) {
    test(`a fault: ${what}`, async () => {
      const world = openedWorld();
      const change = await make(world);
      await expectNoTrace(world, () => assert.rejects(world.store.commit([change]), isUnavailable));
      const list = [untouched(world), change, untouched(world)];
      await expectNoTrace(world, () => assert.rejects(world.store.commit(list), isUnavailable));
    });
  }
}

function testImpossibleBindings(openedWorld: () => SeededStore): void {
  for (const [what, make] of Object.entries(impossibleBindings)) {
    test(what, async () => {
      const world = openedWorld();
      const changes = await make(world);
      await expectNoTrace(world, () => assert.rejects(world.store.commit(changes), isUnavailable));
    });
  }

  test('a binding without its audit event in the same commit', async () => {
    const world = openedWorld();
    const changes = await impossibleBindings['an enrollment that was never begun']?.(world);
    const alone = changes?.filter(({ change }) => change === 'authenticator.bind') ?? [];
    assert.equal(alone.length, 1);
    await expectNoTrace(world, () =>
      assert.rejects(world.store.commit(alone), (error) => isFault(error, 'commit-malformed')),
    );
  });
}

/** A change that always holds, of a row that nothing else touches. */
function untouched(world: SeededStore): Change {
  const nowMs = world.clock.nowMs();
  return { change: 'try.add', key: newId(), nowMs, windowStartMs: nowMs - 1, expiresAtMs: nowMs + 1 };
}

async function expectNoTrace(world: SeededStore, work: () => Promise<void>): Promise<void> {
  const was = await pictureOf(world.raw);
  await work();
  assert.deepEqual(differences(was, await pictureOf(world.raw)), []);
}

/** The same rows came, changed and went; of what went, only what is expected of it is looked at. */
function compare(found: readonly Difference[], expected: readonly Difference[]): void {
  const outline = (list: readonly Difference[]) => list.map(({ table, row }) => `${table} ${row}`).toSorted();
  assert.deepEqual(outline(found), outline(expected), JSON.stringify(found, undefined, 1));
  const remaining = [...found];
  for (const { table, row, columns } of expected) {
    const wanted = Object.entries(columns).filter(([, value]) => value !== undefined);
    const index = remaining.findIndex(
      (one) =>
        one.table === table &&
        one.row === row &&
        wanted.every(([column, value]) => one.columns[column] === value),
    );
    const [match] = index < 0 ? [] : remaining.splice(index, 1);
    assert.ok(match, `no ${table} ${row} ${JSON.stringify(columns)} in ${JSON.stringify(remaining)}`);
    const unsaid = Object.keys(match.columns).filter((column) => !(column in columns));
    if (row !== 'removed')
      assert.deepEqual(
        unsaid.filter((column) => !derived.includes(column)),
        [],
      );
  }
}
