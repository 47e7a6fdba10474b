// Use case: a browser comes for the session of a sign-in that was proven from elsewhere, and what sessions are
// asked afterwards: whose is this one, and end it.

import type { Application } from '#core/application.ts';
import type { Wants } from '#core/policy.ts';
import { satisfies } from '#core/policy.ts';
import type { Ports, SessionView } from '#core/ports.ts';
import { loadSignIn } from './load-sign-in.ts';
import { type Outcome, settleDecision } from './outcome.ts';
import { circumstancesOf, hashOfToken, newId, type Visitor } from './visitor.ts';

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

/** Ends a session; ending one that has ended changes nothing. */
export async function endSession(
  ports: Ports,
  session: SessionView,
  reason: 'signed-out',
  personal: Readonly<Record<string, string>>,
): Promise<void> {
  const nowMs = ports.nowMs();
  await ports.store.commit([
    { change: 'session.end', id: session.id, reason, nowMs },
    {
      change: 'audit.append',
      event: {
        id: newId(ports),
        atMs: nowMs,
        event: 'session.ended',
        companyId: session.companyId,
        accountId: session.accountId,
        facts: { sessionId: session.id, reason },
        personal,
      },
    },
  ]);
}
