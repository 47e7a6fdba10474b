// The schema as it stands is committed as schema.sql, so that a change of it is seen in a diff; and what the migrations
// make on PostgreSQL is the same schema.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { engines } from '#test/support/each-engine.ts';
import { placeFor } from '#test/support/open-test-store.ts';
import { openRawDatabase } from '#test/support/raw-database.ts';
import { postgresOutline, sqliteOutline } from '#test/support/schema-outline.ts';
import { dumpSchema, schemaFile } from '../../../scripts/dump-schema.ts';
import { migrate } from './migrate.ts';
import { openEngine } from './open-engine.ts';

test('schema.sql is what the migrations make: after a change of one, run npm run schema', async () => {
  assert.equal(readFileSync(schemaFile, 'utf8'), await dumpSchema());
});

test('PostgreSQL has the schema of schema.sql', { skip: !engines.includes('postgres') }, async () => {
  const place = await placeFor('postgres');
  const dumped = await openRawDatabase('sqlite::memory:');
  try {
    const engine = await openEngine(place.url);
    await migrate(engine, 1);
    await engine.close();
    for (const statement of readFileSync(schemaFile, 'utf8').split(';\n')) {
      if (statement.trim() !== '') await dumped.run(statement);
    }
    const raw = await openRawDatabase(place.url);
    const [expected, found] = [await sqliteOutline(dumped), await postgresOutline(raw)];
    await raw.close();
    assert.ok(expected.length > 150, 'an outline was drawn');
    assert.deepEqual(found, expected);
  } finally {
    await dumped.close();
    await place.remove();
  }
});

test('the outline sees what it is there to compare', async () => {
  const database = await openRawDatabase('sqlite::memory:');
  await database.run('create table other (id text primary key, unique (id)) strict');
  await database.run(
    `create table example (
       id text not null, number integer default 7, bytes blob, other text references other (id) on delete cascade,
       state text check (state in ('b', 'a') and number between -1 and 5), primary key (number, id),
       unique (state, bytes), check (bytes is null)
     ) strict, without rowid`,
  );
  await database.run(`create unique index example_some on example (other, id) where other is not null`);
  assert.deepEqual(
    (await sqliteOutline(database)).filter((line) => line.startsWith('example')),
    [
      'example (other) refers to other (id) cascade',
      "example check 'a' 'b' -1 5 number state",
      'example check absent bytes',
      'example primary key (number, id)',
      'example unique (state, bytes)',
      'example unique index example_some (other, id) where other present',
      'example.bytes bytes',
      'example.id text not null',
      'example.number integer not null default 7',
      'example.other text',
      'example.state text',
    ],
  );
  await database.close();
});
