import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase32, encodeBase32 } from './base32.ts';

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');

test('RFC 4648 §10, without the padding', () => {
  const rows = [
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ] as const;
  for (const [bytes, text] of rows) {
    assert.equal(encodeBase32(Buffer.from(bytes)), text);
    assert.equal(hex(decodeBase32(text)), Buffer.from(bytes).toString('hex'));
  }
});

test('what was encoded decodes again, also in lower case and with spaces', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const text = encodeBase32(bytes);
      assert.match(text, /^[A-Z2-7]*$/);
      assert.equal(hex(decodeBase32(text)), hex(bytes));
      assert.equal(hex(decodeBase32(text.toLowerCase().replaceAll(/.{4}/g, '$& '))), hex(bytes));
    }),
  );
});

test('every text that decodes is the one spelling of its bytes', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ABCMYZ234567az =018-'), maxLength: 20 });
  fc.assert(
    fc.property(text, (typed) => {
      const bytes = decodeBase32(typed);
      if (bytes === undefined) return;
      assert.equal(encodeBase32(bytes), typed.replaceAll(' ', '').toUpperCase());
    }),
    { numRuns: 2000 },
  );
});

test('other symbols, impossible lengths and left-over bits are refused', () => {
  // ı and ſ become I and S under toUpperCase; K is the Kelvin sign, which becomes k under toLowerCase.
  for (const text of [
    'M',
    'MZX',
    'MZXW6Y',
    'MZ',
    'MY======',
    'M0',
    'M1',
    'M8',
    'MY\n',
    'M\u0000',
    'Mı',
    'Mſ',
    '\u212aY',
    '{Y',
  ]) {
    assert.equal(decodeBase32(text), undefined, JSON.stringify(text));
  }
});
