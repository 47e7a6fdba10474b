// Who of the accounts is staff, where their pages are, and what a session must have proven to open them. A role says
// what may be looked at. There is none that could be used to set up, change or bring back somebody's sign-in method.

import type { Wants } from './policy.ts';

/** An agent is the provider's and sees all companies; an administrator sees the one company they are of. */
/** The roles, as the command line and the store spell them. */
export const staffRoles = ['agent', 'administrator'] as const;
export type StaffRole = (typeof staffRoles)[number];

export interface StaffGrant {
  readonly accountId: string;
  readonly role: StaffRole;
  /** The company of an administrator; undefined for an agent. */
  readonly companyId: string | undefined;
}

/** The staff pages, and who they are for. */
export const staffPages = { '/helpdesk': 'agent', '/company': 'administrator' } as const satisfies Readonly<
  Record<string, StaffRole>
>;
export type StaffPath = keyof typeof staffPages;
export const staffPaths = Object.keys(staffPages) as readonly StaffPath[];

/** How old a proof may be that opens a staff page, in milliseconds: 8 hours (security.md §6, Session). */
export const staffLifeMs = 8 * 60 * 60 * 1000;

/** A session that led nowhere for this long proves itself anew for a staff page, in milliseconds: 15 minutes. */
export const staffIdleMs = 15 * 60 * 1000;

/**
 * What a staff page wants of a session: two factors, both proven within eight hours, and both anew when nobody was at
 * work with the session for a quarter of an hour.
 *
 * @param lastSeenAtMs when the session last led somewhere; undefined: there is none yet
 */
export function wantsOfStaff(leadsTo: StaffPath, lastSeenAtMs: number | undefined, nowMs: number): Wants {
  const assurance = 'urn:secondring:acr:two-factor';
  if (lastSeenAtMs === undefined) return { assurance, leadsTo };
  const isIdle = nowMs - lastSeenAtMs >= staffIdleMs;
  return { assurance, leadsTo, freshSinceMs: isIdle ? nowMs : nowMs - staffLifeMs + 1 };
}
