// Every decision of the sign-in machine by itself: what it takes, what it gives, and what it refuses to look at.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Application } from './application.ts';
import type { Authenticator } from './authenticator.ts';
import { type Challenge, issueChallenge } from './challenge.ts';
import type { Change } from './changes.ts';
import { complete } from './complete-sign-in.ts';
import { beginEnrollment, type Enrollment } from './enrollment.ts';
import { sessionLifeMs } from './session.ts';
import {
  acceptBackup,
  acceptBinding,
  acceptFactor,
  acceptPassword,
  auditOf,
  beginSignIn,
  type Circumstances,
  chooseMethod,
  type Decision,
  enrolling,
  isLive,
  mayEnroll,
  reopenEnrollment,
  type SignIn,
  type SignInState,
  type Situation,
  settle,
  signInLifeMs,
} from './sign-in.ts';

const nowMs = 1_700_000_000_000;
const application: Application = { id: 'panel', name: 'Panel', secondFactor: 'required', homeUrl: undefined };
const account = {
  id: 'ann',
  companyId: 'bakery',
  username: 'ann@demo.test',
  status: 'active',
  arrangement: 1,
} as const;
const company = { id: 'bakery', name: 'Bakery', authenticatorAppsPerAccount: 1 };
const states: readonly SignInState[] = [
  ...(['password', 'factor', 'enrollment', 'backup', 'proven', 'done', 'refused', 'expired'] as const),
];

/** Identifiers in the order in which they are asked for. */
function circumstances(atMs = nowMs): Circumstances {
  let minted = 0;
  return {
    nowMs: atMs,
    mint: () => {
      minted += 1;
      return `minted-${minted}`;
    },
    personal: { address: '192.0.2.1' },
  };
}

const newSecret = () => Uint8Array.of(7, 7, 7);
const method = (id: string, fields: Partial<Authenticator> = {}): Authenticator => ({
  ...{ id, accountId: 'ann', companyId: 'bakery', kind: 'totp', label: '', position: 1, boundAtMs: 0 },
  ...{ lastUsedAtMs: undefined, unusedCodes: undefined, keptAtMs: undefined },
  ...fields,
});
const app = method('app');
const codes = (unusedCodes: number) =>
  method('codes', { kind: 'recovery-code', position: 0, unusedCodes, keptAtMs: 1 });
const having = (...authenticators: readonly Authenticator[]): Situation => ({
  ...{ application, company, authenticators },
  account: { ...account, arrangement: authenticators.length },
});

const begun = beginSignIn({ id: 'sign-in', application, wants: {}, interaction: 'asked', nowMs });
const password = { kind: 'password', atMs: nowMs } as const;
/** A sign-in of Ann in a state. */
const inState = (state: SignInState, fields: Partial<SignIn> = {}): SignIn => ({
  ...begun,
  ...{ state, accountId: 'ann', companyId: 'bakery', proofs: [password], revision: 4 },
  ...{ challengeId: 'challenge', enrollmentId: 'enrollment' },
  ...fields,
});
const challengeOf = (authenticator: Authenticator, fields: Partial<Challenge> = {}): Challenge => ({
  ...issueChallenge({ id: 'challenge', signIn: inState('factor'), authenticator, nowMs }),
  ...fields,
});
const ownerOf = (signIn: SignIn) => enrolling(signIn) ?? assert.fail('it has an owner');
const enrollment: Enrollment = beginEnrollment({
  ...{ id: 'enrollment', signIn: ownerOf(inState('enrollment')), kind: 'totp', secret: newSecret(), nowMs },
});

const namesOf = (changes: readonly Change[]) =>
  changes.map((one) => (one.change === 'audit.append' ? one.event.event : one.change));
const stateAfter = (decision: Decision | undefined) => decision?.next.state;

test('a sign-in begins before the password, of nobody, for ten minutes', () => {
  assert.equal(signInLifeMs, 600_000);
  assert.deepEqual(begun, {
    ...{
      id: 'sign-in',
      revision: 0,
      state: 'password',
      applicationId: 'panel',
      wants: {},
      interaction: 'asked',
    },
    ...{ accountId: undefined, companyId: undefined, proofs: [] },
    ...{ challengeId: undefined, enrollmentId: undefined, sessionId: undefined },
    ...{ createdAtMs: nowMs, expiresAtMs: nowMs + 600_000 },
  });
});

test('it lives until its time is over, or it was refused or made way', () => {
  const alive = states.filter((state) => isLive(inState(state), nowMs));
  assert.deepEqual(alive, ['password', 'factor', 'enrollment', 'backup', 'proven', 'done']);
  assert.equal(isLive(begun, begun.expiresAtMs - 1), true);
  assert.equal(isLive(begun, begun.expiresAtMs), false);
});

test('enrollment knows of a sign-in whose it is, and nothing before it is somebody’s', () => {
  assert.equal(enrolling(begun), undefined);
  assert.equal(enrolling({ ...begun, accountId: 'ann' }), undefined);
  assert.equal(enrolling({ ...begun, companyId: 'bakery' }), undefined);
  const { expiresAtMs } = begun;
  assert.deepEqual(enrolling(inState('factor')), {
    id: 'sign-in',
    accountId: 'ann',
    companyId: 'bakery',
    expiresAtMs,
  });
});

test('the right password brings the account in and asks for its first method', () => {
  const decision = acceptPassword(begun, having(codes(9), app), newSecret, circumstances());
  assert.deepEqual(decision?.next, {
    ...begun,
    ...{
      state: 'factor',
      accountId: 'ann',
      companyId: 'bakery',
      proofs: [password],
      challengeId: 'minted-1',
    },
  });
  const challenge = { ...challengeOf(app), id: 'minted-1' };
  assert.deepEqual(decision?.changes.slice(0, 2), [
    { change: 'sign-in.crowd-out', accountId: 'ann', exceptId: 'sign-in', keep: 9, nowMs },
    { change: 'challenge.issue', challenge },
  ]);
  assert.deepEqual(decision?.changes[2], {
    change: 'audit.append',
    event: {
      ...{ id: 'minted-2', atMs: nowMs, event: 'password.accepted', companyId: 'bakery', accountId: 'ann' },
      ...{ facts: { signInId: 'sign-in' }, personal: { address: '192.0.2.1' } },
    },
  });
  assert.equal(decision?.changes.length, 3);
});

test('whoever never had a method is led to one, with a secret of its own', () => {
  const decision = acceptPassword(begun, having(), newSecret, circumstances());
  assert.equal(stateAfter(decision), 'enrollment');
  assert.equal(decision?.next.enrollmentId, 'minted-1');
  const [, begin, audit] = decision?.changes ?? [];
  assert.deepEqual(begin, { change: 'enrollment.begin', enrollment: { ...enrollment, id: 'minted-1' } });
  assert.deepEqual(audit?.change === 'audit.append' && [audit.event.event, audit.event.facts], [
    'enrollment.begun',
    { signInId: 'sign-in', kind: 'totp' },
  ]);
});

test('whoever is asked for nothing is proven, and no more than that', () => {
  const free = { ...having(app), application: { ...application, secondFactor: 'none' } } as const;
  const decision = acceptPassword(begun, free, newSecret, circumstances());
  assert.equal(stateAfter(decision), 'proven');
  assert.equal(decision?.next.sessionId, undefined);
  assert.deepEqual(namesOf(decision?.changes ?? []), ['sign-in.crowd-out', 'password.accepted']);
});

test('whoever has no method left is refused, and is led to no enrollment (B4)', () => {
  const removed: Situation = { ...having(), account: { ...account, arrangement: 2 } };
  for (const situation of [having(codes(0)), removed]) {
    const decision = acceptPassword(begun, situation, newSecret, circumstances());
    assert.equal(stateAfter(decision), 'refused');
    assert.deepEqual(namesOf(decision?.changes ?? []), [
      'sign-in.crowd-out',
      'sign-in.refused',
      'password.accepted',
    ]);
    const refused = decision?.changes[1];
    assert.equal(refused?.change === 'audit.append' && refused.event.facts.reason, 'no-method-left');
  }
});

test('a right code of the current challenge is a proof, uses the challenge up, and asks the policy again', () => {
  const decision = acceptFactor(
    inState('factor'),
    challengeOf(app),
    having(app, codes(3)),
    newSecret,
    circumstances(),
  );
  const proof = { kind: 'totp', authenticatorId: 'app', atMs: nowMs };
  assert.deepEqual(decision?.next, inState('proven', { proofs: [password, proof as never] }));
  assert.deepEqual(namesOf(decision?.changes ?? []), ['challenge.consume', 'try.reset', 'factor.accepted']);
  const audit = decision?.changes.at(-1);
  assert.deepEqual(audit?.change === 'audit.append' && audit.event.facts, {
    ...{ signInId: 'sign-in', kind: 'totp', authenticatorId: 'app' },
  });
  const withoutBackup = acceptFactor(
    inState('factor'),
    challengeOf(app),
    having(app),
    newSecret,
    circumstances(),
  );
  assert.equal(stateAfter(withoutBackup), 'backup');
});

test('the last recovery code lets in, but leaves no backup: a new set comes first', () => {
  const after = (unused: number, ...others: readonly Authenticator[]) => {
    const set = codes(unused);
    const situation = having(...others, set);
    return stateAfter(
      acceptFactor(inState('factor'), challengeOf(set), situation, newSecret, circumstances()),
    );
  };
  assert.equal(after(2, app), 'proven');
  assert.equal(after(1, app), 'backup');
  assert.equal(after(2), 'enrollment', 'codes alone are no method to go on with');
});

test('B3: a challenge of another sign-in, another account, or one that was replaced, proves nothing', () => {
  const attempts: readonly Partial<Challenge>[] = [
    { id: 'other' },
    { signInId: 'other' },
    { accountId: 'bob' },
  ];
  for (const fields of attempts) {
    const given = challengeOf(app, fields);
    assert.equal(acceptFactor(inState('factor'), given, having(app), newSecret, circumstances()), undefined);
  }
  const nobody = inState('factor', { challengeId: undefined });
  assert.equal(acceptFactor(nobody, challengeOf(app), having(app), newSecret, circumstances()), undefined);
});

test('another of one’s own methods may be picked, nobody else’s, and none that is used up', () => {
  const other = method('other', { position: 5 });
  const decision = chooseMethod(inState('factor'), [app, other], 'other', circumstances());
  assert.deepEqual(decision, {
    next: inState('factor', { challengeId: 'minted-1' }),
    changes: [{ change: 'challenge.issue', challenge: { ...challengeOf(other), id: 'minted-1' } }],
  });
  const foreign = method('foreign', { accountId: 'bob' });
  for (const [id, methods] of [
    ['foreign', [app, foreign]],
    ['codes', [app, codes(0)]],
    ['none', [app]],
  ] as const) {
    assert.equal(chooseMethod(inState('factor'), methods, id, circumstances()), undefined, id);
  }
});

test('an abandoned key is replaced by a new one', () => {
  const decision = reopenEnrollment(inState('enrollment'), newSecret, circumstances());
  assert.deepEqual(decision?.next, inState('enrollment', { enrollmentId: 'minted-1' }));
  assert.deepEqual(namesOf(decision?.changes ?? []), ['enrollment.begin', 'enrollment.begun']);
  const ownerless = inState('enrollment', { accountId: undefined });
  assert.throws(() => reopenEnrollment(ownerless, newSecret, circumstances()), TypeError);
});

test('what was bound counts as a proof; a first method is followed by a backup', () => {
  const bound = method('bound');
  const signIn = inState('enrollment');
  const first = acceptBinding(signIn, enrollment, bound, having(), newSecret, circumstances());
  const proof = { kind: 'totp', authenticatorId: 'bound', atMs: nowMs };
  assert.deepEqual(first, { next: inState('backup', { proofs: [password, proof as never] }), changes: [] });
  const byCode = { kind: 'recovery-code', authenticatorId: 'codes', atMs: nowMs } as const;
  const back = { ...signIn, proofs: [password, byCode] };
  const withCodes = acceptBinding(back, enrollment, bound, having(codes(2)), newSecret, circumstances());
  assert.deepEqual(withCodes?.next, inState('proven', { proofs: [password, byCode, proof as never] }));
  const onPasswordAlone = acceptBinding(
    signIn,
    enrollment,
    bound,
    having(codes(2)),
    newSecret,
    circumstances(),
  );
  assert.equal(onPasswordAlone, undefined, 'whoever has a method binds no other on the password alone (B4)');
  const other = { ...enrollment, id: 'other' };
  assert.equal(acceptBinding(signIn, other, bound, having(), newSecret, circumstances()), undefined);
});

test('on the password alone only the very first method is bound', () => {
  const factor = { kind: 'totp', authenticatorId: 'app', atMs: nowMs } as const;
  const proven = inState('enrollment', { proofs: [password, factor] });
  const at = (arrangement: number) => ({ ...account, arrangement });
  assert.equal(mayEnroll(inState('enrollment'), at(0)), true);
  assert.equal(mayEnroll(inState('enrollment'), at(1)), false);
  assert.equal(mayEnroll(proven, at(1)), true);
  assert.equal(mayEnroll(proven, at(0)), true);
});

test('a backup is kept by whoever has one, and one that is used up is none', () => {
  const signIn = inState('backup');
  assert.deepEqual(acceptBackup(signIn, [app, codes(1)], circumstances()), {
    next: inState('proven'),
    changes: [{ change: 'recovery-codes.keep', id: 'codes', nowMs }],
  });
  assert.equal(acceptBackup(signIn, [app, codes(0)], circumstances()), undefined);
  assert.equal(acceptBackup(signIn, [app], circumstances()), undefined);
});

test('what is proven becomes a session, of the account whose it is, for twelve hours', () => {
  const tokenHash = Uint8Array.of(1, 2);
  const proofs = [password, { kind: 'totp', authenticatorId: 'app', atMs: nowMs } as const];
  const signIn = inState('proven', { proofs });
  const session = {
    ...{ id: 'minted-1', accountId: 'ann', companyId: 'bakery', proofs },
    ...{ createdAtMs: nowMs, expiresAtMs: nowMs + 12 * 3_600_000 },
  };
  const audit = {
    change: 'audit.append',
    event: {
      ...{ id: 'minted-2', atMs: nowMs, event: 'sign-in.succeeded', companyId: 'bakery', accountId: 'ann' },
      facts: {
        ...{ signInId: 'sign-in', sessionId: 'minted-1', applicationId: 'panel' },
        assurance: 'urn:secondring:acr:two-factor',
      },
      personal: { address: '192.0.2.1' },
    },
  };
  const begin = { change: 'session.begin', session, signInId: 'sign-in', tokenHash };
  const next = { ...signIn, state: 'done', sessionId: 'minted-1' };
  assert.deepEqual(complete(signIn, tokenHash, undefined, circumstances()), {
    next,
    changes: [begin, audit],
    session,
  });

  for (const missing of [{ accountId: undefined }, { companyId: undefined }]) {
    assert.equal(complete({ ...signIn, ...missing }, tokenHash, undefined, circumstances()), undefined);
  }
});

const factor = { kind: 'totp', authenticatorId: 'app', atMs: nowMs } as const;

test('another account’s session in this browser ends, and the audit says it of that account', () => {
  const signIn = inState('proven', { proofs: [password, factor] });
  const end = { change: 'session.end', id: 'old', reason: 'replaced', nowMs };
  const bob = { id: 'old', accountId: 'bob', companyId: 'butcher', proofs: [password] };
  const held = { session: { ...bob, createdAtMs: 1, expiresAtMs: nowMs + 1 }, tokenHash: Uint8Array.of(8) };
  const completed = complete(signIn, Uint8Array.of(9), held, circumstances());
  const replacing = completed?.changes ?? [];
  assert.notEqual(completed?.session.id, 'old');
  assert.deepEqual(replacing[1], end);
  assert.deepEqual(namesOf(replacing), [
    'session.begin',
    'session.end',
    'session.ended',
    'sign-in.succeeded',
  ]);
  const ended = replacing[2]?.change === 'audit.append' ? replacing[2].event : undefined;
  assert.deepEqual([ended?.accountId, ended?.companyId], ['bob', 'butcher']);
  assert.deepEqual(ended?.facts, { sessionId: 'old', reason: 'replaced' });
});

test('the account’s own session in this browser is renewed: a new token, the newest proofs, the same row', () => {
  const signIn = inState('proven', { proofs: [{ ...password, atMs: nowMs - 5 }, factor] });
  const earlier = { ...password, atMs: nowMs - 1000 };
  const session = {
    ...{ id: 'old', accountId: 'ann', companyId: 'bakery', proofs: [earlier] },
    ...{ createdAtMs: nowMs - 1000, expiresAtMs: nowMs - 1000 + sessionLifeMs },
  };
  const held = { session, tokenHash: Uint8Array.of(8) };
  const completed = complete(signIn, Uint8Array.of(9), held, circumstances());
  assert.equal(completed?.next.sessionId, 'old');
  assert.deepEqual(completed?.changes[0], {
    change: 'session.renew',
    session: { ...session, proofs: signIn.proofs, expiresAtMs: nowMs - 5 + sessionLifeMs },
    ...{ expectedTokenHash: Uint8Array.of(8), tokenHash: Uint8Array.of(9), nowMs },
  });
  assert.deepEqual(namesOf(completed?.changes ?? []), ['session.renew', 'sign-in.succeeded']);
});

test('a decision is committed from the revision it was decided on, with everything that comes with it', () => {
  const changes: readonly Change[] = [{ change: 'try.reset', key: 'otp:ann' }];
  const settled = settle({ next: inState('proven'), changes }, nowMs + 1);
  assert.deepEqual(settled, [
    { change: 'sign-in.advance', next: inState('proven', { revision: 5 }), nowMs: nowMs + 1 },
    ...changes,
  ]);
});

test('an audit event says what happened in whose sign-in', () => {
  const { event } = auditOf('factor.refused', inState('factor'), { reason: 'wrong' }, circumstances());
  assert.deepEqual(event, {
    ...{ id: 'minted-1', atMs: nowMs, event: 'factor.refused', companyId: 'bakery', accountId: 'ann' },
    ...{ facts: { signInId: 'sign-in', reason: 'wrong' }, personal: { address: '192.0.2.1' } },
  });
});

/** Each step, with everything right but the state of the sign-in or its time, and the one state it is taken in. */
const steps: Readonly<Record<string, [SignInState, (signIn: SignIn, at: Circumstances) => unknown]>> = {
  password: ['password', (signIn, at) => acceptPassword(signIn, having(app), newSecret, at)],
  'another method': ['factor', (signIn, at) => chooseMethod(signIn, [app], 'app', at)],
  code: ['factor', (signIn, at) => acceptFactor(signIn, challengeOf(app), having(app), newSecret, at)],
  'new key': ['enrollment', (signIn, at) => reopenEnrollment(signIn, newSecret, at)],
  binding: ['enrollment', (signIn, at) => acceptBinding(signIn, enrollment, app, having(), newSecret, at)],
  backup: ['backup', (signIn, at) => acceptBackup(signIn, [codes(1)], at)],
  completion: ['proven', (signIn, at) => complete(signIn, Uint8Array.of(1), undefined, at)],
};

for (const [name, [only, take]] of Object.entries(steps)) {
  test(`${name}: in its state, in its time, and never otherwise (B1)`, () => {
    const taken = states.filter((state) => take(inState(state), circumstances()) !== undefined);
    assert.deepEqual(taken, [only]);
    const { expiresAtMs } = begun;
    assert.notEqual(take(inState(only), circumstances(expiresAtMs - 1)), undefined);
    assert.equal(take(inState(only), circumstances(expiresAtMs)), undefined);
  });
}
