// What a step of a sign-in can come to. A refusal is an answer and not a fault: the page says it in a sentence.

import type { Change } from '#core/changes.ts';
import { complete, type HeldSession } from '#core/complete-sign-in.ts';
import { SecondringError } from '#core/errors.ts';
import type { Ports, SignInView } from '#core/ports.ts';
import { type Circumstances, type Decision, type SignIn, settle } from '#core/sign-in.ts';
import { hashOfToken, newToken, type Visitor } from './visitor.ts';

export type Outcome =
  /** The sign-in moved on. A token comes with it when that brought a session. */
  | { readonly outcome: 'advanced'; readonly signIn: SignIn; readonly sessionToken: string | undefined }
  /** Another request on the same sign-in was first; what it came to is to be shown. */
  | { readonly outcome: 'overtaken' }
  | { readonly outcome: 'refused'; readonly reason: 'wrong' | 'malformed' }
  /** Too early. Nothing was written, so the sign-in is as it was read: what comes in a flood is not read twice. */
  | { readonly outcome: 'wait'; readonly untilMs: number; readonly view: SignInView }
  | { readonly outcome: 'locked' }
  /** Too many wrong tries at this one challenge or enrollment; a new one may be asked for. */
  | { readonly outcome: 'dead' };

/** Attempts at counting a try when other requests count at the same moment. */
const countingAttempts = 4;

/**
 * Counts one try before anything is checked: decides, commits, and decides again when another request was first.
 * @returns the decision that ended it: `count` means that the try is counted, durably, and may be evaluated
 * @throws SecondringError `busy` when others keep coming first
 */
export async function countFirst<Decided extends { readonly decision: string }>(
  ports: Ports,
  decide: () => Promise<Decided>,
  changesOf: (decided: Decided) => readonly Change[],
): Promise<Decided> {
  for (let attempt = 1; attempt <= countingAttempts; attempt++) {
    const decided = await decide();
    if (decided.decision !== 'count') return decided;
    const { committed } = await ports.store.commit(changesOf(decided));
    if (committed) return decided;
  }
  throw new SecondringError('busy', 'Too many tries at once. Try again in a moment.', {
    retryAfterSeconds: 2,
  });
}

/**
 * Commits a decision that a request of the sign-in's own browser brought about; every flow with a visitor is one.
 * When it proves the sign-in, the session is begun in the same commit, since the browser is here to take it.
 *
 * @param extra changes of the factor itself, with the same fate
 */
export async function settleDecision(
  ports: Ports,
  visitor: Visitor,
  decision: Decision,
  extra: readonly Change[],
  circumstances: Circumstances,
): Promise<Outcome | { readonly outcome: 'condition'; readonly refused: Change }> {
  const isProven = decision.next.state === 'proven';
  // A session of before a new password ends with it, whatever else would become of it.
  const isEnding = decision.changes.some(({ change }) => change === 'session.end-all');
  const held = isProven && !isEnding ? await heldSession(ports, visitor) : undefined;
  const settled = await settleWith(ports, held, decision, extra, circumstances);
  if (settled.outcome !== 'condition' || held === undefined) return settled;
  // Another tab renewed or ended that session at this very moment: this sign-in brings one of its own.
  const isAboutHeld = ['session.renew', 'session.end'].includes(settled.refused.change);
  return isAboutHeld ? settleWith(ports, undefined, decision, extra, circumstances) : settled;
}

async function settleWith(
  ports: Ports,
  held: HeldSession | undefined,
  decision: Decision,
  extra: readonly Change[],
  circumstances: Circumstances,
): Promise<Outcome | { readonly outcome: 'condition'; readonly refused: Change }> {
  const token = newToken(ports);
  const completed =
    decision.next.state === 'proven'
      ? complete(decision.next, hashOfToken(token), held, circumstances)
      : undefined;
  const final: Decision =
    completed === undefined
      ? decision
      : { next: completed.next, changes: [...decision.changes, ...completed.changes] };
  const result = await ports.store.commit([...settle(final, circumstances.nowMs), ...extra]);
  if (result.committed) {
    const sessionToken = completed === undefined ? undefined : token;
    return { outcome: 'advanced', signIn: final.next, sessionToken };
  }
  return result.refused.change === 'sign-in.advance'
    ? { outcome: 'overtaken' }
    : { outcome: 'condition', refused: result.refused };
}

async function heldSession(ports: Ports, { sessionToken }: Visitor): Promise<HeldSession | undefined> {
  if (sessionToken === undefined) return undefined;
  const tokenHash = hashOfToken(sessionToken);
  const session = await ports.store.session(tokenHash, ports.nowMs());
  return session && { session, tokenHash };
}
