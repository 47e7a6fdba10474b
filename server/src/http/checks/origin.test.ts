// Attack B12: another site has the browser send a form of ours, with its cookies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '#core/errors.ts';
import { checkOrigin } from './origin.ts';

const ours = 'https://secondring.example';

test('our own pages may send, from browsers that say where they are and from those that do not', () => {
  checkOrigin(ours, 'same-origin', ours);
  checkOrigin(ours, undefined, ours);
});

const forbidden: readonly (readonly [string | undefined, string | undefined])[] = [
  [undefined, undefined],
  [undefined, 'same-origin'],
  ['', 'same-origin'],
  ['null', undefined],
  ['null', 'same-origin'],
  ['https://evil.example', undefined],
  ['https://evil.example', 'same-origin'],
  ['http://secondring.example', undefined],
  ['https://secondring.example:8443', undefined],
  ['https://secondring.example.evil.example', undefined],
  ['https://sub.secondring.example', undefined],
  ['https://secondring.example/', undefined],
  ['HTTPS://SECONDRING.EXAMPLE', undefined],
  [`${ours}, https://evil.example`, undefined],
  [ours, 'cross-site'],
  [ours, 'same-site'],
  [ours, 'none'],
  [ours, ''],
  [ours, 'Same-Origin'],
];

for (const [origin, site] of forbidden) {
  test(`forbidden: Origin ${origin}, Sec-Fetch-Site ${site}`, () => {
    assert.throws(
      () => checkOrigin(origin, site, ours),
      (error) => isFault(error, 'forbidden-origin'),
    );
  });
}
