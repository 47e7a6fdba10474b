// Use case: the person sets up an authenticator app inside their own sign-in and proves it with its first code.

import { type Authenticator, limitOf } from '#core/authenticator.ts';
import {
  bindAuthenticator,
  decideEnrollmentTry,
  type Enrollment,
  proveEnrollment,
} from '#core/enrollment.ts';
import { normalizeDigits } from '#core/one-time-code.ts';
import type { Ports, SignInView } from '#core/ports.ts';
import {
  acceptBinding,
  auditOf,
  type Circumstances,
  enrolling,
  reopenEnrollment,
  type Situation,
} from '#core/sign-in.ts';
import {
  defaultTotpParameters,
  generateTotpKey,
  initialTotpState,
  type TotpState,
  verifyTotp,
} from '#factors/totp/totp.ts';
import { loadSignIn, situationOf } from './load-sign-in.ts';
import { countFirst, type Outcome, settleDecision } from './outcome.ts';
import { circumstancesOf, newId, type Visitor } from './visitor.ts';

/** Takes the first code of the app that is being set up; a right one binds it. */
export async function proveTotp(
  ports: Ports,
  visitor: Visitor,
  signInId: string,
  typed: unknown,
): Promise<Outcome> {
  const view = await loadSignIn(ports, visitor, signInId);
  const { enrollmentId, state } = view.signIn;
  if (state !== 'enrollment' || enrollmentId === undefined) return { outcome: 'overtaken' };
  if (normalizeDigits(typed, defaultTotpParameters.digits) === undefined) {
    return { outcome: 'refused', reason: 'malformed' };
  }
  const counted = await countFirst(
    ports,
    async () => {
      const enrollment = await ports.store.enrollment(enrollmentId);
      if (enrollment === undefined) return { decision: 'dead' } as const;
      const decided = decideEnrollmentTry(enrollment, ports.nowMs());
      return decided.decision === 'count' ? { ...decided, enrollment } : decided;
    },
    (decided) => (decided.decision === 'count' ? [decided.change] : []),
  );
  if (counted.decision === 'dead') return { outcome: 'dead' };

  const { enrollment } = counted;
  const circumstances = circumstancesOf(ports, visitor);
  const verdict = verifyTotp({
    key: enrollment.secret,
    parameters: defaultTotpParameters,
    state: initialTotpState,
    response: typed,
    nowMs: circumstances.nowMs,
  });
  if (verdict.verdict === 'refused') {
    const facts = { kind: 'totp', reason: verdict.reason };
    await ports.store.commit([auditOf('enrollment.refused', view.signIn, facts, circumstances)]);
    return { outcome: 'refused', reason: 'wrong' };
  }
  return bind(ports, visitor, view, enrollment, verdict.next, circumstances);
}

/** A new key in the place of one that took too many wrong codes. */
export async function renewEnrollment(ports: Ports, visitor: Visitor, signInId: string): Promise<Outcome> {
  const view = await loadSignIn(ports, visitor, signInId);
  const circumstances = circumstancesOf(ports, visitor);
  const decision = reopenEnrollment(view.signIn, () => generateTotpKey(ports.random), circumstances);
  if (decision === undefined) return { outcome: 'overtaken' };
  const settled = await settleDecision(ports, visitor, decision, [], circumstances);
  return settled.outcome === 'condition' ? { outcome: 'overtaken' } : settled;
}

async function bind(
  ports: Ports,
  visitor: Visitor,
  view: SignInView,
  enrollment: Enrollment,
  next: TotpState,
  circumstances: Circumstances,
): Promise<Outcome> {
  const situation = await situationOf(ports, view);
  const own = enrolling(view.signIn);
  if (situation === undefined || own === undefined) return { outcome: 'overtaken' };
  const accepted = { verdict: 'accepted' } as const;
  const proof = proveEnrollment({ signIn: own, enrollment, verdict: accepted, nowMs: circumstances.nowMs });
  if (proof === undefined || isFull(situation)) return { outcome: 'overtaken' };

  const bound = newTotp(ports, enrollment, situation, circumstances);
  const decision = acceptBinding(
    view.signIn,
    enrollment,
    bound,
    situation,
    () => generateTotpKey(ports.random),
    circumstances,
  );
  if (decision === undefined) return { outcome: 'overtaken' };
  const facts = { kind: 'totp', authenticatorId: bound.id, enrollmentId: enrollment.id };
  const { event } = auditOf('authenticator.bound', view.signIn, facts, circumstances);
  const binding = bindAuthenticator(proof, { ...bound, ...next }, situation.account.arrangement, event);
  const settled = await settleDecision(ports, visitor, decision, binding, circumstances);
  return settled.outcome === 'condition' ? { outcome: 'overtaken' } : settled;
}

function isFull({ authenticators, company }: Situation): boolean {
  return authenticators.filter((one) => one.kind === 'totp').length >= limitOf('totp', company);
}

function newTotp(
  ports: Ports,
  enrollment: Enrollment,
  { authenticators }: Situation,
  { nowMs }: Circumstances,
): Authenticator {
  return {
    id: newId(ports),
    accountId: enrollment.accountId,
    companyId: enrollment.companyId,
    kind: 'totp',
    // Without a name of its own a method is called after its kind, in the language of the page.
    label: '',
    position: Math.max(0, ...authenticators.map((one) => one.position)) + 1,
    boundAtMs: nowMs,
    lastUsedAtMs: undefined,
    unusedCodes: undefined,
    keptAtMs: undefined,
  };
}
