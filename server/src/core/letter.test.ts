// Mail addresses: one recipient, no second reading, and a mask that does not say whose.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailAddress, maskOfAddress } from './letter.ts';

test('addresses as people have them', () => {
  for (const typed of [
    'ann@demo.test',
    'a.b+c@sub.demo.test',
    "o'neil_x@demo.test",
    'no-reply@localhost',
    'x@bücher.example',
  ]) {
    assert.equal(mailAddress(` ${typed} `), typed);
  }
});

test('what is none, or could be read as two', () => {
  for (const typed of [
    ...['', 'ann', '@demo.test', 'ann@', 'a@b@c', 'ann@demo..test', '.ann@demo.test', 'ann.@demo.test'],
    ...['a..b@demo.test', 'ann@-demo.test', 'ann@demo-.test', 'ann@[127.0.0.1]', '"ann"@demo.test'],
    ...['ann@demo.test,bob@demo.test', 'ann@demo.test bob@demo.test', 'ann@demo.test\r\nbcc: bob@demo.test'],
    ...[
      'josé@demo.test',
      '<ann@demo.test>',
      'Ann <ann@demo.test>',
      'ann@demo.test;',
      'ann\0@demo.test',
      'ann(x)@demo.test',
    ],
    ...[`${'a'.repeat(65)}@demo.test`, `ann@${'a'.repeat(64)}.test`, `a@${'b.'.repeat(130)}test`],
    ...[undefined, 5, ['ann@demo.test']],
  ]) {
    assert.equal(mailAddress(typed), undefined, String(typed));
  }
});

test('a mask shows the first letter and the domain', () => {
  assert.equal(maskOfAddress('ann.jansen@demo.test'), 'a•••@demo.test');
  assert.equal(maskOfAddress('a@demo.test'), 'a•••@demo.test');
});
