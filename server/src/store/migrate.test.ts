// Migrations: from nothing to what this version knows, once; and a database that this version does not know is left
// exactly as it is.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { isFault } from '#core/errors.ts';
import { differences, pictureOf } from '#test/support/database-differences.ts';
import { engines } from '#test/support/each-engine.ts';
import { placeFor } from '#test/support/open-test-store.ts';
import { openRawDatabase, type RawDatabase } from '#test/support/raw-database.ts';
import type { Engine } from './engine.ts';
import { migrate } from './migrate.ts';
import { openEngine } from './open-engine.ts';

const isNewer = (error: unknown) =>
  isFault(error, 'store-newer') && /Start the version/.test(error.hint ?? '');

for (const kind of engines) {
  describe(kind, () => {
    let place: Awaited<ReturnType<typeof placeFor>>;
    let engine: Engine;
    let raw: RawDatabase;
    beforeEach(async () => {
      place = await placeFor(kind);
      engine = await openEngine(place.url);
      raw = await openRawDatabase(place.url);
    });
    afterEach(async () => {
      await raw.close();
      await engine.close();
      await place.remove();
    });

    test('from nothing: every file of this engine, in order, written down with its time', async () => {
      const other = kind === 'sqlite' ? 'postgres' : 'sqlite';
      const expected = readdirSync(new URL('./migrations/', import.meta.url))
        .filter((file) => file.endsWith('.sql') && !file.endsWith(`.${other}.sql`))
        .toSorted()
        .map((file) => file.replace(`.${kind}.sql`, '').replace('.sql', ''));
      assert.ok(expected.length > 0);
      assert.deepEqual(await migrate(engine, 77), expected);
      const rows = await raw.rows('select * from schema_migrations order by number');
      assert.deepEqual(
        rows.map(({ number, name, applied_at_ms }) => [number, name, applied_at_ms]),
        expected.map((name) => [Number.parseInt(name, 10), name, 77]),
      );
      assert.ok(rows.every(({ digest }) => /^[0-9a-f]{64}$/.test(String(digest))));
      const [application] = await raw.rows('select id, second_factor from applications');
      assert.deepEqual({ ...application }, { id: 'secondring', second_factor: 'required' });
    });

    test('a second time there is nothing to do', async () => {
      await migrate(engine, 1);
      const was = await pictureOf(raw);
      assert.deepEqual(await migrate(engine, 2), []);
      assert.deepEqual(differences(was, await pictureOf(raw)), []);
    });

    // SQLite's turn comes in durability.test.ts: it waits by standing still, so it takes processes.
    const onPostgres = kind === 'postgres' ? test : undefined;
    onPostgres?.('of replicas that migrate at once one does it', async () => {
      const others = await Promise.all([openEngine(place.url), openEngine(place.url)]);
      try {
        const applied = await Promise.all([engine, ...others].map((one) => migrate(one, 1)));
        assert.equal(applied.filter((names) => names.length > 0).length, 1);
      } finally {
        for (const other of others) await other.close();
      }
    });

    test('a database that a later version has migrated is refused and left alone', async () => {
      await migrate(engine, 1);
      await raw.run(`insert into schema_migrations values (9000, '9000-the-future', 'digest', 5)`);
      await raw.run('delete from applications');
      const was = await pictureOf(raw);
      await assert.rejects(
        migrate(engine, 2),
        (error) => isNewer(error) && /9000-the-future/.test(`${error}`),
      );
      assert.deepEqual(differences(was, await pictureOf(raw)), []);
    });

    test('a database that was migrated by other words under the same name is refused and left alone', async () => {
      const [name] = await migrate(engine, 1);
      await raw.run(`update schema_migrations set digest = 'another' where number = 1`);
      const was = await pictureOf(raw);
      await assert.rejects(migrate(engine, 2), (error) => isNewer(error) && `${error}`.includes(name ?? '?'));
      assert.deepEqual(differences(was, await pictureOf(raw)), []);
    });

    test('a database with a gap in what was applied is refused and left alone', async () => {
      const names = await migrate(engine, 1);
      await raw.run(`insert into schema_migrations values (0, '0000-before', 'digest', 5)`);
      const was = await pictureOf(raw);
      await assert.rejects(migrate(engine, 2), isNewer);
      assert.deepEqual(differences(was, await pictureOf(raw)), []);
      assert.ok(names.length > 0);
    });

    test('a migration that fails leaves nothing of itself', async () => {
      await raw.run('create table companies (id text primary key)');
      // As a fault of ours with the engine's for its cause, and not as whatever the engine throws.
      await assert.rejects(migrate(engine, 1), (error) => {
        return isFault(error, 'store-unavailable') && error.cause instanceof Error;
      });
      assert.deepEqual(await raw.tables(), ['companies']);
      await raw.run('drop table companies');
      assert.ok((await migrate(engine, 2)).length > 0);
    });
  });
}
