// Statements are written once with named values; this is how they come to the places of each engine.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { any, compile, one, read, valuesOf } from './statement.ts';

test('names become places in the order in which they first come, and a name that comes again has the same place', () => {
  const sql = 'update t set a = :first, b = :second where c = :first and d = :third2';
  assert.deepEqual(compile(sql, '?'), {
    text: 'update t set a = ?1, b = ?2 where c = ?1 and d = ?3',
    names: ['first', 'second', 'third2'],
  });
  assert.deepEqual(compile(sql, '$', 4), {
    text: 'update t set a = $4, b = $5 where c = $4 and d = $6',
    names: ['first', 'second', 'third2'],
  });
});

test('casts of PostgreSQL are left alone', () => {
  assert.deepEqual(compile('select :a::text, b::bigint', '$'), {
    text: 'select $1::text, b::bigint',
    names: ['a'],
  });
});

test('values come in the order of the places, and a missing one is a defect', () => {
  const compiled = compile('select :b, :a', '?');
  assert.deepEqual(valuesOf(compiled, { a: null, b: 2, c: 'unused' }), [2, null]);
  assert.throws(() => valuesOf(compiled, { a: 1 }), { name: 'TypeError', message: /named b/ });
});

test('a statement knows the table it changes and how many rows it must', () => {
  const insert = one('i', 'insert into things (id) values (:id)');
  assert.deepEqual(
    [insert.name, insert.table, insert.expects, insert.postgres],
    ['i', 'things', 'one', insert.sql],
  );
  assert.deepEqual(
    [one('u', '\n  update things set a = 1').table, any('d', 'delete from things').table],
    ['things', 'things'],
  );
  const announce = any('a', 'select 1', 'select pg_notify(:id)');
  assert.deepEqual(
    [announce.table, announce.expects, announce.postgres],
    [undefined, 'any', 'select pg_notify(:id)'],
  );
  assert.deepEqual([read('r', 'select 1').table, read('r', 'select 1').expects], [undefined, 'any']);
});
