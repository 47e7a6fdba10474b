// Every rule of counting tries with all its numbers, as security.md §6 has them: a change of one is a decision and
// shows here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addToWindow,
  delayOf,
  otpRule,
  passwordRule,
  recoveryDayRule,
  recoveryHourRule,
  recoveryIssueRule,
  triesKey,
  wrongPasswordsPerAddress,
  wrongPasswordsPerName,
} from './throttle.ts';

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

/** Name, tries within the window, window, forgotten after, and the waits after the first, fifth, sixth and last try. */
const rules = [
  [otpRule, 'otp', 20, undefined, undefined, [0, 15 * second, 30 * second, hour]],
  [passwordRule, 'password', Number.MAX_SAFE_INTEGER, undefined, day, [0, 0, 5 * second, 15 * minute]],
  [recoveryHourRule, 'recovery-hour', 5, hour, hour, [0, 0, 0, 0]],
  [recoveryDayRule, 'recovery-day', 10, day, day, [0, 0, 0, 0]],
  [recoveryIssueRule, 'recovery-issue', 10, hour, hour, [0, 0, 0, 0]],
] as const;

for (const [rule, name, limit, windowMs, forgottenAfterMs, waits] of rules) {
  test(`the rule ${name}`, () => {
    assert.deepEqual(
      [rule.name, rule.limit, rule.windowMs, rule.forgottenAfterMs],
      [name, limit, windowMs, forgottenAfterMs],
    );
    const last = Math.min(limit, 40);
    assert.deepEqual(
      [1, 5, 6, last].map((count) => rule.waitAfterMs(count)),
      waits,
    );
  });
}

test('the soft limits', () => {
  assert.deepEqual(wrongPasswordsPerName, { name: 'name', windowMs: hour, above: 100, delayMs: 2 * second });
  assert.deepEqual(wrongPasswordsPerAddress, {
    ...{ name: 'address', windowMs: 10 * minute, above: 60, delayMs: 2 * second },
  });
});

test('each rule and each limit has counters of its own', () => {
  const all = [...rules.map(([rule]) => rule), wrongPasswordsPerName, wrongPasswordsPerAddress];
  assert.equal(new Set(all.map((one) => triesKey(one, 'ann'))).size, all.length);
  assert.equal(triesKey(otpRule, 'ann'), 'otp:ann');
});

test('a wrong password is added to the window that ends a window’s length from now', () => {
  assert.deepEqual(addToWindow(wrongPasswordsPerAddress, '192.0.2.1', 1_000_000), {
    ...{ change: 'try.add', key: 'address:192.0.2.1', nowMs: 1_000_000 },
    ...{ windowStartMs: 400_000, expiresAtMs: 1_600_000 },
  });
});

test('A12: a window that begins in the future, because the clock went back, delays nobody', () => {
  const tries = { key: 'name:x', count: 101, startedAtMs: 5 * day, notBeforeMs: 0 };
  assert.equal(delayOf(wrongPasswordsPerName, tries, 5 * day), 2 * second);
  assert.equal(delayOf(wrongPasswordsPerName, tries, 5 * day - 1), 0);
});
