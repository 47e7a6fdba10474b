// No table and no kept secret is forgotten when the store is copied: the list of tables is the schema's, and stands in
// an order in which rows can be put back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore } from '#test/support/open-test-store.ts';
import { tables } from './tables.ts';

test('every table of the schema is listed, after those it refers to', async () => {
  const store = await openTestStore('sqlite');
  try {
    const names = tables.map(({ name }) => name);
    const found = (await store.raw.tables()).filter((name) => name !== 'schema_migrations');
    assert.deepEqual(names.toSorted(), found, 'say in store/tables.ts what becomes of it in a backup');
    for (const [place, name] of names.entries()) {
      for (const row of await store.raw.rows('select * from pragma_foreign_key_list($1)', name)) {
        const target = names.indexOf(String(row.table));
        assert.ok(target < place || target === place, `${name} stands before ${row.table}`);
      }
    }
  } finally {
    await store.close();
  }
});

test('nothing that is kept refers to what is passing', async () => {
  const store = await openTestStore('sqlite');
  try {
    const passing = new Set(tables.filter(({ kind }) => kind === 'passing').map(({ name }) => name));
    for (const { name, kind } of tables) {
      if (kind === 'passing') continue;
      const rows = await store.raw.rows('select * from pragma_foreign_key_list($1)', name);
      assert.deepEqual(
        rows.map((row) => String(row.table)).filter((table) => passing.has(table)),
        [],
      );
    }
  } finally {
    await store.close();
  }
});
