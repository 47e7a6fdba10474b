// Statements about enrollments, authenticators and recovery codes.
import { one, read } from '../statement.ts';

export const beginEnrollment = one(
  'enrollment.begin',
  `insert into enrollments (id, company_id, account_id, sign_in_id, kind, state, secret, created_at_ms,
     expires_at_ms)
   values (:id, :companyId, :accountId, :signInId, :kind, 'open', :secret, :createdAtMs, :expiresAtMs)`,
);

export const countEnrollmentTry = one(
  'enrollment.count',
  `update enrollments set tries = tries + 1
   where id = :id and state = 'open' and tries < :limit and expires_at_ms > :nowMs`,
);

/** The secret goes over to the authenticator; the row stays as the record of the binding. */
export const consumeEnrollment = one(
  'enrollment.consume',
  `update enrollments set state = 'bound', secret = null
   where id = :id and state = 'open' and expires_at_ms > :nowMs`,
);

export const bindAuthenticator = one(
  'authenticator.bind',
  `insert into authenticators (id, company_id, account_id, enrollment_id, kind, label, position, secret, last_step,
     drift_steps, bound_at_ms, bound_leaf_hash, binding_mac)
   values (:id, :companyId, :accountId, :enrollmentId, :kind, :label, :position, :secret, :lastStep,
     :driftSteps, :boundAtMs, :boundLeafHash, :bindingMac)`,
);

export const advanceAuthenticator = one(
  'authenticator.advance',
  `update authenticators set last_step = :lastStep, drift_steps = :driftSteps, last_used_at_ms = :nowMs
   where id = :id and state = 'active' and last_step < :lastStep`,
);

export const removeAuthenticator = one(
  'authenticator.remove',
  `update authenticators set state = 'removed', removed_at_ms = :nowMs, secret = null
   where id = :id and account_id = :accountId and state = 'active'`,
);

export const keepRecoveryCodes = one(
  'recovery-codes.keep',
  `update authenticators set kept_at_ms = :nowMs
   where id = :id and kind = 'recovery-code' and state = 'active' and kept_at_ms is null`,
);

export const issueRecoveryCode = one(
  'recovery-code.issue',
  `insert into recovery_codes (authenticator_id, selector, hash, pepper_version)
   values (:authenticatorId, :selector, :hash, :pepperVersion)`,
);

export const consumeRecoveryCode = one(
  'recovery-code.consume',
  `update recovery_codes set used_at_ms = :nowMs
   where authenticator_id = :authenticatorId and selector = :selector and used_at_ms is null
     and exists (select 1 from authenticators where id = :authenticatorId and state = 'active')`,
);

export const authenticators = read(
  'authenticators',
  `select id, account_id, company_id, kind, label, position, bound_at_ms, last_used_at_ms, kept_at_ms,
     case when kind = 'recovery-code' then (
       select count(*) from recovery_codes where authenticator_id = authenticators.id and used_at_ms is null
     ) end as unused_codes
   from authenticators where account_id = :accountId and state = 'active'`,
);

export const enrollment = read('enrollment', 'select * from enrollments where id = :id');

export const recoveryCode = read(
  'recovery-code',
  `select recovery_codes.hash, recovery_codes.pepper_version, authenticators.id as authenticator_id, authenticators.company_id,
     authenticators.account_id, authenticators.enrollment_id, authenticators.kind as authenticator_kind, authenticators.bound_at_ms,
     authenticators.bound_leaf_hash, authenticators.binding_mac, authenticators.secret
   from recovery_codes join authenticators on authenticators.id = recovery_codes.authenticator_id
   where authenticator_id = :authenticatorId and selector = :selector and used_at_ms is null
     and authenticators.state = 'active'`,
);
