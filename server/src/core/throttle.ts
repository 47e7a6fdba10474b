// Counting tries before anything is checked. A rule says how long to wait after the n-th try and where it ends;
// the decision is the change that counts the try, conditional on the counter not having moved, so that a
// thousand parallel guesses are a thousand conditional changes of one row of which one wins. A try that crashed
// half-way stays counted. Only a full success resets (security.md §6).

import type { Change } from './changes.ts';

/** The counter as stored; `startedAtMs` begins a window where the rule has one. */
export interface Tries {
  readonly key: string;
  readonly count: number;
  readonly startedAtMs: number;
  readonly notBeforeMs: number;
}

export interface ThrottleRule {
  readonly name: string;
  /** The wait after the n-th try, in milliseconds, unless that try succeeds and resets the counter. */
  waitAfterMs(count: number): number;
  /** Tries that may be evaluated at all within the window; beyond it only another way in helps. */
  readonly limit: number;
  /** The counter starts anew this long after its first try; undefined: never by itself. */
  readonly windowMs: number | undefined;
  /** An untouched counter is forgotten after this; undefined: never. */
  readonly forgottenAfterMs: number | undefined;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How far the clocks of two replicas may be apart, in milliseconds (security.md §6). */
const skewMs = 10 * second;

const otpWaitsSeconds = [0, 0, 0, 0, 5, 15, 30, 60, 120, 300, 900] as const;

/** Wrong codes of an account, over all its short-code methods together: 20, with growing waits. */
export const otpRule: ThrottleRule = {
  name: 'otp',
  waitAfterMs: (count) => (otpWaitsSeconds[count] ?? 3600) * second,
  limit: 20,
  windowMs: undefined,
  forgottenAfterMs: undefined,
};

/** Wrong passwords of one name from one address: five free, then 5 s doubling to 15 minutes, never a lock. */
export const passwordRule: ThrottleRule = {
  name: 'password',
  waitAfterMs: (count) => (count <= 5 ? 0 : Math.min(5 * second * 2 ** (count - 6), 15 * minute)),
  limit: Number.MAX_SAFE_INTEGER,
  windowMs: undefined,
  forgottenAfterMs: day,
};

/** Recovery codes of an account: five tries an hour. */
export const recoveryHourRule: ThrottleRule = {
  name: 'recovery-hour',
  waitAfterMs: () => 0,
  limit: 5,
  windowMs: hour,
  forgottenAfterMs: hour,
};

/** Recovery codes of an account: ten tries a day. */
export const recoveryDayRule: ThrottleRule = {
  name: 'recovery-day',
  waitAfterMs: () => 0,
  limit: 10,
  windowMs: day,
  forgottenAfterMs: day,
};

/** Sets of recovery codes made for an account: each costs ten slow hashes. */
export const recoveryIssueRule: ThrottleRule = {
  name: 'recovery-issue',
  waitAfterMs: () => 0,
  limit: 10,
  windowMs: hour,
  forgottenAfterMs: hour,
};

/** Beyond this many wrong passwords for one name in an hour, from anywhere, its answers come 2 s later. */
export const wrongPasswordsPerName = {
  name: 'name',
  windowMs: hour,
  above: 100,
  delayMs: 2 * second,
} as const;
/** Beyond this many wrong passwords from one address in ten minutes, its answers come 2 s later. */
export const wrongPasswordsPerAddress = {
  name: 'address',
  windowMs: 10 * minute,
  above: 60,
  delayMs: 2 * second,
} as const;
export type SoftLimit = typeof wrongPasswordsPerName | typeof wrongPasswordsPerAddress;

export type TryDecision =
  | { readonly decision: 'count'; readonly change: Change }
  | { readonly decision: 'wait'; readonly untilMs: number }
  | { readonly decision: 'locked' };

/** The store key of a rule's counter for one subject. */
export function triesKey(rule: { readonly name: string }, subject: string): string {
  return `${rule.name}:${subject}`;
}

/** Decides whether one more try may be evaluated, and gives the change that counts it first. */
export function decideTry(
  rule: ThrottleRule,
  key: string,
  tries: Tries | undefined,
  nowMs: number,
): TryDecision {
  const current = tries !== undefined && isCurrent(rule, tries, nowMs) ? tries : undefined;
  if (current !== undefined) {
    if (current.count >= rule.limit) {
      return rule.windowMs === undefined
        ? { decision: 'locked' }
        : { decision: 'wait', untilMs: current.startedAtMs + rule.windowMs };
    }
    // A wait that is much longer than the rule knows means that the clock went back; it must not keep anybody out.
    const waitMs = current.notBeforeMs - nowMs;
    const ruleMs = rule.waitAfterMs(current.count);
    if (waitMs > 0 && ruleMs > 0 && waitMs <= ruleMs + skewMs) {
      return { decision: 'wait', untilMs: current.notBeforeMs };
    }
  }
  const count = (current?.count ?? 0) + 1;
  return {
    decision: 'count',
    change: {
      change: 'try.count',
      key,
      expected: tries === undefined ? undefined : { count: tries.count, startedAtMs: tries.startedAtMs },
      count,
      startedAtMs: current?.startedAtMs ?? nowMs,
      notBeforeMs: nowMs + rule.waitAfterMs(count),
      expiresAtMs: rule.forgottenAfterMs === undefined ? undefined : nowMs + rule.forgottenAfterMs,
    },
  };
}

/** How much later an answer comes, in milliseconds: a soft limit that is exceeded delays, yet never refuses. */
export function delayOf(limit: SoftLimit, tries: Tries | undefined, nowMs: number): number {
  const isCounting =
    tries !== undefined && nowMs >= tries.startedAtMs && nowMs - tries.startedAtMs < limit.windowMs;
  return isCounting && tries.count > limit.above ? limit.delayMs : 0;
}

/** The change that adds one wrong try to a soft limit's window. */
export function addToWindow(limit: SoftLimit, subject: string, nowMs: number): Change {
  return {
    change: 'try.add',
    key: triesKey(limit, subject),
    nowMs,
    windowStartMs: nowMs - limit.windowMs,
    expiresAtMs: nowMs + limit.windowMs,
  };
}

function isCurrent(rule: ThrottleRule, tries: Tries, nowMs: number): boolean {
  // A window that begins well in the future is one from before the clock went back (attack A12).
  if (rule.windowMs !== undefined) {
    return tries.startedAtMs <= nowMs + skewMs && nowMs - tries.startedAtMs < rule.windowMs;
  }
  return rule.forgottenAfterMs === undefined || nowMs < tries.notBeforeMs + rule.forgottenAfterMs;
}
