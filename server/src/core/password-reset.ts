// A forgotten password. In prose and in order:
//
//   asked ──▶ mailed ──▶ waiting ──▶ in force
//     │          │           │
//     ▼          ▼           ▼
//   nothing    over        over       (an hour after it was mailed, a day after it was chosen)
//
// Somebody types a name. Whether there is such an account is not looked up for the answer, which is always the same,
// but afterwards by the outbox (`asked`). An account with an address is `mailed` a link, or told why it is of no use.
// The link lets one new password be chosen, once; the choice makes every other link of the account void. The new
// password then is `waiting`: the old one works on, and the new one is good for one thing only, a sign-in that asks
// for a factor the account has. That proof, and nothing else, puts the new password in force (sign-in.ts), in one
// commit with the end of all other sessions and sign-ins and with the notice to the owner.
//
// So a mailbox alone opens nothing, and neither does a mailbox with a stolen old password: One mailbox is not two
// proofs (security.md section 6). For the same reason an account that has no factor yet gets no link: with it the
// mailbox would bind the first one.

import type { Account } from './account.ts';
import type { Authenticator } from './authenticator.ts';
import { inAskingOrder } from './authenticator.ts';
import type { Change, Hash } from './changes.ts';
import type { Correspondent } from './letter.ts';
import { addToOutbox } from './outbox.ts';
import { decideTry, type ThrottleRule, type Tries, triesKey } from './throttle.ts';

const minute = 60 * 1000;
const hour = 60 * minute;
const day = 24 * hour;

/** Life of the mailed link, in milliseconds. */
export const resetLinkLifeMs = hour;
/** How long a chosen password waits for its proof, in milliseconds. */
export const waitingPasswordLifeMs = day;

/** Links for one name, from wherever they are asked for: three an hour, so that nobody’s mailbox is flooded. */
export const resetHourRule: ThrottleRule = {
  name: 'reset-hour',
  waitAfterMs: () => 0,
  limit: 3,
  windowMs: hour,
  forgottenAfterMs: hour,
};
/** Links for one name: six a day. */
export const resetDayRule: ThrottleRule = {
  name: 'reset-day',
  waitAfterMs: () => 0,
  limit: 6,
  windowMs: day,
  forgottenAfterMs: day,
};
/** Links asked for from one network, for whatever names: thirty an hour. */
export const resetNetworkRule: ThrottleRule = {
  name: 'reset-network',
  waitAfterMs: () => 0,
  limit: 30,
  windowMs: hour,
  forgottenAfterMs: hour,
};

/** A reset as stored. Until it is chosen there is no password, afterwards the link is void. */
export interface PasswordReset {
  readonly id: string;
  readonly accountId: string;
  readonly companyId: string;
  readonly state: 'mailed' | 'waiting';
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Whom a request for a link counts for: the name, hashed, and the network it came from. */
export interface ResetSubjects {
  readonly name: string;
  readonly network: string;
}

/** The keys of all counters of one request. */
export function resetCounterKeys({ name, network }: ResetSubjects): readonly string[] {
  return [triesKey(resetHourRule, name), triesKey(resetDayRule, name), triesKey(resetNetworkRule, network)];
}

export type ResetRequestDecision =
  | { readonly decision: 'count'; readonly changes: readonly Change[] }
  /** This name has had its mails. Nothing is sent, and the answer is the same. */
  | { readonly decision: 'enough' }
  /** This network asked for too many names; that says nothing about any of them. */
  | { readonly decision: 'wait'; readonly untilMs: number };

/** Decides whether a request goes into the outbox, by what was asked for before and by nothing else. */
export function decideResetRequest(
  subjects: ResetSubjects,
  tries: ReadonlyMap<string, Tries>,
  nowMs: number,
): ResetRequestDecision {
  const decide = (rule: ThrottleRule, subject: string) => {
    const key = triesKey(rule, subject);
    return decideTry(rule, key, tries.get(key), nowMs);
  };
  const network = decide(resetNetworkRule, subjects.network);
  if (network.decision !== 'count') {
    return { decision: 'wait', untilMs: network.decision === 'wait' ? network.untilMs : nowMs + hour };
  }
  const changes: Change[] = [network.change];
  for (const rule of [resetHourRule, resetDayRule]) {
    const name = decide(rule, subjects.name);
    if (name.decision !== 'count') return { decision: 'enough' };
    changes.push(name.change);
  }
  return { decision: 'count', changes };
}

/**
 * What a request comes to once the account is known: a link, or the word that only support can help. Undefined:
 * nobody is written to.
 *
 * @param id the request's own, so that a request that is delivered twice mails once
 */
export function answerResetRequest(input: {
  readonly id: string;
  readonly account: Account;
  readonly authenticators: readonly Authenticator[];
  readonly correspondent: Correspondent | undefined;
  /** A fresh token and its hash, for the link. */
  readonly token: { readonly text: string; readonly hash: Hash };
  readonly letterId: string;
  readonly nowMs: number;
}): { readonly outcome: 'mailed' | 'impossible'; readonly changes: readonly Change[] } | undefined {
  const { id, account, correspondent, letterId, nowMs } = input;
  if (correspondent === undefined || account.status !== 'active') return undefined;
  const to = { ...correspondent, username: account.username };
  if (inAskingOrder(input.authenticators).length === 0) {
    const payload = { ...to, letter: 'password-reset-impossible' } as const;
    return { outcome: 'impossible', changes: [addToOutbox({ id: letterId, kind: 'mail', payload, nowMs })] };
  }
  const reset: PasswordReset = {
    id,
    accountId: account.id,
    companyId: account.companyId,
    state: 'mailed',
    createdAtMs: nowMs,
    expiresAtMs: nowMs + resetLinkLifeMs,
  };
  const lifeMinutes = resetLinkLifeMs / minute;
  const payload = { ...to, letter: 'password-reset', token: input.token.text, lifeMinutes } as const;
  return {
    outcome: 'mailed',
    changes: [
      { change: 'password-reset.begin', reset, tokenHash: input.token.hash },
      addToOutbox({ id: letterId, kind: 'mail', payload, nowMs, lifeMs: resetLinkLifeMs }),
    ],
  };
}

/** Whether a link lets a password be chosen. */
export function isChoosable(reset: PasswordReset, account: Account, nowMs: number): boolean {
  return reset.state === 'mailed' && nowMs < reset.expiresAtMs && account.status === 'active';
}

/** The choice of a new password: it waits, and every other link and choice of the account is void. */
export function chooseResetPassword(
  reset: PasswordReset,
  passwordHash: string,
  nowMs: number,
): readonly Change[] {
  const { id, accountId } = reset;
  const expiresAtMs = nowMs + waitingPasswordLifeMs;
  return [
    { change: 'password-reset.choose', id, accountId, passwordHash, nowMs, expiresAtMs },
    { change: 'password-reset.clear', accountId, exceptId: id },
  ];
}
