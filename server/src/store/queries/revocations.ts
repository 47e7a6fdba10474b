// Statements that take over what another store revoked; the reads are asked of the old store, the changes are made in
// the restored one.
import { any, read } from '../statement.ts';

export const identity = read(
  'identity',
  `select master_key_id as name from master_key_checks union all select 'provider ' || id from providers`,
);

export const oldAccounts = read(
  'old-accounts',
  'select id, password_hash, arrangement, status from accounts',
);
export const oldAuthenticators = read(
  'old-authenticators',
  `select id, last_step from authenticators where state = 'active'`,
);
export const oldUsedCodes = read(
  'old-used-codes',
  'select authenticator_id, selector, used_at_ms from recovery_codes where used_at_ms is not null',
);
export const oldTries = read('old-tries', 'select * from tries');

export const activeAccounts = read('active-accounts', `select id from accounts where status = 'active'`);
export const activeAuthenticators = read(
  'active-authenticators',
  `select id from authenticators where state = 'active'`,
);

export const takePassword = any(
  'revocations.password',
  'update accounts set password_hash = :passwordHash where id = :id and password_hash <> :passwordHash',
);

/** An account that had a method by now is not enrolled on its password alone (attack B4). */
export const takeArrangement = any(
  'revocations.arrangement',
  'update accounts set arrangement = :arrangement where id = :id and arrangement < :arrangement',
);

export const disableAccount = any(
  'revocations.disable',
  `update accounts set status = 'disabled' where id = :id and status = 'active'`,
);

export const removeAuthenticator = any(
  'revocations.remove',
  `update authenticators set state = 'removed', removed_at_ms = :nowMs, secret = null
   where id = :id and state = 'active'`,
);

export const takeLastStep = any(
  'revocations.last-step',
  'update authenticators set last_step = :lastStep where id = :id and last_step < :lastStep',
);

export const useCode = any(
  'revocations.use-code',
  `update recovery_codes set used_at_ms = :usedAtMs
   where authenticator_id = :authenticatorId and selector = :selector and used_at_ms is null`,
);

export const takeTries = any(
  'revocations.tries',
  `insert into tries (key, count, started_at_ms, not_before_ms, expires_at_ms)
   values (:key, :count, :startedAtMs, :notBeforeMs, :expiresAtMs)
   on conflict (key) do update set count = excluded.count, started_at_ms = excluded.started_at_ms,
     not_before_ms = excluded.not_before_ms, expires_at_ms = excluded.expires_at_ms
   where tries.count < excluded.count or tries.not_before_ms < excluded.not_before_ms`,
);
