import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bindTo } from './additional-data.ts';

/** Reads the bytes back, which only an unambiguous encoding allows. */
function readBack(bytes: Buffer): string[] {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    parts.push(bytes.toString('utf8', at + 4, end));
    at = end;
  }
  return parts;
}

const part = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('\u0000', '\u0001', '|', 'a', 'é'), maxLength: 6 }),
);
const list = fc.array(part, { maxLength: 5 });

test('the bytes, spelled out', () => {
  assert.equal(bindTo().toString('hex'), '');
  assert.equal(bindTo('').toString('hex'), '00000000');
  assert.equal(bindTo('ab', 'é').toString('hex'), '000000026162' + '00000002c3a9');
});

test('every list can be read back', () => {
  fc.assert(
    fc.property(list, (parts) => {
      assert.deepEqual(readBack(bindTo(...parts)), parts);
    }),
  );
});

test('different lists never encode alike, also where their texts joined are the same', () => {
  const sameText = fc
    .tuple(
      fc.string({ unit: fc.constantFrom('\u0000', '\u0001', 'a'), maxLength: 10 }),
      fc.nat(10),
      fc.nat(10),
    )
    .map(([text, one, two]) => [
      [text.slice(0, one), text.slice(one)],
      [text.slice(0, two), text.slice(two)],
    ]);
  fc.assert(
    fc.property(fc.oneof(fc.tuple(list, list), sameText), ([one = [], two = []]) => {
      const isSameList = one.length === two.length && one.every((text, index) => text === two[index]);
      assert.equal(bindTo(...one).equals(bindTo(...two)), isSameList);
    }),
    { numRuns: 2000 },
  );
});

test('lone surrogates are refused: UTF-8 would make them all alike', () => {
  assert.throws(() => bindTo('\ud800'), RangeError);
  assert.throws(() => bindTo('a', 'b\udfff'), RangeError);
});
