// The counters of tries: the waits are security.md's table as data, and whatever happens in whatever order, no more
// tries are evaluated than the rule says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decideTry,
  delayOf,
  otpRule,
  passwordRule,
  recoveryDayRule,
  recoveryHourRule,
  type ThrottleRule,
  type Tries,
  wrongPasswordsPerAddress,
  wrongPasswordsPerName,
} from './throttle.ts';

const startMs = 1_700_000_000_000;
const day = 24 * 60 * 60 * 1000;

/** Waits in seconds after the n-th wrong code, from the table of numbers. */
const otpWaits = [
  0, 0, 0, 5, 15, 30, 60, 120, 300, 900, 3600, 3600, 3600, 3600, 3600, 3600, 3600, 3600, 3600,
];
const passwordWaits = [0, 0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900];

test('waits after wrong codes are the documented ones', () => {
  assert.deepEqual(
    otpWaits.map((_, index) => otpRule.waitAfterMs(index + 1) / 1000),
    otpWaits,
  );
});

test('waits after wrong passwords are the documented ones, doubling to a quarter of an hour', () => {
  assert.deepEqual(
    passwordWaits.map((_, index) => passwordRule.waitAfterMs(index + 1) / 1000),
    passwordWaits,
  );
});

/** Applies a decision as the store would. */
function apply(rule: ThrottleRule, tries: Tries | undefined, nowMs: number): Tries | 'wait' | 'locked' {
  const decided = decideTry(rule, 'key', tries, nowMs);
  if (decided.decision !== 'count') return decided.decision;
  assert.equal(decided.change.change, 'try.count');
  const change = decided.change as Extract<typeof decided.change, { change: 'try.count' }>;
  assert.equal(
    change.expected?.count,
    tries?.count,
    'the change is conditional on the count it was decided on',
  );
  assert.equal(change.expected?.startedAtMs, tries?.startedAtMs);
  return {
    key: change.key,
    count: change.count,
    startedAtMs: change.startedAtMs,
    notBeforeMs: change.notBeforeMs,
  };
}

test('twenty wrong codes lock, however slowly they come', () => {
  let tries: Tries | undefined;
  let nowMs = startMs;
  for (let evaluated = 1; evaluated <= 20; evaluated++) {
    const after = apply(otpRule, tries, nowMs);
    assert.ok(typeof after === 'object', `try ${evaluated} is evaluated`);
    tries = after;
    nowMs += 400 * day;
  }
  assert.equal(apply(otpRule, tries, nowMs), 'locked');
  assert.equal(apply(otpRule, tries, nowMs + 4000 * day), 'locked');
});

test('a try is refused until the very millisecond its wait is over', () => {
  const tries: Tries = { key: 'key', count: 4, startedAtMs: startMs, notBeforeMs: startMs + 5000 };
  assert.equal(apply(otpRule, tries, startMs + 4999), 'wait');
  assert.equal(typeof apply(otpRule, tries, startMs + 5000), 'object');
});

test('five tries of recovery codes an hour, ten a day, and then the window begins anew', () => {
  for (const [rule, limit, windowMs] of [
    [recoveryHourRule, 5, day / 24],
    [recoveryDayRule, 10, day],
  ] as const) {
    let tries: Tries | undefined;
    for (let evaluated = 0; evaluated < limit; evaluated++) {
      tries = apply(rule, tries, startMs + evaluated) as Tries;
    }
    assert.equal(apply(rule, tries, startMs + windowMs - 1), 'wait');
    const anew = apply(rule, tries, startMs + windowMs) as Tries;
    assert.equal(anew.count, 1);
  }
});

test('wrong passwords are forgotten a day after the last', () => {
  const tries: Tries = { key: 'key', count: 9, startedAtMs: startMs, notBeforeMs: startMs + 40_000 };
  assert.equal((apply(passwordRule, tries, startMs + 40_000 + day - 1) as Tries).count, 10);
  assert.equal((apply(passwordRule, tries, startMs + 40_000 + day) as Tries).count, 1);
});

test('a clock that went forward and back keeps nobody out for longer than the rule (A12)', () => {
  const future = startMs + 1000 * day;
  const tries: Tries = { key: 'key', count: 11, startedAtMs: future, notBeforeMs: future + 3_600_000 };
  assert.equal(
    typeof apply(otpRule, tries, startMs),
    'object',
    'a wait from a future that never was is no wait',
  );
  const window: Tries = { key: 'key', count: 5, startedAtMs: future, notBeforeMs: future };
  assert.equal((apply(recoveryHourRule, window, startMs) as Tries).count, 1);
});

test('soft limits delay only above their number and inside their window', () => {
  for (const [limit, above, windowMs] of [
    [wrongPasswordsPerName, 100, day / 24],
    [wrongPasswordsPerAddress, 60, day / 144],
  ] as const) {
    const tries = (count: number): Tries => ({ key: 'key', count, startedAtMs: startMs, notBeforeMs: 0 });
    assert.equal(delayOf(limit, undefined, startMs), 0);
    assert.equal(delayOf(limit, tries(above), startMs), 0);
    assert.equal(delayOf(limit, tries(above + 1), startMs + windowMs - 1), 2000);
    assert.equal(delayOf(limit, tries(above + 1), startMs + windowMs), 0);
  }
});

test('random histories: never more than twenty wrong codes between successes, and every wait is kept', () => {
  const event = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('try' as const), right: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(4_000_000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('back' as const), ms: fc.nat(600_000) }) },
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 120 }), (events) => {
      let nowMs = startMs;
      let tries: Tries | undefined;
      let wrongInARow = 0;
      let earliestMs = 0;
      for (const happened of events) {
        if (happened.kind === 'pass') nowMs += happened.ms;
        if (happened.kind === 'back') {
          nowMs -= happened.ms;
          // What the model promises of waits holds while the clock goes forward; the bound on tries always holds.
          earliestMs = 0;
        }
        if (happened.kind !== 'try') continue;
        const after = apply(otpRule, tries, nowMs);
        if (typeof after === 'string') continue;
        assert.ok(nowMs >= earliestMs, 'a wait was kept');
        tries = after;
        wrongInARow += 1;
        assert.ok(wrongInARow <= 20, 'the bound on evaluated tries');
        if (happened.right) {
          tries = undefined;
          wrongInARow = 0;
          earliestMs = 0;
        } else earliestMs = nowMs + (otpWaits[wrongInARow - 1] ?? 3600) * 1000;
      }
    }),
    { numRuns: 500 },
  );
});
