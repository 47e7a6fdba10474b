// What there is to show of a sign-in as it stands, read and never changed: the scene its page is made of.

import { type Authenticator, inAskingOrder } from '#core/authenticator.ts';
import { counterKeys, decideChallengeTry } from '#core/challenge.ts';
import { decideEnrollmentTry } from '#core/enrollment.ts';
import type { Ports, SessionView, SignInView } from '#core/ports.ts';
import { mayEnroll } from '#core/sign-in.ts';
import { keyAsText, keyUri } from '#factors/totp/key-uri.ts';
import { defaultTotpParameters } from '#factors/totp/totp.ts';
import { sessionOf } from './fetch-session.ts';
import type { Visitor } from './visitor.ts';

/** Whether an answer is taken now. */
export type Standing = 'open' | 'dead' | 'locked' | { readonly untilMs: number };

export type Scene =
  | { readonly scene: 'password' }
  | {
      readonly scene: 'code';
      readonly method: Authenticator;
      readonly others: readonly Authenticator[];
      readonly standing: Standing;
    }
  | {
      readonly scene: 'set-up-totp';
      readonly keyUri: string;
      readonly keyText: string;
      readonly isDead: boolean;
    }
  | { readonly scene: 'change-password' }
  | { readonly scene: 'backup' }
  | { readonly scene: 'continue' }
  | { readonly scene: 'done'; readonly session: SessionView }
  | { readonly scene: 'no-method-left' }
  /** It is over, and this browser has no session of it: one begins again. */
  | { readonly scene: 'over' };

/** @param providerName what an authenticator app calls the entry after */
export async function lookAt(
  ports: Ports,
  visitor: Visitor,
  view: SignInView,
  providerName: string,
): Promise<Scene> {
  const { signIn } = view;
  switch (signIn.state) {
    case 'password':
      return { scene: 'password' };
    case 'factor':
      return lookAtFactor(ports, view);
    case 'enrollment':
      return lookAtEnrollment(ports, view, providerName);
    case 'change-password':
      return { scene: 'change-password' };
    case 'backup':
      return { scene: 'backup' };
    case 'proven':
      return { scene: 'continue' };
    case 'refused':
      return { scene: 'no-method-left' };
    case 'done':
    case 'expired': {
      const session = await sessionOf(ports, visitor);
      return session !== undefined && session.id === signIn.sessionId
        ? { scene: 'done', session }
        : { scene: 'over' };
    }
  }
}

async function lookAtFactor(ports: Ports, { signIn }: SignInView): Promise<Scene> {
  const { challengeId, accountId } = signIn;
  if (challengeId === undefined || accountId === undefined) return { scene: 'over' };
  const [asked, authenticators] = await Promise.all([
    ports.store.challenge(challengeId),
    ports.store.authenticators(accountId),
  ]);
  const methods = inAskingOrder(authenticators);
  const method = authenticators.find((one) => one.id === asked?.challenge.authenticatorId);
  if (asked === undefined || method === undefined) return { scene: 'over' };
  const tries = await ports.store.tries(counterKeys(method.kind, accountId));
  const decided = decideChallengeTry(asked.challenge, tries, ports.nowMs());
  const standing: Standing =
    decided.decision === 'wait'
      ? { untilMs: decided.untilMs }
      : decided.decision === 'count'
        ? 'open'
        : decided.decision;
  return { scene: 'code', method, others: methods.filter((one) => one.id !== method.id), standing };
}

async function lookAtEnrollment(ports: Ports, view: SignInView, providerName: string): Promise<Scene> {
  const { enrollmentId } = view.signIn;
  const enrollment = enrollmentId === undefined ? undefined : await ports.store.enrollment(enrollmentId);
  if (enrollment === undefined || view.account === undefined) return { scene: 'over' };
  if (!mayEnroll(view.signIn, view.account)) return { scene: 'over' };
  const uri = keyUri({
    issuer: providerName,
    accountName: view.account.username,
    key: enrollment.secret,
    parameters: defaultTotpParameters,
  });
  const isDead = decideEnrollmentTry(enrollment, ports.nowMs()).decision === 'dead';
  return { scene: 'set-up-totp', keyUri: uri, keyText: keyAsText(enrollment.secret), isDead };
}
