// A session: what exists after, and only after, everything the policy asks for was proven. One row is the truth, for
// every panel of the browser: a step-up renews it under a new token and does not make another.

import type { Proof } from './assurance.ts';
import { auditEvent } from './audit.ts';
import type { Change } from './changes.ts';
import type { Circumstances } from './sign-in.ts';

export interface Session {
  readonly id: string;
  readonly accountId: string;
  readonly companyId: string;
  readonly proofs: readonly Proof[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Absolute life of a session since its password was given, in milliseconds: 12 hours (security.md §6). */
export const sessionLifeMs = 12 * 60 * 60 * 1000;

/** A session that led nowhere for this long asks again at the next sign-in, in milliseconds: one hour. */
export const sessionIdleMs = 60 * 60 * 1000;

/** How old a password may be that lets a session set up its first method, in milliseconds (security.md §6). */
export const passwordFreshMs = 5 * 60 * 1000;

/** Why a session ended. */
export type SessionEnd = 'signed-out' | 'replaced';

/** What was proven before and now: of each method its newest proof. */
export function mergeProofs(earlier: readonly Proof[], later: readonly Proof[]): readonly Proof[] {
  const newest = new Map<string, Proof>();
  for (const proof of [...earlier, ...later]) newest.set(nameOf(proof), proof);
  return [...newest.values()].toSorted((a, b) => a.atMs - b.atMs);
}

/** When a session with these proofs ends by itself. */
export function sessionExpiryOf(proofs: readonly Proof[]): number {
  const passwords = proofs.filter(({ kind }) => kind === 'password');
  return Math.max(0, ...passwords.map(({ atMs }) => atMs)) + sessionLifeMs;
}

/** Ends a live session; of several at once one does, and says so in the audit. */
export function endSession(
  { id, accountId, companyId }: Pick<Session, 'id' | 'accountId' | 'companyId'>,
  reason: SessionEnd,
  { nowMs, mint, personal }: Circumstances,
): readonly Change[] {
  const facts = { sessionId: id, reason };
  return [
    { change: 'session.end', id, reason, nowMs },
    {
      change: 'audit.append',
      event: auditEvent({ id: mint(), atMs: nowMs }, 'session.ended', {
        companyId,
        accountId,
        facts,
        personal,
      }),
    },
  ];
}

function nameOf(proof: Proof): string {
  return proof.kind === 'password' ? proof.kind : `${proof.kind} ${proof.authenticatorId}`;
}
