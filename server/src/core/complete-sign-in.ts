// The last step of a sign-in: what was proven becomes a session of the browser that began it. It is the only way to a
// session, and it takes nothing but a proven sign-in.

import { assuranceOf, type Proof } from './assurance.ts';
import type { Change, Hash } from './changes.ts';
import { endSession, mergeProofs, type Session, sessionExpiryOf, sessionLifeMs } from './session.ts';
import { auditOf, type Circumstances, type Decision, isLive, type SignIn } from './sign-in.ts';

/** The live session that a browser has, and the hash of the token it has it by. */
export interface HeldSession {
  readonly session: Session;
  readonly tokenHash: Hash;
}

/**
 * The browser that began a proven sign-in comes for its session. The one it has is renewed when it is the same
 * account's, and ends when it is another's.
 *
 * @param tokenHash SHA-256 of the session's new token
 */
export function complete(
  signIn: SignIn,
  tokenHash: Hash,
  held: HeldSession | undefined,
  circumstances: Circumstances,
): (Decision & { readonly session: Session }) | undefined {
  if (signIn.state !== 'proven' || !isLive(signIn, circumstances.nowMs)) return undefined;
  const { accountId, companyId } = signIn;
  if (accountId === undefined || companyId === undefined) return undefined;
  const { nowMs } = circumstances;
  const isRenewed = held?.session.accountId === accountId;
  const session: Session = isRenewed
    ? renewed(held.session, signIn.proofs)
    : {
        ...{ id: circumstances.mint(), accountId, companyId, proofs: signIn.proofs },
        ...{ createdAtMs: nowMs, expiresAtMs: nowMs + sessionLifeMs },
      };
  const next: SignIn = { ...signIn, state: 'done', sessionId: session.id };
  const changes: Change[] = isRenewed
    ? [{ change: 'session.renew', session, expectedTokenHash: held.tokenHash, tokenHash, nowMs }]
    : [{ change: 'session.begin', session, signInId: signIn.id, tokenHash }];
  if (held !== undefined && !isRenewed) changes.push(...endSession(held.session, 'replaced', circumstances));
  const facts = {
    sessionId: session.id,
    applicationId: signIn.applicationId,
    assurance: assuranceOf(signIn.proofs) ?? 'none',
  };
  changes.push(auditOf('sign-in.succeeded', next, facts, circumstances));
  return { next, changes, session };
}

function renewed(session: Session, proofs: readonly Proof[]): Session {
  const merged = mergeProofs(session.proofs, proofs);
  return { ...session, proofs: merged, expiresAtMs: Math.max(session.expiresAtMs, sessionExpiryOf(merged)) };
}
