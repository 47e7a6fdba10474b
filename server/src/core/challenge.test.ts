// A challenge counts its own tries besides the account's, and what counts is decided before anything is checked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authenticator, FactorKind } from './authenticator.ts';
import {
  acceptChallenge,
  type Challenge,
  counterKeys,
  decideChallengeTry,
  issueChallenge,
  triesPerChallenge,
} from './challenge.ts';
import type { Tries } from './throttle.ts';

const nowMs = 1_700_000_000_000;

function issued(kind: FactorKind = 'totp', fields: Partial<Challenge> = {}): Challenge {
  const authenticator: Authenticator = {
    ...{ id: 'authenticator', accountId: 'ann', companyId: 'bakery', kind, label: '', position: 1 },
    ...{ boundAtMs: 0, lastUsedAtMs: undefined, unusedCodes: undefined, keptAtMs: undefined },
  };
  const signIn = { id: 'sign-in', expiresAtMs: nowMs + 1000 };
  return { ...issueChallenge({ id: 'challenge', signIn, authenticator, nowMs }), ...fields };
}

/** Counters as stored, by key. */
function counters(...tries: readonly Tries[]): ReadonlyMap<string, Tries> {
  return new Map(tries.map((one) => [one.key, one]));
}

const counter = (key: string, count: number, fields: Partial<Tries> = {}): Tries => ({
  ...{ key, count, startedAtMs: nowMs, notBeforeMs: nowMs },
  ...fields,
});

test('a challenge is of one authenticator, in one sign-in, and lives as long as that', () => {
  assert.deepEqual(issued('phone'), {
    id: 'challenge',
    signInId: 'sign-in',
    accountId: 'ann',
    authenticatorId: 'authenticator',
    kind: 'phone',
    tries: 0,
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + 1000,
    consumedAtMs: undefined,
  });
});

test('each kind of factor has its counters', () => {
  const keys = (kind: FactorKind) => counterKeys(kind, 'ann');
  assert.deepEqual(keys('totp'), ['otp:ann']);
  assert.deepEqual(keys('phone'), ['otp:ann']);
  assert.deepEqual(keys('app'), ['otp:ann']);
  assert.deepEqual(keys('recovery-code'), ['recovery-hour:ann', 'recovery-day:ann']);
  assert.deepEqual(keys('passkey'), []);
});

test('a try is counted in the challenge and in every counter of its kind', () => {
  const stored = counter('otp:ann', 2, { startedAtMs: nowMs - 50 });
  assert.deepEqual(decideChallengeTry(issued(), counters(stored), nowMs), {
    decision: 'count',
    changes: [
      {
        change: 'try.count',
        key: 'otp:ann',
        expected: { count: 2, startedAtMs: nowMs - 50 },
        count: 3,
        startedAtMs: nowMs - 50,
        notBeforeMs: nowMs,
        expiresAtMs: undefined,
      },
      { change: 'challenge.count', id: 'challenge', limit: 3, nowMs },
    ],
  });
  const recovery = decideChallengeTry(issued('recovery-code'), counters(), nowMs);
  assert.deepEqual(
    recovery.decision === 'count' && recovery.changes.map((one) => ('key' in one ? one.key : one.change)),
    ['recovery-hour:ann', 'recovery-day:ann', 'challenge.count'],
  );
  assert.deepEqual(decideChallengeTry(issued('passkey'), counters(), nowMs), {
    decision: 'count',
    changes: [{ change: 'challenge.count', id: 'challenge', limit: 3, nowMs }],
  });
});

test('three tries, and then the challenge is dead', () => {
  assert.equal(triesPerChallenge, 3);
  const decisions = [0, 1, 2, 3, 4].map(
    (tries) => decideChallengeTry(issued('totp', { tries }), counters(), nowMs).decision,
  );
  assert.deepEqual(decisions, ['count', 'count', 'count', 'dead', 'dead']);
});

test('a challenge that was answered, or whose time is over, is dead', () => {
  assert.equal(decideChallengeTry(issued('totp', { consumedAtMs: 1 }), counters(), nowMs).decision, 'dead');
  assert.equal(decideChallengeTry(issued(), counters(), nowMs + 999).decision, 'count');
  assert.equal(decideChallengeTry(issued(), counters(), nowMs + 1000).decision, 'dead');
});

test('a lock is said first, then that the challenge is dead, then a wait', () => {
  const waiting = counters(counter('otp:ann', 4, { notBeforeMs: nowMs + 5000 }));
  const locked = counters(counter('otp:ann', 20));
  for (const tries of [0, 3]) {
    assert.deepEqual(decideChallengeTry(issued('totp', { tries }), locked, nowMs), { decision: 'locked' });
  }
  assert.deepEqual(decideChallengeTry(issued('totp', { tries: 3 }), waiting, nowMs), { decision: 'dead' });
  const decided = decideChallengeTry(issued('totp', { tries: 2 }), waiting, nowMs);
  assert.deepEqual(decided, { decision: 'wait', untilMs: nowMs + 5000 });
});

test('of the two counters of recovery codes either is enough to wait for', () => {
  const hour = 3_600_000;
  const decide = (...tries: Tries[]) =>
    decideChallengeTry(issued('recovery-code'), counters(...tries), nowMs);
  assert.deepEqual(decide(counter('recovery-hour:ann', 5)), { decision: 'wait', untilMs: nowMs + hour });
  assert.deepEqual(decide(counter('recovery-day:ann', 10)), { decision: 'wait', untilMs: nowMs + 24 * hour });
  assert.equal(decide(counter('recovery-hour:ann', 4), counter('recovery-day:ann', 9)).decision, 'count');
});

test('short codes of a lock do not keep out recovery codes or passkeys, and another account’s lock nobody', () => {
  const locked = counters(counter('otp:ann', 20), counter('otp:bob', 20), counter('recovery-hour:bob', 5));
  assert.equal(decideChallengeTry(issued('recovery-code'), locked, nowMs).decision, 'count');
  assert.equal(decideChallengeTry(issued('passkey'), locked, nowMs).decision, 'count');
  assert.equal(decideChallengeTry(issued('totp', { accountId: 'eve' }), locked, nowMs).decision, 'count');
});

test('a right response uses the challenge up and resets the counters of its kind; the strong ones also lift the lock', () => {
  const resets = (kind: FactorKind) => {
    const [consume, ...others] = acceptChallenge(issued(kind), nowMs);
    assert.deepEqual(consume, { change: 'challenge.consume', id: 'challenge', nowMs });
    return others.map((one) => (one.change === 'try.reset' ? one.key : one.change));
  };
  assert.deepEqual(resets('totp'), ['otp:ann']);
  assert.deepEqual(resets('phone'), ['otp:ann']);
  assert.deepEqual(resets('app'), ['otp:ann']);
  assert.deepEqual(resets('recovery-code'), ['recovery-hour:ann', 'recovery-day:ann', 'otp:ann']);
  assert.deepEqual(resets('passkey'), ['otp:ann']);
});
