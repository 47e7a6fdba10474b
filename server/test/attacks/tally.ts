// What really happened, read from behind: how many tries were evaluated and how many people got in, by the audit,
// which has one row for each of them.

import type { Person } from '../support/person.ts';
import type { ServiceUnderTest } from '../support/service-under-test.ts';

export interface Tally {
  /** Codes that were compared with the right one. */
  readonly evaluated: number;
  readonly gotIn: number;
  readonly locks: number;
}

/** Counts the audit's rows about a person. */
export async function tallyOf(service: ServiceUnderTest, person: Person): Promise<Tally> {
  const events = (
    await service.rows(`select event from audit_leaves where account_id = '${person.accountId}'`)
  ).map((row) => row['event']);
  const count = (...names: string[]) => events.filter((event) => names.includes(String(event))).length;
  return {
    evaluated: count('factor.refused', 'factor.accepted'),
    gotIn: count('sign-in.succeeded'),
    locks: count('factor.locked'),
  };
}

/** Where the counter of a person's wrong codes stands. */
export async function codeCounterOf(service: ServiceUnderTest, person: Person): Promise<number> {
  const [row] = await service.rows(`select count from tries where key = 'otp:${person.accountId}'`);
  return Number(row?.['count'] ?? 0);
}
