import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  generateRecoveryCodes,
  parseRecoveryCode,
  type RecoveryCodeParts,
  recoveryCodePreimage,
} from './recovery-code.ts';

const vectors: {
  readonly accepted: readonly ({ name: string; input: string } & RecoveryCodeParts)[];
  readonly refused: readonly { name: string; input: unknown }[];
  readonly preimages: readonly (RecoveryCodeParts & { accountId: string; hex: string })[];
} = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8'));

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const symbol = fc.constantFrom(...alphabet);
const selector = fc.string({ unit: symbol, minLength: 2, maxLength: 2 });
const secret = fc.string({ unit: symbol, minLength: 16, maxLength: 16 });

for (const { name, input, ...parts } of vectors.accepted) {
  test(`accepted: ${name}`, () => {
    assert.deepEqual(parseRecoveryCode(input), parts);
  });
}

for (const { name, input } of vectors.refused) {
  test(`refused: ${name}`, () => {
    assert.equal(parseRecoveryCode(input), undefined);
  });
}

test('whatever comes in, what comes out is nothing or a code in its normal form', () => {
  const typed = fc.string({ unit: fc.constantFrom(...alphabet, ...'oiluU -ıſß\u0000'), maxLength: 24 });
  fc.assert(
    fc.property(fc.oneof(fc.anything(), typed), (input) => {
      const parts = parseRecoveryCode(input);
      if (parts === undefined) return;
      assert.match(parts.selector, /^[0-9A-HJKMNP-TV-Z]{2}$/);
      assert.match(parts.secret, /^[0-9A-HJKMNP-TV-Z]{16}$/);
    }),
    { numRuns: 5000 },
  );
});

test('a set is ten codes whose text reads back as the code', () => {
  for (let round = 0; round < 200; round += 1) {
    const codes = generateRecoveryCodes(randomBytes);
    assert.equal(codes.length, 10);
    assert.equal(new Set(codes.map((code) => code.selector)).size, 10);
    assert.equal(new Set(codes.map((code) => code.secret)).size, 10);
    for (const code of codes) {
      assert.match(code.text, /^[0-9A-Z]{2}(-[0-9A-Z]{4}){4}$/);
      const parts = { selector: code.selector, secret: code.secret };
      assert.deepEqual(parseRecoveryCode(code.text), parts);
      assert.deepEqual(parseRecoveryCode(code.text.toLowerCase().replaceAll('-', ' ')), parts);
      assert.deepEqual(parseRecoveryCode(code.text.replaceAll('0', 'o').replaceAll('1', 'l')), parts);
    }
  }
});

test('every symbol comes from exactly eight byte values, so none is favored', () => {
  const counts = new Map<string, number>();
  for (let byte = 0; byte < 256; byte += 1) {
    // Selectors count up, so that they differ; every character of every secret comes from the byte under test.
    let selectors = 0;
    const codes = generateRecoveryCodes((length) => {
      if (length !== 2) return new Uint8Array(length).fill(byte);
      selectors += 1;
      return Uint8Array.of(0, selectors);
    });
    const symbols = new Set(codes.flatMap((code) => [...code.secret]));
    assert.equal(symbols.size, 1);
    for (const one of symbols) counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  assert.equal([...counts.keys()].toSorted().join(''), alphabet);
  assert.deepEqual(new Set(counts.values()), new Set([8]));
});

test('a selector that is taken is drawn again, and a source that repeats itself is refused', () => {
  const draws = [0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const codes = generateRecoveryCodes((length) =>
    length === 2 ? Uint8Array.of(0, draws.shift() ?? 0) : new Uint8Array(length),
  );
  const selectors = codes.map((code) => code.selector);
  assert.deepEqual(selectors, ['00', '01', '02', '03', '04', '05', '06', '07', '08', '09']);
  assert.throws(() => generateRecoveryCodes((length) => new Uint8Array(length)), RangeError);
});

test('a random source that gives too little is refused', () => {
  assert.throws(() => generateRecoveryCodes((length) => randomBytes(length - 1)), /gave 1 bytes of 2/);
  const shortOfSecrets = (length: number) => randomBytes(length === 2 ? 2 : length - 1);
  assert.throws(() => generateRecoveryCodes(shortOfSecrets), /gave 15 bytes of 16/);
});

test('what is hashed, byte for byte: changing it would make every stored code worthless', () => {
  assert.equal(vectors.preimages.length, 2);
  for (const { hex, ...code } of vectors.preimages) {
    assert.equal(Buffer.from(recoveryCodePreimage(code)).toString('hex'), hex);
  }
});

test('different codes or accounts never give the same bytes', () => {
  const code = fc.record({ selector, secret, accountId: fc.string({ unit: 'grapheme', maxLength: 8 }) });
  // Near neighbors as well, because unrelated random codes differ in every part.
  const pair = fc.tuple(code, code, fc.boolean(), fc.boolean(), fc.boolean()).map(
    ([one, two, keepSelector, keepSecret, keepAccount]) =>
      [
        one,
        {
          selector: keepSelector ? one.selector : two.selector,
          secret: keepSecret ? one.secret : two.secret,
          accountId: keepAccount ? one.accountId : two.accountId,
        },
      ] as const,
  );
  fc.assert(
    fc.property(pair, ([one, two]) => {
      const isSameCode =
        one.selector === two.selector && one.secret === two.secret && one.accountId === two.accountId;
      const isSameBytes = Buffer.from(recoveryCodePreimage(one)).equals(recoveryCodePreimage(two));
      assert.equal(isSameBytes, isSameCode);
    }),
  );
});

test('only normal forms are hashed', () => {
  const code = { selector: 'K7', secret: '4F9QXN2M8RTW3HJC', accountId: 'a' };
  const faults = [
    { selector: 'K' },
    { selector: 'k7' },
    { selector: 'K74' },
    { selector: '' },
    { secret: '4F9Q-XN2M-8RTW-3HJC' },
    { secret: '4F9QXN2M8RTW3HJ' },
    { secret: '4F9QXN2M8RTW3HJO' },
    { accountId: '\ud800' },
  ];
  for (const fault of faults) {
    assert.throws(() => recoveryCodePreimage({ ...code, ...fault }), RangeError, JSON.stringify(fault));
  }
});
