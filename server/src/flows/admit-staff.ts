// Use case: somebody comes to a staff page. Who they are is said by their own session, what they may see by their
// role at this very moment, and both are asked for anew at each request. What they looked at is written down before
// they see it.

import { ownPagesApplicationId } from '#core/application.ts';
import type { AuditEvent } from '#core/audit.ts';
import type { Change } from '#core/changes.ts';
import { SecondringError } from '#core/errors.ts';
import type { Ports, SessionView } from '#core/ports.ts';
import { type StaffGrant, type StaffPath, staffPages, wantsOfStaff } from '#core/staff.ts';
import { type BegunSignIn, begin, beginStepUp } from './begin-sign-in.ts';
import { opens, sessionOf } from './fetch-session.ts';
import { circumstancesOf, type Visitor } from './visitor.ts';

/** Staff at one of their pages. */
export interface Staff {
  readonly session: SessionView;
  readonly grant: StaffGrant;
}

export type Admission =
  | { readonly admission: 'in'; readonly staff: Staff }
  /** Something is to be proven first. */
  | { readonly admission: 'sign-in'; readonly begun: BegunSignIn };

/** @throws SecondringError `staff-only` for whoever does not have the role */
export async function admitStaff(ports: Ports, visitor: Visitor, path: StaffPath): Promise<Admission> {
  const session = await sessionOf(ports, visitor);
  if (session === undefined) {
    const wants = wantsOfStaff(path, undefined, ports.nowMs());
    return { admission: 'sign-in', begun: await begin(ports, visitor, { wants }) };
  }
  const grants = await ports.store.staffGrants(session.accountId);
  const grant = grants.find(({ role }) => role === staffPages[path]);
  const application = await ports.store.application(ownPagesApplicationId);
  if (grant === undefined || application === undefined) throw staffOnly();
  const wants = wantsOfStaff(path, session.lastSeenAtMs, ports.nowMs());
  if (opens(session, application, wants)) return { admission: 'in', staff: { session, grant } };
  const begun = await beginStepUp(ports, visitor, session, { wants });
  if (begun === undefined) throw staffOnly();
  return { admission: 'sign-in', begun };
}

/** The session led somewhere, without anybody being looked at. */
export async function noteStaff(ports: Ports, { session }: Staff): Promise<void> {
  await ports.store.commit([useOf(ports, session)]);
}

/**
 * Writes down that somebody was looked up. The staff process says who was found; that it is somebody whom this role
 * may look at is checked here once more, where that process has no say.
 *
 * @param foundId the account that was found; undefined: none was
 * @throws SecondringError `internal` for a person outside of what the role may see
 */
export async function recordLook(
  ports: Ports,
  visitor: Visitor,
  { session, grant }: Staff,
  foundId: string | undefined,
): Promise<void> {
  const { mint, nowMs, personal } = circumstancesOf(ports, visitor);
  const found = foundId === undefined ? undefined : (await ports.store.account(foundId))?.account;
  const isOutside = grant.companyId !== undefined && found?.companyId !== grant.companyId;
  if (foundId !== undefined && (found === undefined || isOutside)) {
    throw new SecondringError('internal', 'The staff process showed somebody whom this role may not see.');
  }
  const event: AuditEvent = {
    id: mint(),
    atMs: nowMs,
    event: 'staff.looked',
    companyId: found?.companyId ?? grant.companyId,
    accountId: found?.id,
    facts: { staffAccountId: session.accountId, role: grant.role, isFound: found !== undefined },
    personal,
  };
  await ports.store.commit([useOf(ports, session), { change: 'audit.append', event }]);
}

function useOf(ports: Ports, session: SessionView): Change {
  return { change: 'session.use', sessionId: session.id, nowMs: ports.nowMs() };
}

function staffOnly(): SecondringError {
  return new SecondringError('staff-only', 'This page is for staff.');
}
