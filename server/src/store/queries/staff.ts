// Statements about staff: their roles, and what their pages read. Those of the pages name every column, because the
// database role that runs them may read no others.
import { one, read } from '../statement.ts';

export const grantRole = one(
  'staff-role.grant',
  `insert into staff_roles (account_id, role, company_id, granted_at_ms, row_mac)
   values (:accountId, :role, :companyId, :nowMs, :rowMac)
   on conflict do nothing`,
);

export const revokeRole = one(
  'staff-role.revoke',
  'delete from staff_roles where account_id = :accountId and role = :role',
);

export const grants = read(
  'staff-grants',
  'select account_id, role, company_id, row_mac from staff_roles where account_id = :accountId',
);

/** Of another company somebody is not there: the row does not leave the database. */
export const person = read(
  'person',
  `select accounts.id, accounts.company_id, accounts.username, accounts.status as account_status,
     accounts.must_change_password, accounts.password_revision as account_password_revision, accounts.arrangement,
     companies.name as company_name, companies.authenticator_apps_per_account
   from accounts join companies on companies.id = accounts.company_id
   where accounts.username_key = :usernameKey
     and (cast(:companyId as text) is null or accounts.company_id = :companyId)`,
);

export const countSessions = read(
  'count-sessions',
  `select count(*) as live from sessions
   where account_id = :accountId and ended_at_ms is null and expires_at_ms > :nowMs`,
);

export const auditLines = read(
  'audit-lines',
  `select at_ms, event, canonical from audit_leaves where account_id = :accountId
   order by at_ms desc, id desc limit :limit`,
);
