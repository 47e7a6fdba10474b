// A key is known before it signs, and until what it signed has died.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishedAfterUseMs, publishedBeforeUseMs, publishedKeys } from './signing-key.ts';

const first = { serial: 1, createdAtMs: 1_000_000 };
const second = { serial: 2, createdAtMs: 50_000_000_000 };
const third = { serial: 3, createdAtMs: 90_000_000_000 };
const usedFrom = second.createdAtMs + publishedBeforeUseMs;

const cases: readonly (readonly [string, readonly (typeof first)[], number, readonly number[]])[] = [
  ['none of none', [], 5, []],
  ['the first signs at once', [first], first.createdAtMs, [1]],
  ['a second is published at once and does not sign', [second, first], second.createdAtMs, [1, 2]],
  ['not a millisecond too early', [second, first], usedFrom - 1, [1, 2]],
  ['then it signs, and the first stays', [first, second], usedFrom, [2, 1]],
  ['as long as what it signed lives', [second, first], usedFrom + publishedAfterUseMs - 1, [2, 1]],
  ['and no longer', [second, first], usedFrom + publishedAfterUseMs, [2]],
  ['a third beside the second; the first is long gone', [third, second, first], third.createdAtMs, [2, 3]],
  ['a clock that went back before the second', [second, first], 0, [1, 2]],
];

for (const [name, keys, nowMs, expected] of cases) {
  test(name, () => {
    assert.deepEqual(
      publishedKeys(keys, nowMs).map(({ serial }) => serial),
      expected,
    );
  });
}
