// Use case: a browser comes for the session of a sign-in that was proven from elsewhere, and what sessions are
// asked afterwards: whose is this one, and end it.

import type { Application } from '#core/application.ts';
import type { Wants } from '#core/policy.ts';
import { satisfies } from '#core/policy.ts';
import type { Ports, SessionView } from '#core/ports.ts';
import { endSession } from '#core/session.ts';
import { loadSignIn } from './load-sign-in.ts';
import { type Outcome, settleDecision } from './outcome.ts';
import { circumstancesOf, hashOfToken, type Visitor } from './visitor.ts';

/** Completes a proven sign-in for the browser that began it. */
export async function fetchSession(ports: Ports, visitor: Visitor, signInId: string): Promise<Outcome> {
  const view = await loadSignIn(ports, visitor, signInId);
  if (view.signIn.state !== 'proven') return { outcome: 'overtaken' };
  const decision = { next: view.signIn, changes: [] };
  const settled = await settleDecision(ports, visitor, decision, [], circumstancesOf(ports, visitor));
  return settled.outcome === 'condition' ? { outcome: 'overtaken' } : settled;
}

/** The live session of a browser, if it has one. */
export async function sessionOf(ports: Ports, visitor: Visitor): Promise<SessionView | undefined> {
  return sessionOfToken(ports, visitor.sessionToken);
}

/** The live session of a token, if there is one. */
export async function sessionOfToken(
  ports: Ports,
  token: string | undefined,
): Promise<SessionView | undefined> {
  return token === undefined ? undefined : ports.store.session(hashOfToken(token), ports.nowMs());
}

/** Whether a live session lets its person into an application without being asked anything. */
export function opens(session: SessionView, application: Application, wants: Wants): boolean {
  return satisfies(session.proofs, application, wants, session.arrangement > 0);
}

/** Signs a session out; of several requests at once one does, and ending one that has ended changes nothing. */
export async function signOut(
  ports: Ports,
  session: SessionView,
  visitor: Pick<Visitor, 'address' | 'userAgent'>,
): Promise<void> {
  await ports.store.commit(endSession(session, 'signed-out', circumstancesOf(ports, visitor)));
}
