// The sign-in machine: one attempt of one browser to get into one application.
//
//                    ┌──────────────▶ factor ─────────┐
//   password ───────┼──────────────▶ enrollment ─────┤──▶ backup ──▶ proven ──▶ done
//                    └────────────────────────────────┘
//   from every state before done: refused (no way on), expired (ten minutes after it began)
//
// In prose. A sign-in begins in `password`, bound to the key of the browser that began it and to one application.
// The right password brings the account in; from then on it is the account's and can never become another's. In a
// browser that has a session whose proofs are not enough, a sign-in begins as that session's account with the proofs
// that count (a step-up), and only what is missing is asked for. The policy then says what is asked: a `factor` that the account has, the `enrollment` of its first, or nothing. After
// a proof the policy is asked again: whoever has no backup gets one (`backup`). What is proven is `proven`, and no
// more than that: it is not a session. It becomes `done`, and brings a session with it, only by a request from the
// browser that began it; a proof that came in by telephone waits in `proven` for that request. A session that the
// browser has already, of the same account, is renewed under a new token; one of another account ends.
//
// A pending sign-in is never a session: it has its own type, table and cookie, and no function takes one for the
// other. Every transition is a change conditional on the revision it was decided on, so that of two transitions at
// once one wins and the other is told.

import type { Account, Company } from './account.ts';
import type { Application } from './application.ts';
import type { Proof } from './assurance.ts';
import { type AuditEvent, type AuditEventName, auditEvent } from './audit.ts';
import { type Authenticator, inAskingOrder } from './authenticator.ts';
import { acceptChallenge, type Challenge, issueChallenge } from './challenge.ts';
import type { Change } from './changes.ts';
import { beginEnrollment, type EnrollingSignIn, type Enrollment } from './enrollment.ts';
import { countingProofs, nextStep, type Wants } from './policy.ts';
import { mergeProofs, passwordFreshMs } from './session.ts';

export type SignInState =
  | 'password'
  | 'factor'
  | 'enrollment'
  | 'backup'
  | 'proven'
  | 'done'
  | 'refused'
  | 'expired';

export interface SignIn {
  readonly id: string;
  readonly revision: number;
  readonly state: SignInState;
  readonly applicationId: string;
  readonly wants: Wants;
  /** The OIDC interaction that waits for the outcome; undefined: the person came to our own pages. */
  readonly interaction: string | undefined;
  readonly accountId: string | undefined;
  readonly companyId: string | undefined;
  readonly proofs: readonly Proof[];
  readonly challengeId: string | undefined;
  readonly enrollmentId: string | undefined;
  readonly sessionId: string | undefined;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Absolute life of a pending sign-in, in milliseconds: ten minutes (security.md §6). */
export const signInLifeMs = 10 * 60 * 1000;
/** Changes of one sign-in; beyond them it only ends. Each new challenge or key is one, so they are bounded too. */
const maximumRevision = 60;
/** Live sign-ins an account may have at a time, counted from the password on; a further one ends the oldest. */
export const liveSignInsPerAccount = 10;

/** What callers supply besides state and event: identifiers, and the facts an audit event carries. */
export interface Circumstances {
  readonly nowMs: number;
  /** A fresh identifier, unique and unguessable, on each call. */
  readonly mint: () => string;
  /** Network address, browser and such; erasable. */
  readonly personal: Readonly<Record<string, string>>;
}

/** Who the account is and what it has, as loaded for the decision. */
export interface Situation {
  readonly application: Application;
  readonly account: Account;
  readonly company: Company;
  readonly authenticators: readonly Authenticator[];
}

/**
 * What a decision gives: the next state, still at the revision it was decided on, and the changes that come with
 * it. `settle` makes the commit of it.
 */
export interface Decision {
  readonly next: SignIn;
  readonly changes: readonly Change[];
}

/** Begins a sign-in. */
export function beginSignIn(input: {
  readonly id: string;
  readonly application: Application;
  readonly wants: Wants;
  readonly interaction: string | undefined;
  readonly nowMs: number;
}): SignIn {
  return {
    id: input.id,
    revision: 0,
    state: 'password',
    applicationId: input.application.id,
    wants: input.wants,
    interaction: input.interaction,
    accountId: undefined,
    companyId: undefined,
    proofs: [],
    challengeId: undefined,
    enrollmentId: undefined,
    sessionId: undefined,
    createdAtMs: input.nowMs,
    expiresAtMs: input.nowMs + signInLifeMs,
  };
}

/**
 * Begins a sign-in in a browser that has a session: it is the session's account's, what the session proved counts as
 * far as it is fresh enough, and the policy says what is missing. The first method is set up only by whoever gave the
 * password just now: a session that was left open must not be enough for that.
 *
 * @param begun from `beginSignIn`
 * @param sessionProofs what the session proved
 */
export function stepUp(
  begun: SignIn,
  sessionProofs: readonly Proof[],
  situation: Situation,
  newSecret: () => Uint8Array,
  circumstances: Circumstances,
): Decision {
  const { account } = situation;
  const counting = countingProofs(sessionProofs, begun.wants);
  const isFresh = counting.every(
    (proof) => proof.kind !== 'password' || circumstances.nowMs - proof.atMs < passwordFreshMs,
  );
  const step = nextStep({ ...situation, wants: begun.wants, proofs: counting });
  const proofs =
    step === 'enrollment' && !isFresh ? counting.filter((proof) => proof.kind !== 'password') : counting;
  const known = { ...begun, accountId: account.id, companyId: account.companyId, proofs };
  const led = leadOn(known, situation, newSecret, circumstances);
  return { next: led.next, changes: [crowdOut(known, account, circumstances), ...led.changes] };
}

/** Whether anything may still be asked in it. */
export function isLive(signIn: SignIn, nowMs: number): boolean {
  return nowMs < signIn.expiresAtMs && signIn.state !== 'refused' && signIn.state !== 'expired';
}

/** The sign-in as enrollment may know it; undefined before the password was right. */
export function enrolling(signIn: SignIn): EnrollingSignIn | undefined {
  const { id, accountId, companyId, expiresAtMs } = signIn;
  if (accountId === undefined || companyId === undefined) return undefined;
  return { id, accountId, companyId, expiresAtMs };
}

/**
 * The password was right. The account comes in, and the policy says what is next.
 *
 * @param newSecret makes the secret of a first enrollment, if that is what comes next
 */
export function acceptPassword(
  signIn: SignIn,
  situation: Situation,
  newSecret: () => Uint8Array,
  circumstances: Circumstances,
): Decision | undefined {
  if (signIn.state !== 'password' || !isLive(signIn, circumstances.nowMs)) return undefined;
  const { account } = situation;
  if (signIn.accountId !== undefined && signIn.accountId !== account.id) return undefined;
  const known: SignIn = {
    ...signIn,
    accountId: account.id,
    companyId: account.companyId,
    proofs: mergeProofs(signIn.proofs, [{ kind: 'password', atMs: circumstances.nowMs }]),
  };
  const led = leadOn(known, situation, newSecret, circumstances);
  return {
    next: led.next,
    changes: [
      crowdOut(signIn, account, circumstances),
      ...led.changes,
      auditOf('password.accepted', led.next, {}, circumstances),
    ],
  };
}

/** A further sign-in of an account ends its oldest ones beyond the limit. */
function crowdOut(signIn: SignIn, account: Account, { nowMs }: Circumstances): Change {
  const keep = liveSignInsPerAccount - 1;
  return { change: 'sign-in.crowd-out', accountId: account.id, exceptId: signIn.id, keep, nowMs };
}

/** The person picked another of their methods: a new challenge takes the place of the old one. */
export function chooseMethod(
  signIn: SignIn,
  authenticators: readonly Authenticator[],
  authenticatorId: string,
  circumstances: Circumstances,
): Decision | undefined {
  if (signIn.state !== 'factor' || !isLive(signIn, circumstances.nowMs)) return undefined;
  if (signIn.revision >= maximumRevision) return undefined;
  const chosen = inAskingOrder(authenticators).find(
    (one) => one.id === authenticatorId && one.accountId === signIn.accountId,
  );
  if (chosen === undefined) return undefined;
  const challenge = issueChallenge({
    id: circumstances.mint(),
    signIn,
    authenticator: chosen,
    nowMs: circumstances.nowMs,
  });
  const next = { ...signIn, challengeId: challenge.id };
  return { next, changes: [{ change: 'challenge.issue', challenge }] };
}

/** A response to the current challenge was right. */
export function acceptFactor(
  signIn: SignIn,
  challenge: Challenge,
  situation: Situation,
  newSecret: () => Uint8Array,
  circumstances: Circumstances,
): Decision | undefined {
  if (signIn.state !== 'factor' || !isLive(signIn, circumstances.nowMs)) return undefined;
  if (challenge.id !== signIn.challengeId || challenge.signInId !== signIn.id) return undefined;
  if (challenge.accountId !== signIn.accountId) return undefined;
  const proof: Proof = {
    kind: challenge.kind,
    authenticatorId: challenge.authenticatorId,
    atMs: circumstances.nowMs,
  };
  const proven = { ...signIn, proofs: mergeProofs(signIn.proofs, [proof]) };
  const authenticators = situation.authenticators.map((one) =>
    one.id === challenge.authenticatorId && one.unusedCodes !== undefined
      ? { ...one, unusedCodes: one.unusedCodes - 1 }
      : one,
  );
  const led = leadOn(proven, { ...situation, authenticators }, newSecret, circumstances);
  return {
    next: led.next,
    changes: [
      ...acceptChallenge(challenge, circumstances.nowMs),
      ...led.changes,
      auditOf(
        'factor.accepted',
        led.next,
        { kind: proof.kind, authenticatorId: proof.authenticatorId },
        circumstances,
      ),
    ],
  };
}

/** A new key to set up in the place of one that was abandoned. */
export function reopenEnrollment(
  signIn: SignIn,
  newSecret: () => Uint8Array,
  circumstances: Circumstances,
): Decision | undefined {
  if (signIn.state !== 'enrollment' || !isLive(signIn, circumstances.nowMs)) return undefined;
  if (signIn.revision >= maximumRevision) return undefined;
  return openEnrollment(signIn, newSecret, circumstances);
}

/**
 * Whether a sign-in may bind still. On the password alone only the very first method is bound: a setup that was
 * begun before the owner finished theirs, with a stolen password perhaps, is over.
 */
export function mayEnroll(signIn: SignIn, account: Account): boolean {
  return account.arrangement === 0 || signIn.proofs.some((proof) => proof.kind !== 'password');
}

function mustProveFirst(signIn: SignIn, { authenticators }: Situation): boolean {
  return authenticators.length > 0 && signIn.proofs.every((proof) => proof.kind === 'password');
}

/** An authenticator was bound in this sign-in; its proof counts, and the policy says what is next. */
export function acceptBinding(
  signIn: SignIn,
  enrollment: Enrollment,
  bound: Authenticator,
  situation: Situation,
  newSecret: () => Uint8Array,
  circumstances: Circumstances,
): Decision | undefined {
  if (!isLive(signIn, circumstances.nowMs)) return undefined;
  if (signIn.state !== 'enrollment' || signIn.enrollmentId !== enrollment.id) return undefined;
  if (!mayEnroll(signIn, situation.account) || mustProveFirst(signIn, situation)) return undefined;
  const proof: Proof = {
    kind: bound.kind,
    authenticatorId: bound.id,
    atMs: circumstances.nowMs,
  };
  return leadOn(
    { ...signIn, proofs: mergeProofs(signIn.proofs, [proof]) },
    { ...situation, authenticators: [...situation.authenticators, bound] },
    newSecret,
    circumstances,
  );
}

/** The person says that they kept their backup; what was proven is proven. */
export function acceptBackup(
  signIn: SignIn,
  authenticators: readonly Authenticator[],
  { nowMs }: Circumstances,
): Decision | undefined {
  if (signIn.state !== 'backup' || !isLive(signIn, nowMs)) return undefined;
  const backup = inAskingOrder(authenticators).find((one) => one.kind === 'recovery-code');
  if (backup === undefined) return undefined;
  const next: SignIn = { ...signIn, state: 'proven' };
  return { next, changes: [{ change: 'recovery-codes.keep', id: backup.id, nowMs }] };
}

/**
 * The list of changes that brings a decision about: the sign-in moves on from the revision it was decided on, and
 * everything that comes with it happens in the same commit. Decisions that follow one another in one request are
 * settled once, at their end.
 */
export function settle(decision: Decision, nowMs: number): readonly Change[] {
  const next = { ...decision.next, revision: decision.next.revision + 1 };
  return [{ change: 'sign-in.advance', next, nowMs }, ...decision.changes];
}

/** The audit event of something that happened in a sign-in. */
export function auditOf(
  event: AuditEventName,
  signIn: SignIn,
  facts: AuditEvent['facts'],
  circumstances: Circumstances,
): Extract<Change, { readonly change: 'audit.append' }> {
  const { companyId, accountId, id: signInId } = signIn;
  const { nowMs: atMs, personal } = circumstances;
  const of = { companyId, accountId, facts: { signInId, ...facts }, personal };
  return { change: 'audit.append', event: auditEvent({ id: circumstances.mint(), atMs }, event, of) };
}

function leadOn(
  signIn: SignIn,
  situation: Situation,
  newSecret: () => Uint8Array,
  circumstances: Circumstances,
): Decision {
  const step = nextStep({ ...situation, wants: signIn.wants, proofs: signIn.proofs });
  switch (step) {
    case 'password':
      return { next: { ...signIn, state: 'password' }, changes: [] };
    case 'enrollment':
      return openEnrollment(signIn, newSecret, circumstances);
    case 'factor':
      return askFirstMethod(signIn, situation, circumstances);
    case 'backup':
    case 'finished': {
      const state = step === 'backup' ? 'backup' : 'proven';
      const next: SignIn = { ...signIn, state };
      return { next, changes: [] };
    }
  }
}

function askFirstMethod(signIn: SignIn, situation: Situation, circumstances: Circumstances): Decision {
  const [first] = inAskingOrder(situation.authenticators);
  if (first === undefined) {
    // Every method is used up. Only support can help; the password alone opens nothing, not even an enrollment.
    const next: SignIn = { ...signIn, state: 'refused' };
    const audit = auditOf('sign-in.refused', next, { reason: 'no-method-left' }, circumstances);
    return { next, changes: [audit] };
  }
  const challenge = issueChallenge({
    id: circumstances.mint(),
    signIn,
    authenticator: first,
    nowMs: circumstances.nowMs,
  });
  const next: SignIn = {
    ...signIn,
    state: 'factor',
    challengeId: challenge.id,
  };
  return { next, changes: [{ change: 'challenge.issue', challenge }] };
}

function openEnrollment(signIn: SignIn, newSecret: () => Uint8Array, circumstances: Circumstances): Decision {
  const own = enrolling(signIn);
  if (own === undefined) throw new TypeError('an enrollment needs the account that gave its password');
  const enrollment = beginEnrollment({
    id: circumstances.mint(),
    signIn: own,
    kind: 'totp',
    secret: newSecret(),
    nowMs: circumstances.nowMs,
  });
  const next: SignIn = {
    ...signIn,
    state: 'enrollment',
    enrollmentId: enrollment.id,
  };
  const audit = auditOf('enrollment.begun', next, { kind: enrollment.kind }, circumstances);
  return { next, changes: [{ change: 'enrollment.begin', enrollment }, audit] };
}
