// One name, one key: the spellings of a user name that people and attackers use (A5).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { usernameKey } from './account.ts';

const spellings = [
  'ann@demo.test',
  'Ann@Demo.Test',
  '  ann@demo.test\t',
  'ANN@DEMO.TEST',
  'ａｎｎ@demo.test',
  'ann@demo．test',
  '\u00a0ann@demo.test\u3000',
];

test('all spellings of a name have one key', () => {
  for (const spelling of spellings)
    assert.equal(usernameKey(spelling), 'ann@demo.test', JSON.stringify(spelling));
});

test('composed and decomposed letters are one', () => {
  assert.equal(usernameKey('re\u0301ne\u0301'), usernameKey('r\u00e9n\u00e9'));
});

const impossible = [
  '',
  ' ',
  '\u200b',
  'a\u0000b',
  'a\u200bnn',
  'ann\u202e',
  'a\nb',
  '\ud800',
  'x'.repeat(255),
  7,
  null,
  {},
  ['ann'],
  undefined,
];

test('what can be no user name has no key', () => {
  for (const typed of impossible) assert.equal(usernameKey(typed), undefined, JSON.stringify(typed));
  assert.equal(usernameKey('x'.repeat(254)), 'x'.repeat(254));
});

test('a key is its own key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
      const key = usernameKey(typed);
      if (key !== undefined) assert.equal(usernameKey(key), key);
    }),
    { numRuns: 2000 },
  );
});
