// Attack B18: a request names another host, in the hope that a link or an issuer is made from it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '#core/errors.ts';
import { checkHost } from './host.ts';

test('the public host is served, in whatever case', () => {
  checkHost('secondring.example', 'secondring.example');
  checkHost('SecondRing.Example', 'secondring.example');
  checkHost('localhost:8080', 'localhost:8080');
});

for (const host of [
  undefined,
  '',
  'evil.example',
  'secondring.example.evil.example',
  'evil.example.secondring.example',
  'secondring.example:443',
  'secondring.example:8080',
  'secondring.example.',
  ' secondring.example',
  'secondring.example, evil.example',
  'evil.example@secondring.example',
  'secondring.example@evil.example',
  'secondring.example/',
]) {
  test(`misdirected: ${JSON.stringify(host)}`, () => {
    assert.throws(
      () => checkHost(host, 'secondring.example'),
      (error) => isFault(error, 'misdirected'),
    );
  });
}
