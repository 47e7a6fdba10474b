// The outbox on both engines: at once after the commit, again after failures with growing waits, never by two at a time
// while a lease holds, once more after who had it died, and given up in the end with a word in the audit.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type OutboxItem, outboxLeaseMs, outboxLifeMs, waitAfterAttemptMs } from '#core/outbox.ts';
import type { Deliver, Deliverers } from '#core/ports.ts';
import { engines } from '#test/support/each-engine.ts';
import { type LoggedLine, outboxPorts } from '#test/support/outbox-ports.ts';
import { commitAll, newId, openSeededStore, type SeededStore } from '#test/support/seeded-store.ts';
import { deliverDue, startOutbox } from './outbox.ts';

const program = fileURLToPath(new URL('../../test/support/outbox-process.ts', import.meta.url));

for (const engine of engines) {
  describe(engine, () => {
    let world: SeededStore;
    let lines: LoggedLine[] = [];
    before(async () => {
      world = await openSeededStore(engine);
    });
    after(() => world.close());
    beforeEach(async () => {
      lines = [];
      await world.raw.run('delete from outbox');
    });

    const ports = () => outboxPorts(world.store, world.clock.nowMs, lines);
    const by = (mail: Deliver<'mail'>): Deliverers => ({
      ...{ mail, 'password-reset': async () => 'delivered' },
      ...{ 'sessions-ended': async () => 'delivered', 'back-channel-logout': async () => 'delivered' },
    });
    const rows = () => world.raw.rows('select id, attempts, due_at_ms from outbox');

    function anItem(lifeMs = outboxLifeMs): OutboxItem {
      const createdAtMs = world.clock.nowMs();
      return {
        ...{ id: newId(), kind: 'mail', createdAtMs, expiresAtMs: createdAtMs + lifeMs },
        payload: {
          letter: 'password-changed',
          address: 'a@b.test',
          language: 'nl',
          username: 'ann',
          atMs: 7,
        },
      };
    }

    async function added(lifeMs?: number): Promise<OutboxItem> {
      const item = anItem(lifeMs);
      await commitAll(world, { change: 'outbox.add', item });
      return item;
    }

    test('an item is delivered as it was added, once, and is gone', async () => {
      const item = await added();
      const delivered: OutboxItem[] = [];
      const take = by(async (one) => {
        delivered.push(one);
        return 'delivered';
      });
      await deliverDue(ports(), take);
      await deliverDue(ports(), take);
      assert.deepEqual(delivered, [item]);
      assert.deepEqual(await rows(), []);
    });

    test('a commit of this process wakes it at once', async () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const job = startOutbox(
        ports(),
        by(async ({ id }) => {
          resolve(id);
          return 'delivered';
        }),
      );
      const item = await added();
      assert.equal(await promise, item.id);
      await job.stop();
      assert.deepEqual(await rows(), []);
    });

    test('a job that is stopped finishes what it has and takes nothing more', async () => {
      const begun = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const job = startOutbox(
        ports(),
        by(async () => {
          begun.resolve();
          await goOn.promise;
          return 'delivered';
        }),
      );
      await added();
      await begun.promise;
      const stopped = job.stop();
      await added();
      goOn.resolve();
      await stopped;
      assert.equal((await rows()).length, 1, 'the second is left for later');
    });

    test('what fails is tried again after waits that grow, and the others are not held up', async () => {
      const failing = await added();
      const tried: number[] = [];
      const delivered: string[] = [];
      const take = by(async ({ id }) => {
        if (id !== failing.id) {
          delivered.push(id);
          return 'delivered';
        }
        tried.push(world.clock.nowMs());
        throw Object.assign(new Error('550 a@b.test is unknown'), { code: 'EPROTOCOL', responseCode: 450 });
      });
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        await deliverDue(ports(), take);
        const wait = waitAfterAttemptMs(attempt);
        world.clock.advance(wait - 1);
        await deliverDue(ports(), take);
        assert.equal(tried.length, attempt, 'not before its wait is over');
        world.clock.advance(1);
      }
      const other = await added();
      await deliverDue(ports(), take);
      assert.deepEqual(delivered, [other.id]);
      assert.ok(lines.length > 0);
      assert.ok(!JSON.stringify(lines).includes('a@b.test'), 'no recipient stands in the log');
    });

    test('what is refused for good is given up at once, with a word in the audit', async () => {
      const item = await added();
      await deliverDue(
        ports(),
        by(async () => 'refused'),
      );
      await expectGivenUp(item, 'refused', 1);
    });

    test('what fails for three days is given up', async () => {
      const item = await added();
      let attempts = 0;
      const fail = by(async () => {
        attempts += 1;
        throw new Error('no answer');
      });
      for (let tries = 0; (await rows()).length > 0; tries += 1) {
        assert.ok(tries < 200);
        await deliverDue(ports(), fail);
        const [row] = await rows();
        if (row) world.clock.advance(Number(row.due_at_ms) - world.clock.nowMs());
      }
      assert.ok(attempts > 60, `${attempts}`);
      await expectGivenUp(item, 'failed', attempts);
    });

    test('what is over before anybody came to it is not delivered', async () => {
      const item = await added(1000);
      world.clock.advance(1000);
      await deliverDue(
        ports(),
        by(() => assert.fail('it was delivered')),
      );
      await expectGivenUp(item, 'late', 1);
    });

    async function expectGivenUp(item: OutboxItem, why: string, attempts: number): Promise<void> {
      assert.deepEqual(await rows(), []);
      const leaves = await world.raw.rows(
        `select canonical from audit_leaves where event = 'outbox.given-up'`,
      );
      const canonical = leaves.map((leaf) => String(leaf.canonical)).find((text) => text.includes(item.id));
      assert.ok(canonical?.includes(`"why","${why}"`), canonical);
      assert.ok(canonical?.includes(`"attempts",${attempts}`), canonical);
      assert.ok(lines.some(({ message }) => message === 'a delivery was given up'));
    }

    test('of five replicas that look at once one delivers, and each item is delivered once', async () => {
      const items = [];
      for (let count = 0; count < 20; count += 1) items.push(await added());
      const delivered: string[] = [];
      const take = by(async ({ id }) => {
        delivered.push(id);
        return 'delivered';
      });
      const replicas = [world.store];
      while (replicas.length < 5) replicas.push(await world.openReplica());
      const work = replicas.map((store) => outboxPorts(store, world.clock.nowMs, lines));
      while ((await rows()).length > 0) await Promise.all(work.map((one) => deliverDue(one, take)));
      assert.deepEqual(delivered.toSorted(), items.map(({ id }) => id).toSorted());
    });

    test('while a delivery lasts nobody else begins one, and who comes late changes nothing', async () => {
      await added();
      const other = outboxPorts(await world.openReplica(), world.clock.nowMs, lines);
      const begun = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const slow = deliverDue(
        ports(),
        by(async () => {
          begun.resolve();
          await goOn.promise;
          return 'delivered';
        }),
      );
      await begun.promise;
      const never = by(() => assert.fail('two at a time'));
      await deliverDue(other, never);
      world.clock.advance(outboxLeaseMs - 1);
      await deliverDue(other, never);
      world.clock.advance(1);
      await deliverDue(
        other,
        by(async () => {
          throw new Error('the second one fails');
        }),
      );
      goOn.resolve();
      await slow;
      const [row] = await rows();
      assert.equal(Number(row?.attempts), 2, 'whose lease was over removes nothing');
    });

    test('killed between the commit and the delivery: it is delivered after the lease', async () => {
      const item = anItem();
      const nowMs = String(world.clock.nowMs());
      const words = [program, world.databaseUrl, world.masterKey, JSON.stringify(item), nowMs];
      const replica = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(replica, 'exit');
      const [said] = (await once(replica.stdout, 'data')) as [Buffer];
      assert.equal(String(said), `${item.id}\n`);
      replica.kill('SIGKILL');
      await ended;

      const delivered: OutboxItem[] = [];
      const take = by(async (one) => {
        delivered.push(one);
        return 'delivered';
      });
      await deliverDue(ports(), take);
      assert.deepEqual(delivered, [], 'the lease of the dead holds');
      world.clock.advance(outboxLeaseMs);
      await deliverDue(ports(), take);
      assert.deepEqual(delivered, [item]);
    });

    test('an item that was copied to another row, or given another kind, is not delivered', async () => {
      const [first, second] = [await added(), await added()];
      await world.raw.run(
        'update outbox set sealed_payload = (select sealed_payload from outbox where id = $1) where id = $2',
        first.id,
        second.id,
      );
      const delivered: string[] = [];
      await deliverDue(
        ports(),
        by(async ({ id }) => {
          delivered.push(id);
          return 'delivered';
        }),
      );
      assert.deepEqual(delivered, [first.id]);
      assert.equal((await rows()).length, 1);
    });
  });
}
