// The data keys behind the store: kept for ten minutes, of several versions side by side, and never missed only because
// a replica looked too early.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isFault } from '#core/errors.ts';
import { createKeyring } from '#custody/keyring.ts';
import { parseMasterKeys } from '#custody/master-key.ts';
import { engines } from '#test/support/each-engine.ts';
import { openSeededStore, type SeededStore } from '#test/support/seeded-store.ts';

const preimage = Buffer.from('a recovery code');
const minutes = 60_000;

for (const engine of engines) {
  describe(engine, () => {
    let world: SeededStore;
    before(async () => {
      world = await openSeededStore(engine);
    });
    after(() => world.close());

    /** Adds a newer data key to a company, as replacing one does. */
    async function replaceKey(scope: string): Promise<void> {
      const { masterKeyId, wrapped, version } = createKeyring(parseMasterKeys(world.masterKey)).newDataKey(
        scope,
        2,
      );
      await world.raw.run(
        'insert into data_keys (scope, version, master_key_id, wrapped, created_at_ms) values ($1, $2, $3, $4, 1)',
        ...[scope, version, masterKeyId, wrapped],
      );
    }

    test('each company has a pepper of its own, the same at every replica, and it is one of text', async () => {
      const other = await world.newCompany();
      const replica = await world.openReplica();
      const pepper = await world.store.recoveryPepper(world.company.id, preimage);
      assert.match(pepper.text, /^[\w-]{43}$/);
      assert.deepEqual(await replica.recoveryPepper(world.company.id, preimage), pepper);
      assert.notDeepEqual(await world.store.recoveryPepper(other.id, preimage), pepper);
      assert.notDeepEqual(await world.store.recoveryPepper(world.company.id, Buffer.from('another')), pepper);
    });

    test('an opened key is kept for ten minutes and not a millisecond longer', async () => {
      const { id } = await world.newCompany();
      const pepper = await world.store.recoveryPepper(id, preimage);
      await world.raw.run('delete from data_keys where scope = $1', id);
      world.clock.advance(10 * minutes - 1);
      assert.deepEqual(await world.store.recoveryPepper(id, preimage), pepper);
      world.clock.advance(1);
      await assert.rejects(world.store.recoveryPepper(id, preimage), (error) =>
        isFault(error, 'sealed-value-unreadable'),
      );
    });

    test('a company that is not there has none, and has one as soon as it is', async () => {
      const id = 'new here';
      const replica = await world.openReplica();
      await assert.rejects(replica.recoveryPepper(id, preimage), (error) =>
        isFault(error, 'sealed-value-unreadable'),
      );
      const nowMs = world.clock.nowMs();
      const company = { id, name: 'New', authenticatorAppsPerAccount: 1, nowMs };
      assert.deepEqual(await world.store.commit([{ change: 'company.create', ...company }]), {
        committed: true,
      });
      assert.ok(await replica.recoveryPepper(id, preimage));
    });

    test('after a key was replaced, old and new values open, also at a replica that knew only the old one', async () => {
      const company = await world.newCompany();
      const account = await world.newAccount(company);
      const before = await world.newEnrollment('totp', account);
      const knowing = await world.openReplica();
      assert.ok(await knowing.enrollment(before.id));
      await replaceKey(company.id);
      // What is sealed from now on is sealed with the new key.
      world.clock.advance(10 * minutes);
      const since = await world.newEnrollment('totp', account);
      world.clock.advance(-10 * minutes);
      for (const store of [world.store, await world.openReplica(), knowing]) {
        assert.deepEqual((await store.enrollment(before.id))?.secret, Buffer.from(before.secret));
        assert.deepEqual((await store.enrollment(since.id))?.secret, Buffer.from(since.secret));
      }
      const [row] = await world.raw.rows('select secret from enrollments where id = $1', since.id);
      assert.equal(Buffer.from(row?.secret as Uint8Array).readUInt32BE(1), 2);
    });
  });
}
