// Nobody is enrolled by somebody else: the proof that binds exists only when sign-in, enrollment and verdict belong
// together.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  beginEnrollment,
  bindAuthenticator,
  decideEnrollmentTry,
  type EnrollingSignIn,
  type Enrollment,
  proveEnrollment,
  triesPerEnrollment,
} from './enrollment.ts';

const nowMs = 1_700_000_000_000;
const signIn: EnrollingSignIn = {
  id: 'sign-in',
  accountId: 'ann',
  companyId: 'bakery',
  expiresAtMs: nowMs + 600_000,
};
const enrollment = beginEnrollment({ id: 'e', signIn, kind: 'totp', secret: new Uint8Array(20), nowMs });
const accepted = { verdict: 'accepted' } as const;

test('an enrollment belongs to the account and the life of the sign-in that opened it', () => {
  assert.equal(enrollment.accountId, 'ann');
  assert.equal(enrollment.companyId, 'bakery');
  assert.equal(enrollment.signInId, 'sign-in');
  assert.equal(enrollment.expiresAtMs, signIn.expiresAtMs);
  assert.equal(enrollment.state, 'open');
});

test('the proof is made when everything belongs together', () => {
  const proof = proveEnrollment({ signIn, enrollment, verdict: accepted, nowMs });
  assert.equal(proof?.enrollment, enrollment);
  assert.equal(proof?.provenAtMs, nowMs);
});

const mismatches: readonly (readonly [string, Partial<Parameters<typeof proveEnrollment>[0]>])[] = [
  ['the factor refused', { verdict: { verdict: 'refused' } }],
  ['another sign-in of the same account', { signIn: { ...signIn, id: 'other' } }],
  ['another account', { signIn: { ...signIn, accountId: 'bob' } }],
  ['another company', { signIn: { ...signIn, companyId: 'butcher' } }],
  ['the enrollment is bound already', { enrollment: { ...enrollment, state: 'bound' } }],
  ['its time is over', { nowMs: enrollment.expiresAtMs }],
];

for (const [why, change] of mismatches) {
  test(`there is no proof when ${why}`, () => {
    assert.equal(proveEnrollment({ signIn, enrollment, verdict: accepted, nowMs, ...change }), undefined);
  });
}

test('binding is for the account of the enrollment, conditional on its arrangement, audited in the same list', () => {
  const proof = proveEnrollment({ signIn, enrollment, verdict: accepted, nowMs });
  assert.ok(proof);
  const event = {
    id: 'event',
    atMs: nowMs,
    event: 'authenticator.bound',
    companyId: 'bakery',
    accountId: 'ann',
    facts: {},
    personal: {},
  } as const;
  const authenticator = { id: 'a', label: '', position: 1, lastStep: 7, driftSteps: 0 };
  const changes = bindAuthenticator(proof, authenticator, 4, event);
  assert.deepEqual(
    changes.map((one) => one.change),
    ['account.rearrange', 'enrollment.consume', 'authenticator.bind', 'audit.append'],
  );
  assert.deepEqual(changes[0], { change: 'account.rearrange', id: 'ann', expectedArrangement: 4 });
  assert.deepEqual(changes[1], { change: 'enrollment.consume', id: 'e', nowMs });
  const bind = changes[2] as Extract<(typeof changes)[number], { change: 'authenticator.bind' }>;
  assert.equal(bind.proof, proof);
  assert.equal(bind.auditEventId, 'event');
});

test('an enrollment takes so many tries and no more', () => {
  assert.equal(triesPerEnrollment, 5);
  assert.equal(enrollment.tries, 0);
  assert.deepEqual(decideEnrollmentTry(enrollment, nowMs), {
    decision: 'count',
    change: { change: 'enrollment.count', id: 'e', limit: 5, nowMs },
  });
  const at = (tries: number): Enrollment => ({ ...enrollment, tries });
  assert.equal(decideEnrollmentTry(at(triesPerEnrollment - 1), nowMs).decision, 'count');
  assert.equal(decideEnrollmentTry(at(triesPerEnrollment), nowMs).decision, 'dead');
  assert.equal(decideEnrollmentTry({ ...enrollment, state: 'bound' }, nowMs).decision, 'dead');
  assert.equal(decideEnrollmentTry(enrollment, enrollment.expiresAtMs).decision, 'dead');
});
