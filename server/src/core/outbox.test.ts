// The outbox: waits grow, trying ends after three days or when it is of no use any more, and a lease outlives its delivery.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  afterFailure,
  claim,
  deliveryTimeoutMs,
  outboxLeaseMs,
  outboxLifeMs,
  waitAfterAttemptMs,
} from './outbox.ts';

const entry = { id: 'item', kind: 'mail', attempts: 0, expiresAtMs: outboxLifeMs };

test('waits grow from ten seconds to an hour', () => {
  const waits = Array.from({ length: 12 }, (_, index) => waitAfterAttemptMs(index + 1));
  assert.deepEqual(
    waits,
    waits.toSorted((a, b) => a - b),
  );
  assert.deepEqual([waits[0], waits.at(-1)], [10_000, 3_600_000]);
});

test('it is tried for 72 hours and then given up, in about eighty attempts', () => {
  let nowMs = 0;
  for (let attempts = 1; ; attempts += 1) {
    const change = afterFailure({ ...entry, attempts }, false, nowMs);
    if (change.change === 'outbox.remove') {
      assert.ok(nowMs > outboxLifeMs - 3_600_000 && nowMs <= outboxLifeMs, `${nowMs}`);
      assert.ok(attempts > 60 && attempts < 90, `${attempts}`);
      return;
    }
    assert.equal(change.attempts, attempts);
    nowMs = change.dueAtMs;
  }
});

test('what is refused for good is given up at once', () => {
  assert.deepEqual(afterFailure({ ...entry, attempts: 1 }, true, 5), {
    change: 'outbox.remove',
    id: 'item',
    attempts: 1,
  });
});

test('a claim is conditional on the attempts, and its lease is longer than any delivery', () => {
  assert.deepEqual(claim({ ...entry, attempts: 3 }, 100), {
    ...{ change: 'outbox.claim', id: 'item', attempts: 3, nowMs: 100, leaseUntilMs: 100 + outboxLeaseMs },
  });
  assert.ok(outboxLeaseMs > deliveryTimeoutMs);
});
