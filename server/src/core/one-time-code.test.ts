// Attack A13: a code field fed with types, scripts and spellings that a lenient parser would turn into digits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalizeDigits } from './one-time-code.ts';

test('spaces and hyphens between the digits are dropped', () => {
  for (const input of ['123456', '123 456', ' 12-34-56 ', '1 2 3 4 5 6', '123456--']) {
    assert.equal(normalizeDigits(input, 6), '123456', JSON.stringify(input));
  }
  assert.equal(normalizeDigits('0000 0000', 8), '00000000');
});

test('nothing but ASCII digits of the right number passes', () => {
  const refused: unknown[] = [
    '',
    ' ',
    '12345',
    '1234567',
    '123456\n',
    '123\t456',
    '123\u00a0456',
    '123\u2011456',
    '123456\u0000',
    '\u0000123456',
    '１２３４５６',
    '١٢٣٤٥٦',
    '12345٦',
    '1e5',
    '1.0e05',
    '100e+3',
    '+12345',
    '0x1234',
    '12_456',
    '123,45',
    '123456abc',
    `123456${' '.repeat(27)}`,
    '1'.repeat(10_000),
    123456,
    123456n,
    null,
    undefined,
    true,
    ['123456'],
    ['1', '2', '3', '4', '5', '6'],
    { toString: () => '123456' },
    new String('123456'),
    Object.assign([], { length: 6 }),
    () => '123456',
    Symbol('123456'),
  ];
  for (const input of refused) assert.equal(normalizeDigits(input, 6), undefined, String(input));
});

test('32 characters are looked at and 33 are not', () => {
  assert.equal(normalizeDigits(`123456${' '.repeat(26)}`, 6), '123456');
  assert.equal(normalizeDigits(`123456${' '.repeat(27)}`, 6), undefined);
});

test('whatever comes in, what comes out is nothing or exactly the ASCII digits of the input', () => {
  const typed = fc.string({ unit: fc.constantFrom(...'0123456789 -e.+٣５\u0000'), maxLength: 40 });
  const input = fc.oneof(
    fc.anything({ withBigInt: true, withBoxedValues: true, withNullPrototype: true }),
    typed,
  );
  fc.assert(
    fc.property(input, fc.constantFrom(3, 6, 8), (value, digits) => {
      const bare = normalizeDigits(value, digits);
      // Spelled out without a regular expression, so that the two cannot be wrong together.
      const characters =
        typeof value === 'string' ? [...value].filter((one) => one !== ' ' && one !== '-') : [];
      const acceptable =
        typeof value === 'string' &&
        value.length <= 32 &&
        characters.length === digits &&
        characters.every((one) => '0123456789'.includes(one));
      assert.equal(bare, acceptable ? characters.join('') : undefined);
    }),
    { numRuns: 5000 },
  );
});

test('a code with spaces and hyphens anywhere is read as the code', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 6, maxLength: 6 });
  const gaps = fc.array(fc.constantFrom('', ' ', '-', ' - '), { minLength: 7, maxLength: 7 });
  fc.assert(
    fc.property(digits, gaps, (code, between) => {
      const typed = between.map((gap, index) => gap + (code[index] ?? '')).join('');
      assert.equal(normalizeDigits(typed, 6), code);
    }),
  );
});
