// Statements about passwords after the first: replacing them, and resets by mail.
import { any, one, read } from '../statement.ts';

export const replacePassword = one(
  'password.replace',
  `update accounts set password_hash = :passwordHash, must_change_password = 0,
     password_revision = password_revision + 1
   where id = :accountId and password_revision = :expectedRevision and status = 'active'`,
);

export const beginPasswordReset = one(
  'password-reset.begin',
  `insert into password_resets (id, company_id, account_id, state, token_hash, created_at_ms, expires_at_ms)
   values (:id, :companyId, :accountId, 'mailed', :tokenHash, :createdAtMs, :expiresAtMs)
   on conflict do nothing`,
);

export const choosePassword = one(
  'password-reset.choose',
  `update password_resets set state = 'waiting', password_hash = :passwordHash, expires_at_ms = :expiresAtMs
   where id = :id and account_id = :accountId and state = 'mailed' and expires_at_ms > :nowMs`,
);

export const consumePasswordReset = one(
  'password-reset.consume',
  `delete from password_resets
   where id = :id and account_id = :accountId and state = 'waiting' and expires_at_ms > :nowMs`,
);

export const clearPasswordResets = any(
  'password-reset.clear',
  'delete from password_resets where account_id = :accountId and id <> :exceptId',
);

export const passwordReset = read(
  'password-reset',
  `select password_resets.id as reset_id, password_resets.state as reset_state,
     password_resets.created_at_ms as reset_created_at_ms, password_resets.expires_at_ms as reset_expires_at_ms,
     accounts.*, accounts.status as account_status, accounts.password_revision as account_password_revision, companies.name as company_name,
     companies.authenticator_apps_per_account
   from password_resets
   join accounts on accounts.id = password_resets.account_id
   join companies on companies.id = password_resets.company_id
   where token_hash = :tokenHash`,
);

export const waitingPassword = read(
  'waiting-password',
  `select id as waiting_id, password_hash as waiting_hash, expires_at_ms as waiting_until_ms
   from password_resets where id = :id and state = 'waiting'`,
);

export const address = read('address', 'select id, company_id, address from accounts where id = :accountId');
