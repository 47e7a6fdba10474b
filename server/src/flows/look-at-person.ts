// Use case of the staff process: what there is to see of a person, read and never changed. It is given the reads that
// need no key and nothing else, so there is no secret it could show.

import { usernameKey } from '#core/account.ts';
import { type Authenticator, inAskingOrder } from '#core/authenticator.ts';
import { counterKeys } from '#core/challenge.ts';
import type { AuditLine, PersonView, StaffStore } from '#core/ports.ts';
import { decideTry, otpRule, recoveryDayRule, recoveryHourRule, triesKey } from '#core/throttle.ts';

/** Lines of the audit that a page shows. */
const auditLinesShown = 12;

/** How a counter of wrong codes stands. */
export type CounterState =
  | { readonly state: 'open'; readonly count: number }
  | { readonly state: 'waits'; readonly count: number; readonly untilMs: number }
  | { readonly state: 'locked'; readonly count: number };

export interface PersonState extends PersonView {
  readonly methods: readonly Authenticator[];
  /** Of codes from apps and phones, and of recovery codes. */
  readonly codes: CounterState;
  readonly recoveryCodes: CounterState;
  readonly sessions: number;
  readonly lines: readonly AuditLine[];
}

/**
 * @param typed the user name, as somebody typed it
 * @param companyId the only company that is looked in; undefined: all
 */
export async function lookAtPerson(
  store: StaffStore,
  typed: unknown,
  companyId: string | undefined,
  nowMs: number,
): Promise<PersonState | undefined> {
  const key = usernameKey(typed);
  const person = key === undefined ? undefined : await store.person(key, companyId);
  if (person === undefined) return undefined;
  const { id } = person.account;
  const keys = [...counterKeys('totp', id), ...counterKeys('recovery-code', id)];
  const [authenticators, tries, sessions, lines] = await Promise.all([
    store.authenticators(id),
    store.tries(keys),
    store.countSessions(id, nowMs),
    store.auditLines(id, auditLinesShown),
  ]);
  const stateOf = (rule: typeof otpRule): CounterState => {
    const counter = tries.get(triesKey(rule, id));
    const decided = decideTry(rule, triesKey(rule, id), counter, nowMs);
    const count = counter?.count ?? 0;
    if (decided.decision === 'locked') return { state: 'locked', count };
    if (decided.decision === 'wait') return { state: 'waits', count, untilMs: decided.untilMs };
    // What a window has forgotten would be counted from one again.
    const isForgotten = decided.change.change === 'try.count' && decided.change.count === 1;
    return { state: 'open', count: isForgotten ? 0 : count };
  };
  // Recovery codes that are used up are not asked for any more; that they are is what a helpdesk wants to see.
  const askedFor = inAskingOrder(authenticators);
  const [hour, day] = [stateOf(recoveryHourRule), stateOf(recoveryDayRule)];
  return {
    ...person,
    methods: [...askedFor, ...authenticators.filter((one) => !askedFor.includes(one))],
    codes: stateOf(otpRule),
    recoveryCodes: day.state === 'open' ? hour : day,
    sessions,
    lines,
  };
}
