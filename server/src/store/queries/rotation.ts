// Statements that replace keys: each row is changed only while it is still as it was read.
import { any, read } from '../statement.ts';

export const rewrapDataKey = any(
  'rotation.rewrap',
  `update data_keys set master_key_id = :masterKeyId, wrapped = :wrapped
   where scope = :scope and version = :version and master_key_id = :oldMasterKeyId`,
);

export const forgetUnusedMasterKeys = any(
  'rotation.forget-master-keys',
  `delete from master_key_checks where master_key_id <> :masterKeyId
     and not exists (select 1 from data_keys where data_keys.master_key_id = master_key_checks.master_key_id)`,
);

/** Bytes 2 to 5 of a sealed value are the version of its key (custody/aead.ts). */
export const authenticatorsOnOldKeys = read(
  'rotation.authenticators',
  `select id as authenticator_id, company_id, account_id, enrollment_id, kind as authenticator_kind, bound_at_ms,
     bound_leaf_hash, binding_mac, secret
   from authenticators
   where company_id = :scope and id > :afterId and state = 'active' and secret is not null
     and substr(secret, 2, 4) <> :versionBytes
   order by id limit 100`,
);

export const resealAuthenticator = any(
  'rotation.reseal-authenticator',
  `update authenticators set secret = :secret, binding_mac = :bindingMac
   where id = :id and secret = :oldSecret and state = 'active'`,
);

export const addressesOnOldKeys = read(
  'rotation.addresses',
  `select id, company_id, address from accounts
   where company_id = :scope and id > :afterId and address is not null
     and substr(address, 2, 4) <> :versionBytes
   order by id limit 100`,
);

export const resealAddress = any(
  'rotation.reseal-address',
  'update accounts set address = :address where id = :id and address = :oldAddress',
);

export const signingKeysOnOldKeys = read(
  'rotation.signing-keys',
  `select id, algorithm, private_key from signing_keys
   where id > :afterId and substr(private_key, 2, 4) <> :versionBytes order by id limit 100`,
);

export const resealSigningKey = any(
  'rotation.reseal-signing-key',
  'update signing_keys set private_key = :privateKey where id = :id and private_key = :oldPrivateKey',
);

/** What still needs a version of a company's data key: sealed secrets, and codes on paper hashed with its pepper. */
export const needsOfCompany = read(
  'rotation.needs-of-company',
  `select
     (select count(*) from authenticators where company_id = :scope and state = 'active'
        and secret is not null and substr(secret, 2, 4) = :versionBytes) as methods,
     (select count(*) from enrollments where company_id = :scope and state = 'open'
        and secret is not null and substr(secret, 2, 4) = :versionBytes) as enrollments,
     (select count(*) from accounts where company_id = :scope
        and address is not null and substr(address, 2, 4) = :versionBytes) as addresses,
     (select count(*) from recovery_codes join authenticators on authenticators.id = authenticator_id
        where company_id = :scope and state = 'active' and used_at_ms is null
        and pepper_version = :version) as recovery_codes`,
);

/** The rows of sign-ins and sessions do not name the key of their MAC; what began before a moment may need it. */
export const needsOfProvider = read(
  'rotation.needs-of-provider',
  `select
     (select count(*) from signing_keys where substr(private_key, 2, 4) = :versionBytes) as signing_keys,
     (select count(*) from audit_keys where substr(private_key, 2, 4) = :versionBytes) as audit_keys,
     (select count(*) from audit_tree where substr(frontier, 2, 4) = :versionBytes) as audit_tree,
     (select count(*) from outbox where substr(sealed_payload, 2, 4) = :versionBytes) as outbox,
     (select count(*) from sign_ins where expires_at_ms > :nowMs and created_at_ms < :sinceMs) as sign_ins,
     (select count(*) from sessions where ended_at_ms is null and expires_at_ms > :nowMs
        and created_at_ms < :sinceMs) as sessions`,
);

export const forgetDataKey = any(
  'rotation.forget-data-key',
  `delete from data_keys where scope = :scope and version = :version
     and version < (select max(version) from data_keys where scope = :scope)`,
);
