// What a password must be like: length in characters, not made of the names around it, no rules on its letters.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  maximumPasswordLength,
  minimumPasswordLength,
  normalizePassword,
  passwordFault,
} from './password.ts';

const around = {
  username: 'j.jansen@korenaar.example',
  companyName: 'Bakkerij De Korenaar',
  providerName: 'Demo Telecom',
};
const faultOf = (typed: unknown) => passwordFault(normalizePassword(typed), typed, around);

test('eight characters are enough and seven are not, however many units they take', () => {
  assert.equal(faultOf('x7#kQ2z'), 'too-short');
  assert.equal(faultOf('x7#kQ2zp'), undefined);
  assert.equal(faultOf('🐴🐴🐴🐴🐴🐴🐴'), 'too-short');
  assert.equal(faultOf('🐴🐴🐴🐴🐴🐴🐴🐴'), undefined);
});

test('a thousand and twenty-four are taken and more are not, also when they grow by being normalized', () => {
  assert.equal(faultOf('a b'.repeat(341)), undefined);
  assert.equal(faultOf('x'.repeat(maximumPasswordLength)), undefined);
  assert.equal(faultOf('x'.repeat(maximumPasswordLength + 1)), 'too-long');
  assert.equal(faultOf('\ufdfa'.repeat(maximumPasswordLength)), 'too-long');
});

test('what is no text is no password', () => {
  for (const typed of [undefined, null, '', 12345678, {}, ['password']])
    assert.equal(faultOf(typed), 'too-short');
});

test('names around the account are refused, whole, in parts, and with what people put around them', () => {
  for (const typed of [
    'j.jansen@korenaar.example',
    'J.JANSEN@KORENAAR.EXAMPLE',
    'jansen2026',
    '2026Jansen!',
    'Korenaar!!',
    'bakkerij de korenaar',
    'BakkerijDeKorenaar1',
    'DemoTelecom',
    'telecom1234',
    'ｋｏｒｅｎａａｒ1',
  ]) {
    assert.equal(faultOf(typed), 'about-you', typed);
  }
});

test('a password in which a name merely occurs is taken', () => {
  for (const typed of ['de korenaar bakt brood', 'jansen-fietst-naar-huis', 'de de de de']) {
    assert.equal(faultOf(typed), undefined, typed);
  }
});

test('the same keys give the same password on every system', () => {
  assert.equal(normalizePassword('caf\u00e9 con leche'), normalizePassword('cafe\u0301 con leche'));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (typed) => {
      const once = normalizePassword(typed);
      assert.equal(once === undefined ? undefined : normalizePassword(once), once);
    }),
  );
});

test('there are no rules on letters, digits or signs', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('q', 'Z', '7', ' ', '#', 'ß', '語'), minLength: 8 }),
      (typed) => {
        const normalized = normalizePassword(typed) ?? '';
        if ([...normalized].length >= minimumPasswordLength) assert.equal(faultOf(typed), undefined);
      },
    ),
  );
});
