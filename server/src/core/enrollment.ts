// Enrollment: the guided process by which a person binds an authenticator to their own account, and the only
// way to one. What binds is a proof that nobody outside this file can make: it exists only after the person's own
// sign-in opened an enrollment, and the authenticator itself answered right. No function here takes the account
// of somebody else (F9, N4): the account is the enrollment's, the enrollment's is the sign-in's.

import type { AuditEvent } from './audit.ts';
import type { FactorKind } from './authenticator.ts';
import type { Change } from './changes.ts';

export interface Enrollment {
  readonly id: string;
  readonly accountId: string;
  readonly companyId: string;
  readonly signInId: string;
  readonly kind: FactorKind;
  /** The secret to be bound; sealed in the store. */
  readonly secret: Uint8Array;
  readonly tries: number;
  readonly state: 'open' | 'bound';
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Wrong codes after which an enrollment is abandoned and a new key is shown. */
export const triesPerEnrollment = 5;

/** The sign-in as far as enrollment may know it: an account that gave its password, and nobody else's. */
export interface EnrollingSignIn {
  readonly id: string;
  readonly accountId: string;
  readonly companyId: string;
  readonly expiresAtMs: number;
}

/** Opens an enrollment inside the person's own sign-in. */
export function beginEnrollment(input: {
  readonly id: string;
  readonly signIn: EnrollingSignIn;
  readonly kind: FactorKind;
  readonly secret: Uint8Array;
  readonly nowMs: number;
}): Enrollment {
  return {
    id: input.id,
    accountId: input.signIn.accountId,
    companyId: input.signIn.companyId,
    signInId: input.signIn.id,
    kind: input.kind,
    secret: input.secret,
    tries: 0,
    state: 'open',
    createdAtMs: input.nowMs,
    expiresAtMs: input.signIn.expiresAtMs,
  };
}

/** Whether one more code may be tried, and the change that counts it first. */
export function decideEnrollmentTry(
  enrollment: Enrollment,
  nowMs: number,
): { readonly decision: 'count'; readonly change: Change } | { readonly decision: 'dead' } {
  if (enrollment.state !== 'open' || enrollment.expiresAtMs <= nowMs) return { decision: 'dead' };
  if (enrollment.tries >= triesPerEnrollment) return { decision: 'dead' };
  return {
    decision: 'count',
    change: { change: 'enrollment.count', id: enrollment.id, limit: triesPerEnrollment, nowMs },
  };
}

const madeHere = Symbol('made by proveEnrollment');

/** That the person's own enrollment was answered by the authenticator itself. Made only by `proveEnrollment`. */
export interface EnrollmentProof {
  readonly [madeHere]: true;
  readonly enrollment: Enrollment;
  readonly provenAtMs: number;
}

/**
 * Makes the proof from the sign-in that asks, the enrollment it answers, and the factor's own verdict.
 * Undefined unless all three belong together and the enrollment is open.
 */
export function proveEnrollment(input: {
  readonly signIn: EnrollingSignIn;
  readonly enrollment: Enrollment;
  readonly verdict: { readonly verdict: 'accepted' } | { readonly verdict: 'refused' };
  readonly nowMs: number;
}): EnrollmentProof | undefined {
  const { signIn, enrollment, verdict, nowMs } = input;
  if (verdict.verdict !== 'accepted') return undefined;
  if (enrollment.state !== 'open' || enrollment.expiresAtMs <= nowMs) return undefined;
  if (enrollment.signInId !== signIn.id || enrollment.accountId !== signIn.accountId) return undefined;
  if (enrollment.companyId !== signIn.companyId) return undefined;
  return { [madeHere]: true, enrollment, provenAtMs: nowMs };
}

/**
 * The changes that bind: the enrollment is used up, the authenticator exists, and the audit says so. All of them
 * or none; conditional on the account's arrangement, which every change of its set of authenticators moves, so
 * that what was counted before is still the count.
 *
 * @param arrangement the account's arrangement, read before the authenticators were counted
 */
export function bindAuthenticator(
  proof: EnrollmentProof,
  authenticator: {
    readonly id: string;
    readonly label: string;
    readonly position: number;
    readonly lastStep: number | undefined;
    readonly driftSteps: number | undefined;
  },
  arrangement: number,
  audit: AuditEvent,
): readonly Change[] {
  const { enrollment } = proof;
  return [
    { change: 'account.rearrange', id: enrollment.accountId, expectedArrangement: arrangement },
    { change: 'enrollment.consume', id: enrollment.id, nowMs: proof.provenAtMs },
    {
      change: 'authenticator.bind',
      proof,
      id: authenticator.id,
      label: authenticator.label,
      position: authenticator.position,
      lastStep: authenticator.lastStep,
      driftSteps: authenticator.driftSteps,
      auditEventId: audit.id,
    },
    { change: 'audit.append', event: audit },
  ];
}
