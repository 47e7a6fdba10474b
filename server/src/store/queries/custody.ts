// Statements about keys, the audit, and the removal of what has expired.
import { any, one, read } from '../statement.ts';

export const createDataKey = one(
  'data-key.create',
  `insert into data_keys (scope, version, master_key_id, wrapped, created_at_ms)
   values (:scope, :version, :masterKeyId, :wrapped, :nowMs)
   on conflict do nothing`,
);

export const dataKeys = read(
  'data-keys',
  'select * from data_keys where scope = :scope order by version desc',
);

export const createMasterKeyCheck = any(
  'master-key-check.create',
  `insert into master_key_checks (master_key_id, check_value, created_at_ms)
   values (:masterKeyId, :checkValue, :nowMs)
   on conflict do nothing`,
);

export const masterKeyChecks = read(
  'master-key-checks',
  'select master_key_id, check_value from master_key_checks',
);

/** The next key of an algorithm. */
export const createSigningKey = one(
  'signing-key.create',
  `insert into signing_keys (id, algorithm, serial, public_jwk, private_key, created_at_ms)
   values (:id, :algorithm, :serial, :publicJwk, :privateKey, :nowMs)
   on conflict do nothing`,
);

export const signingKeys = read('signing-keys', 'select * from signing_keys order by created_at_ms desc, id');

export const appendLeaf = one(
  'audit.append',
  `insert into audit_leaves (id, at_ms, event, company_id, account_id, canonical, leaf_hash)
   values (:id, :atMs, :event, :companyId, :accountId, :canonical, :leafHash)`,
);

export const appendPersonal = one(
  'audit.personal',
  'insert into audit_personal (leaf_id, salt, fields) values (:leafId, :salt, :fields)',
);

/** Rows of each table that one commit removes; more would hold up everything that waits for the next commit. */
const atOnce = 200;

export const removeExpiredTries = any(
  'expired.tries',
  `delete from tries where key in (select key from tries where expires_at_ms <= :nowMs limit ${atOnce})`,
);
export const removeExpiredSignIns = any(
  'expired.sign-ins',
  `delete from sign_ins where id in (select id from sign_ins where expires_at_ms <= :nowMs limit ${atOnce})`,
);
export const removeExpiredEnrollments = any(
  'expired.enrollments',
  `delete from enrollments where id in (
     select id from enrollments where state = 'open' and expires_at_ms <= :nowMs limit ${atOnce}
   )`,
);
export const removeExpiredPasswordResets = any(
  'expired.password-resets',
  `delete from password_resets where id in (
     select id from password_resets where expires_at_ms <= :nowMs limit ${atOnce}
   )`,
);
export const removeExpiredOidcDocuments = any(
  'expired.oidc-documents',
  `delete from oidc_documents where (model, id_hash) in (
     select model, id_hash from oidc_documents where expires_at_ms <= :nowMs limit ${atOnce}
   )`,
);

export const hasExpired = read(
  'has-expired',
  `select case when exists (select 1 from tries where expires_at_ms <= :nowMs)
     or exists (select 1 from sign_ins where expires_at_ms <= :nowMs)
     or exists (select 1 from enrollments where state = 'open' and expires_at_ms <= :nowMs)
     or exists (select 1 from password_resets where expires_at_ms <= :nowMs)
     or exists (select 1 from oidc_documents where expires_at_ms <= :nowMs)
   then 1 else 0 end as has_expired`,
);

export const wrappingMasterKeys = read(
  'wrapping-master-keys',
  'select distinct master_key_id from data_keys order by master_key_id',
);

export const newestEvent = read('newest-event', 'select max(at_ms) as at_ms from audit_leaves');

export const serverClock = read(
  'server-clock',
  'select 0 as now_ms',
  'select cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as now_ms',
);

export const allDataKeys = read('all-data-keys', 'select * from data_keys order by scope, version');
