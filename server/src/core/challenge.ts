// A challenge: one request to prove one authenticator, inside one sign-in. It counts its own wrong tries (three,
// then it is dead) besides the account's counter, so that a forgotten page cannot be guessed at for long.

import { type Authenticator, isOtpClass } from './authenticator.ts';
import type { Change } from './changes.ts';
import {
  decideTry,
  otpRule,
  recoveryDayRule,
  recoveryHourRule,
  type ThrottleRule,
  type Tries,
  triesKey,
} from './throttle.ts';

export interface Challenge {
  readonly id: string;
  readonly signInId: string;
  readonly accountId: string;
  readonly authenticatorId: string;
  readonly kind: Authenticator['kind'];
  readonly tries: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly consumedAtMs: number | undefined;
}

/** Wrong tries after which a challenge is dead. */
export const triesPerChallenge = 3;

/** A new challenge for one authenticator; it lives as long as its sign-in. */
export function issueChallenge(input: {
  readonly id: string;
  readonly signIn: { readonly id: string; readonly expiresAtMs: number };
  readonly authenticator: Authenticator;
  readonly nowMs: number;
}): Challenge {
  return {
    id: input.id,
    signInId: input.signIn.id,
    accountId: input.authenticator.accountId,
    authenticatorId: input.authenticator.id,
    kind: input.authenticator.kind,
    tries: 0,
    issuedAtMs: input.nowMs,
    expiresAtMs: input.signIn.expiresAtMs,
    consumedAtMs: undefined,
  };
}

/** The throttle rules that a kind of factor is under. */
function rulesFor(kind: Authenticator['kind']): readonly ThrottleRule[] {
  if (kind === 'recovery-code') return [recoveryHourRule, recoveryDayRule];
  return isOtpClass(kind) ? [otpRule] : [];
}

/** The keys of all counters that a try at a kind of factor touches. */
export function counterKeys(kind: Authenticator['kind'], accountId: string): readonly string[] {
  return rulesFor(kind).map((rule) => triesKey(rule, accountId));
}

export type ChallengeTry =
  | { readonly decision: 'count'; readonly changes: readonly Change[] }
  | { readonly decision: 'wait'; readonly untilMs: number }
  | { readonly decision: 'locked' }
  | { readonly decision: 'dead' };

/**
 * Decides whether one response to a challenge may be evaluated: the challenge is alive and below its tries, and
 * so is every counter of its kind. The changes count the try in all of them; who loses their commit lost the try.
 */
export function decideChallengeTry(
  challenge: Challenge,
  tries: ReadonlyMap<string, Tries>,
  nowMs: number,
): ChallengeTry {
  if (challenge.consumedAtMs !== undefined || challenge.expiresAtMs <= nowMs) return { decision: 'dead' };
  const decisions = rulesFor(challenge.kind).map((rule) => {
    const key = triesKey(rule, challenge.accountId);
    return decideTry(rule, key, tries.get(key), nowMs);
  });
  // A lock is said first, since a new challenge does not help against it; a wait last, since nobody should sit one out
  // for a challenge that is dead.
  if (decisions.some(({ decision }) => decision === 'locked')) return { decision: 'locked' };
  if (challenge.tries >= triesPerChallenge) return { decision: 'dead' };
  const changes: Change[] = [];
  for (const decided of decisions) {
    if (decided.decision !== 'count') return decided;
    changes.push(decided.change);
  }
  changes.push({ change: 'challenge.count', id: challenge.id, limit: triesPerChallenge, nowMs });
  return { decision: 'count', changes };
}

/**
 * The changes that a right response brings: the challenge is used, and the counters of its kind start anew. A
 * recovery code also lifts the lock of the short codes (security.md §6).
 */
export function acceptChallenge(challenge: Challenge, nowMs: number): readonly Change[] {
  const keys = new Set(counterKeys(challenge.kind, challenge.accountId));
  if (challenge.kind === 'recovery-code' || challenge.kind === 'passkey') {
    keys.add(triesKey(otpRule, challenge.accountId));
  }
  return [
    { change: 'challenge.consume', id: challenge.id, nowMs },
    ...[...keys].map((key): Change => ({ change: 'try.reset', key })),
  ];
}
