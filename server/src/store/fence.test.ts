// The fence against commits that are under way at the same moment: each is before it, and ended by it, or refused. What
// everything else a fence does comes to is in test/attacks/restored-backup.test.ts.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { FenceOrder } from '#core/epoch.ts';
import { engines } from '#test/support/each-engine.ts';
import { anEvent, newId, openSeededStore, type SeededStore } from '#test/support/seeded-store.ts';
import { type Engine, otherEpoch } from './engine.ts';
import { readEpoch } from './fence.ts';
import { openEngine } from './open-engine.ts';
import { putOidcDocument } from './queries/sessions.ts';

const writers = 12;
const rounds = 10;

for (const kind of engines) {
  describe(kind, () => {
    let world: SeededStore;
    let engine: Engine;
    before(async () => {
      world = await openSeededStore(kind);
      engine = await openEngine(world.databaseUrl);
    });
    after(async () => {
      await engine.close();
      await world.close();
    });

    const order = (): FenceOrder => ({
      ...{ reason: 'asked', nowMs: world.clock.nowMs(), lowWaterStep: 7, eventId: newId() },
      ...{ knowsUsedRecoveryCodes: false, facts: {} },
    });

    /** A commit of the kind that a fence takes back. */
    const put = (epoch: number) =>
      engine.apply(
        [
          {
            statement: putOidcDocument,
            values: {
              ...{ model: 'Session', idHash: randomBytes(32), uidHash: null, grantIdHash: null },
              ...{ sessionId: null, payload: '{}', expiresAtMs: 2 ** 50 },
            },
            position: 0,
          },
        ],
        epoch,
      );

    test(`${writers} that write without end, ${rounds} times: nothing of an older epoch is left`, async () => {
      for (let round = 0; round < rounds; round += 1) {
        const epoch = await readEpoch(engine);
        let written = 0;
        const started = Promise.withResolvers<void>();
        const ended = Array.from({ length: writers }, async () => {
          for (;;) {
            if ((await put(epoch)) === otherEpoch) return;
            written += 1;
            if (written === 2 * writers) started.resolve();
          }
        });
        await started.promise;
        const fenced = await world.store.fence(order());
        await Promise.all(ended);
        assert.equal(fenced.epoch, epoch + 1);
        const [row] = await world.raw.rows('select count(*) as n from oidc_documents');
        assert.equal(Number(row?.n), 0, `of ${written}`);
        assert.equal(fenced.oidcDocuments, written, 'what was acknowledged before was ended');
      }
    });

    test('two fences at once are two epochs', async () => {
      const epoch = await readEpoch(engine);
      const replica = await world.openReplica();
      // In one process SQLite's writers would wait for each other; there they come one after the other anyway.
      const both =
        kind === 'sqlite'
          ? [await world.store.fence(order()), await replica.fence(order())]
          : await Promise.all([world.store.fence(order()), replica.fence(order())]);
      assert.deepEqual(both.map((one) => one.epoch).toSorted(), [epoch + 1, epoch + 2]);
    });

    test('the audit says who was ended, and counters and used-up things stay', async () => {
      await world.store.fence(order());
      const { id } = await world.newTotp();
      await world.newRecoveryCodes(['K7']);
      await world
        .openReplica()
        .then((store) =>
          store.commit([{ change: 'try.add', key: 'counted', nowMs: 1, windowStartMs: 0, expiresAtMs: 9 }]),
        );
      const own = order();
      const fenced = await world.store.fence(own);
      assert.deepEqual([fenced.authenticators, fenced.recoveryCodes], [1, 1]);
      const [leaf] = await world.raw.rows('select canonical from audit_leaves where id = $1', own.eventId);
      assert.match(String(leaf?.canonical), /"reason","asked"[\s\S]*"recoveryCodes",1/);
      const [app] = await world.raw.rows('select last_step from authenticators where id = $1', id);
      assert.equal(Number(app?.last_step), 7);
      const [tries] = await world.raw.rows(`select count from tries where key = 'counted'`);
      assert.equal(Number(tries?.count), 1);
    });

    test('a commit of another process fails once, and the next one is in the new epoch', async () => {
      const replica = await world.openReplica();
      await world.store.fence(order());
      const change = { change: 'audit.append', event: anEvent() } as const;
      await assert.rejects(replica.commit([change]), { code: 'store-fenced' });
      assert.deepEqual(await replica.commit([change]), { committed: true });
    });
  });
}
