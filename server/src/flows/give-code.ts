// Use case: the person answers the current challenge with a code. Two commits: the first counts the try, the
// second uses up what was right, moves the authenticator on, resets the counter and lets the person in, all or none.

import { type Challenge, counterKeys, decideChallengeTry } from '#core/challenge.ts';
import type { Change } from '#core/changes.ts';
import { normalizeDigits } from '#core/one-time-code.ts';
import type { ChallengeView, Ports, SignInView } from '#core/ports.ts';
import { acceptFactor, auditOf, type Circumstances, chooseMethod } from '#core/sign-in.ts';
import { otpRule } from '#core/throttle.ts';
import { parseRecoveryCode, recoveryCodePreimage } from '#factors/recovery-code/recovery-code.ts';
import { defaultTotpParameters, generateTotpKey, verifyTotp } from '#factors/totp/totp.ts';
import { loadSignIn, passwordSituationOf, situationOf } from './load-sign-in.ts';
import { countFirst, type Outcome, settleDecision } from './outcome.ts';
import { circumstancesOf, networkOf, type Visitor } from './visitor.ts';

type Answer =
  | { readonly answer: 'right'; readonly use: Change }
  | { readonly answer: 'wrong'; readonly reason: string };

/** Takes a code for a sign-in that waits for one. */
export async function giveCode(
  ports: Ports,
  visitor: Visitor,
  signInId: string,
  typed: unknown,
): Promise<Outcome> {
  const view = await loadSignIn(ports, visitor, signInId);
  const { challengeId, state } = view.signIn;
  if (state !== 'factor' || challengeId === undefined) return { outcome: 'overtaken' };

  const counted = await countFirst(
    ports,
    () => decide(ports, networkOf(visitor.address), challengeId, typed),
    (decided) => (decided.decision === 'count' ? decided.changes : []),
  );
  if (counted.decision === 'malformed') return { outcome: 'refused', reason: 'malformed' };
  if (counted.decision === 'wait') return { outcome: 'wait', untilMs: counted.untilMs, view };
  if (counted.decision === 'locked') return { outcome: 'locked' };
  if (counted.decision === 'dead') return { outcome: 'dead' };

  const { asked } = counted;
  const circumstances = circumstancesOf(ports, visitor);
  const answer = await check(ports, visitor, view, asked, typed, circumstances.nowMs);
  if (answer.answer === 'wrong') {
    return refuse(ports, view, asked, { reason: answer.reason, counted: counted.changes }, circumstances);
  }
  const situation =
    view.signIn.passwordResetId === undefined
      ? await situationOf(ports, view)
      : await passwordSituationOf(ports, visitor, view);
  if (situation === undefined) return { outcome: 'overtaken' };
  const newSecret = () => generateTotpKey(ports.random);
  const decision = acceptFactor(view.signIn, asked.challenge, situation, newSecret, circumstances);
  if (decision === undefined) return { outcome: 'overtaken' };
  const settled = await settleDecision(ports, visitor, decision, [answer.use], circumstances);
  if (settled.outcome !== 'condition') return settled;
  // The same code came in twice at once and the other request used it up: here it was a used code.
  return refuse(ports, view, asked, { reason: 'used', counted: [] }, circumstances);
}

async function decide(ports: Ports, network: string, challengeId: string, typed: unknown) {
  const asked = await ports.store.challenge(challengeId);
  if (asked === undefined) return { decision: 'dead' } as const;
  if (!isWellFormed(asked.challenge.kind, typed)) return { decision: 'malformed' } as const;
  if (asked.challenge.kind === 'recovery-code') ports.slowHash.ensureRoom(network);
  const tries = await ports.store.tries(counterKeys(asked.challenge.kind, asked.challenge.accountId));
  const decided = decideChallengeTry(asked.challenge, tries, ports.nowMs());
  return decided.decision === 'count' ? { ...decided, asked } : decided;
}

/** The person picks another of their methods, or asks for a new challenge after too many wrong codes. */
export async function pickMethod(
  ports: Ports,
  visitor: Visitor,
  signInId: string,
  authenticatorId: unknown,
): Promise<Outcome> {
  const view = await loadSignIn(ports, visitor, signInId);
  const accountId = view.signIn.accountId;
  if (accountId === undefined || typeof authenticatorId !== 'string') return { outcome: 'overtaken' };
  const authenticators = await ports.store.authenticators(accountId);
  const circumstances = circumstancesOf(ports, visitor);
  const decision = chooseMethod(view.signIn, authenticators, authenticatorId, circumstances);
  if (decision === undefined) return { outcome: 'overtaken' };
  const settled = await settleDecision(ports, visitor, decision, [], circumstances);
  return settled.outcome === 'condition' ? { outcome: 'overtaken' } : settled;
}

/** A new challenge for the method that is being asked for, after too many wrong codes. */
export async function retryMethod(ports: Ports, visitor: Visitor, signInId: string): Promise<Outcome> {
  const { signIn } = await loadSignIn(ports, visitor, signInId);
  const asked =
    signIn.challengeId === undefined ? undefined : await ports.store.challenge(signIn.challengeId);
  return pickMethod(ports, visitor, signInId, asked?.challenge.authenticatorId);
}

function isWellFormed(kind: string, typed: unknown): boolean {
  if (kind === 'recovery-code') return parseRecoveryCode(typed) !== undefined;
  return normalizeDigits(typed, defaultTotpParameters.digits) !== undefined;
}

async function check(
  ports: Ports,
  visitor: Visitor,
  { signIn }: SignInView,
  asked: ChallengeView,
  typed: unknown,
  nowMs: number,
): Promise<Answer> {
  if (asked.challenge.kind === 'recovery-code')
    return checkRecoveryCode(ports, visitor, asked.challenge, signIn.companyId ?? '', typed, nowMs);
  if (asked.challenge.kind !== 'totp') return { answer: 'wrong', reason: 'no-check' };
  const totp = await asked.openTotp();
  const verdict = verifyTotp({
    key: totp.key,
    parameters: defaultTotpParameters,
    state: { lastStep: totp.lastStep, driftSteps: totp.driftSteps },
    response: typed,
    nowMs,
  });
  if (verdict.verdict === 'refused') return { answer: 'wrong', reason: verdict.reason };
  const use: Change = { change: 'authenticator.advance', id: totp.authenticatorId, ...verdict.next, nowMs };
  return { answer: 'right', use };
}

/** One slow hash whatever the selector: one that was never given out, or is used, costs the same. */
async function checkRecoveryCode(
  ports: Ports,
  visitor: Visitor,
  challenge: Challenge,
  companyId: string,
  typed: unknown,
  nowMs: number,
): Promise<Answer> {
  const code = parseRecoveryCode(typed);
  const { accountId, authenticatorId } = challenge;
  if (code === undefined) return { answer: 'wrong', reason: 'malformed' };
  const stored = await ports.store.recoveryCode(authenticatorId, code.selector);
  const preimage = recoveryCodePreimage({ ...code, accountId });
  const { text: peppered } = await ports.peppers.recoveryPepper(companyId, preimage, stored?.pepperVersion);
  const network = networkOf(visitor.address);
  const isRight =
    stored === undefined
      ? await ports.slowHash.verifyNothing(peppered, network)
      : await ports.slowHash.verify(peppered, stored.hash, network);
  if (!isRight) return { answer: 'wrong', reason: 'wrong' };
  const use: Change = { change: 'recovery-code.consume', authenticatorId, selector: code.selector, nowMs };
  return { answer: 'right', use };
}

async function refuse(
  ports: Ports,
  view: SignInView,
  { challenge }: ChallengeView,
  why: { readonly reason: string; readonly counted: readonly Change[] },
  circumstances: Circumstances,
): Promise<Outcome> {
  const facts = { kind: challenge.kind, authenticatorId: challenge.authenticatorId, reason: why.reason };
  const changes: Change[] = [auditOf('factor.refused', view.signIn, facts, circumstances)];
  const isLocked = why.counted.some(
    (change) => change.change === 'try.count' && change.count >= otpRule.limit,
  );
  if (isLocked) changes.push(auditOf('factor.locked', view.signIn, { kind: challenge.kind }, circumstances));
  await ports.store.commit(changes);
  return isLocked ? { outcome: 'locked' } : { outcome: 'refused', reason: 'wrong' };
}
