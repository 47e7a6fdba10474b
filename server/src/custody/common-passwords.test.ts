// The list of common passwords: what is shipped is what its package says, it finds what it should, and it is quick.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commonPasswordKey } from '#core/password.ts';
import { commonPasswordList } from '../../../scripts/dump-common-passwords.ts';
import { commonPasswords, readCommonPasswords } from './common-passwords.ts';

test('what is shipped was made from the package as it is', async () => {
  const list = await readCommonPasswords();
  assert.equal(list, commonPasswordList());
  assert.ok(list.split('\n').length > 15_000);
});

test('common passwords are found, however they are capitalized', async () => {
  for (const password of [
    'password',
    'PassWord1',
    '12345678',
    'qwertyuiop',
    'iloveyou',
    '11111111',
    'Welcome1',
  ]) {
    assert.equal(await commonPasswords.has(commonPasswordKey(password)), true, password);
  }
});

test('uncommon ones are not, nor is a part of the list that is no entry', async () => {
  for (const key of ['nine horses, 4 staples', 'password1\npassword2', 'iloveyo', '\n', '']) {
    assert.equal(await commonPasswords.has(key), false, key);
  }
});
