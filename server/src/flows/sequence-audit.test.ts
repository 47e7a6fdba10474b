// Leaves get their places once each, in order and without gap, whoever gives them and whenever that is interrupted; and
// the tree is signed when it is time.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { appendLeaves, emptyTree, rootOf } from '#core/merkle-tree.ts';
import type { Store } from '#core/ports.ts';
import {
  type AuditPorts,
  appendEvents,
  auditPorts,
  origin,
  sequenceAll,
  signNow,
} from '#test/support/audit.ts';
import { engines } from '#test/support/each-engine.ts';
import { openTestStore, type TestStore } from '#test/support/open-test-store.ts';
import { checkpointKeyOf, openCheckpoint } from './audit-checkpoint.ts';
import { auditKey } from './audit-keys.ts';
import { checkpointAudit, type SeenCheckpoint, sequenceAudit } from './sequence-audit.ts';
import { sha256 } from './sha256.ts';
import { verifyAudit } from './verify-audit.ts';

for (const engine of engines) {
  describe(engine, () => {
    let world: TestStore;
    let ports: AuditPorts;
    beforeEach(async () => {
      world = await openTestStore(engine);
      ports = auditPorts(world);
    });
    afterEach(() => world.close());

    const places = () =>
      world.raw.rows('select id, leaf_index, leaf_hash from audit_leaves order by leaf_index, at_ms, id');
    const idsInTree = async () =>
      (await places()).filter((row) => row.leaf_index !== null).map((row) => String(row.id));

    async function expectWhole(size: number): Promise<void> {
      const rows = await places();
      const indexed = rows.filter((row) => row.leaf_index !== null);
      assert.deepEqual(
        indexed.map((row) => row.leaf_index),
        Array.from({ length: size }, (_, place) => place),
      );
      const all = appendLeaves(
        sha256,
        emptyTree,
        indexed.map((row) => row.leaf_hash as Uint8Array),
      );
      const tree = await world.store.auditTree();
      assert.equal(tree.size, size);
      assert.deepEqual(rootOf(sha256, tree), rootOf(sha256, all));
      assert.equal((await verifyAudit(ports)).verdict, 'intact');
    }

    test('by time and then by id, a batch at a time; what comes late comes later', async () => {
      const ids = await appendEvents(world, 25, (place) => ({ atMs: 1000 + (place % 3) }));
      const rows = await world.raw.rows('select id from audit_leaves order by at_ms, id');
      const first = await sequenceAudit(ports, 10);
      assert.deepEqual([first.count, first.isFull, first.tree.size], [10, true, 10]);
      await expectWhole(10);
      await sequenceAll(ports, 10);
      assert.equal(ids.length, 25);
      const idsInOrder = rows.map((row) => String(row.id));
      assert.deepEqual(await idsInTree(), idsInOrder);
      const late = await appendEvents(world, 1, () => ({ atMs: 5 }));
      await sequenceAll(ports);
      assert.deepEqual(await idsInTree(), [...idsInOrder, ...late]);
      await expectWhole(26);
    });

    test('with nothing to do nothing is written', async () => {
      await appendEvents(world, 3);
      await sequenceAll(ports);
      const idle: Store = { ...world.store, commit: () => assert.fail('nothing to commit') };
      assert.equal((await sequenceAudit({ store: idle })).count, 0);
    });

    test('several replicas at once, while leaves come in: each leaf has one place and none is left', async () => {
      const replicas = [
        ports,
        auditPorts(world, await world.openReplica()),
        auditPorts(world, await world.openReplica()),
      ];
      let isComing = true;
      const coming = (async () => {
        for (let round = 0; round < 20; round += 1)
          await appendEvents(world, 10, () => ({ atMs: 1000 - round }));
        isComing = false;
      })();
      const lost = [0, 0, 0];
      await Promise.all([
        coming,
        ...replicas.map(async (replica, number) => {
          while (isComing || (await replica.store.leavesToIndex(1)).length > 0) {
            const { count } = await sequenceAudit(replica, 7);
            if (count === 0) lost[number] = (lost[number] ?? 0) + 1;
            await turn();
          }
        }),
      ]);
      await expectWhole(200);
      if (engine === 'postgres')
        assert.ok(
          lost.some((count) => count > 0),
          'they met',
        );
    });

    test('interrupted before the commit, or after it before the answer: the next run goes on', async () => {
      await appendEvents(world, 12);
      const cut = new Error('the power went');
      const before: Store = { ...world.store, commit: () => Promise.reject(cut) };
      const after: Store = {
        ...world.store,
        async commit(changes) {
          await world.store.commit(changes);
          throw cut;
        },
      };
      await assert.rejects(sequenceAudit({ store: before }, 5), cut);
      assert.equal((await world.store.auditTree()).size, 0);
      await assert.rejects(sequenceAudit({ store: after }, 5), cut);
      await expectWhole(5);
      // Between the places and the checkpoint.
      const key = () => auditKey(ports, origin);
      await assert.rejects(
        checkpointAudit({ ...ports, store: before }, key, await world.store.auditTree(), undefined),
        cut,
      );
      await signNow(ports);
      await expectWhole(13);
      assert.equal((await world.raw.rows('select * from audit_checkpoints')).length, 1);
    });

    test('a head that was changed by hand is gone on from by nobody', async () => {
      await appendEvents(world, 5);
      await sequenceAll(ports, 3);
      await world.raw.run('update audit_tree set size = 3');
      await appendEvents(world, 1);
      await assert.rejects(sequenceAudit(ports), { code: 'sealed-value-unreadable' });
    });

    test('a head that was set back cannot give a place twice', async () => {
      await appendEvents(world, 2);
      await sequenceAll(ports);
      const [row] = await world.raw.rows('select * from audit_tree');
      await appendEvents(world, 2);
      await sequenceAll(ports);
      await world.raw.run(
        'update audit_tree set size = $1, frontier = $2',
        row?.size ?? null,
        row?.frontier ?? null,
      );
      await appendEvents(world, 1);
      await assert.rejects(sequenceAudit(ports), { code: 'store-unavailable' });
      await world.raw.run('update audit_tree set size = 0, frontier = null');
      await assert.rejects(sequenceAudit(ports), { code: 'store-unavailable' });
    });

    describe('checkpoints', () => {
      const checkpoints = async () =>
        (await world.raw.rows('select size from audit_checkpoints order by size')).map((row) => row.size);
      const key = () => auditKey(ports, origin);
      const run = async (seen: SeenCheckpoint | undefined, replica = ports) => {
        await sequenceAll(replica);
        return checkpointAudit(replica, key, await replica.store.auditTree(), seen);
      };

      test('one when there is something, then ten seconds later and only with something new', async () => {
        assert.equal(await run(undefined), undefined);
        await key();
        await appendEvents(world, 2);
        let seen = await run(undefined);
        assert.deepEqual(await checkpoints(), [3]);
        await appendEvents(world, 1);
        world.clock.advance(9999);
        seen = await run(seen);
        assert.deepEqual(await checkpoints(), [3]);
        world.clock.advance(1);
        seen = await run(seen);
        assert.deepEqual(await checkpoints(), [3, 4]);
        world.clock.advance(60_000);
        seen = await run(seen);
        assert.deepEqual(await checkpoints(), [3, 4]);
        await appendEvents(world, 1);
        world.clock.advance(-3_600_000);
        await run(seen);
        assert.deepEqual(await checkpoints(), [3, 4, 5], 'a clock that was set back holds up nothing');
      });

      test('at once after a thousand leaves', async () => {
        await key();
        let seen = await run(undefined);
        await appendEvents(world, 998);
        seen = await run(seen);
        assert.deepEqual(await checkpoints(), [1]);
        await appendEvents(world, 2);
        await run(seen);
        assert.deepEqual(await checkpoints(), [1, 1001]);
      });

      test('one that another replica made is waited after as after an own one', async () => {
        const other = auditPorts(world, await world.openReplica());
        await key();
        let seen = await run(undefined);
        let seenThere: SeenCheckpoint | undefined = seen;
        world.clock.advance(10_000);
        await appendEvents(world, 1);
        seenThere = await run(seenThere, other);
        await appendEvents(world, 1);
        seen = await run(seen);
        assert.deepEqual(await checkpoints(), [1, 2]);
        world.clock.advance(10_000);
        await Promise.all([run(seen), run(seenThere, other)]);
        assert.deepEqual(await checkpoints(), [1, 2, 3]);
      });

      test('each says what the tree was, signed with the one key, which no query for keys of tokens finds', async () => {
        const replicas = [ports, auditPorts(world, await world.openReplica())];
        const [one, two] = await Promise.all(replicas.map((replica) => auditKey(replica, origin)));
        assert.ok(one?.id.equals(two?.id ?? Buffer.of()));
        await appendEvents(world, 4);
        const opened = openCheckpoint(
          await signNow(ports),
          (await world.store.auditKeys()).map(checkpointKeyOf),
        );
        const tree = await world.store.auditTree();
        assert.deepEqual(opened, { origin, size: 5, root: rootOf(sha256, tree) });
        assert.deepEqual(await world.store.signingKeys(), []);
        const events = await world.raw.rows(
          `select canonical from audit_leaves where event = 'audit-key.created'`,
        );
        assert.equal(events.length, 1);
        const logged = [...ports.logged, ...(replicas[1]?.logged ?? [])];
        assert.equal(logged.filter((line) => line.includes('verifierKey')).length, 1);
        assert.deepEqual(
          logged.filter((line) => line.startsWith('the audit was signed')).length,
          1,
          'and said in the log, which may go elsewhere',
        );
      });

      test('a name that no signature line could hold makes no key', async () => {
        await assert.rejects(auditKey(ports, 'two words'), { code: 'configuration-invalid' });
      });
    });
  });
}
