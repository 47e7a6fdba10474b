-- The schema after all migrations, as SQLite has it. Written by `npm run schema`; do not edit.

create table accounts (
  id text primary key,
  company_id text not null references companies (id),
  username text not null,
  username_key text not null unique,
  password_hash text not null,
  status text not null default 'active' check (status in ('active', 'disabled')),
  arrangement integer not null default 0,
  created_at_ms integer not null, address blob, address_mask text, must_change_password integer not null default 0
  check (must_change_password in (0, 1)), password_revision integer not null default 0,
  unique (company_id, id)
) strict, without rowid;

create table applications (
  id text primary key,
  name text not null,
  second_factor text not null check (second_factor in ('required', 'optional', 'none')),
  home_url text,
  client_id text unique,
  client_secret_hash text,
  redirect_uris text not null default '[]',
  post_logout_redirect_uris text not null default '[]',
  created_at_ms integer not null
, backchannel_logout_uri text) strict, without rowid;

create table audit_checkpoints (
  size integer primary key check (size > 0),
  note text not null
) strict, without rowid;

create table audit_keys (
  serial integer primary key,
  -- The origin line of checkpoints and the name of the key; it stays when the service moves to another address.
  origin text not null,
  algorithm text not null,
  private_key blob not null,
  created_at_ms integer not null
) strict, without rowid;

create table audit_leaves (
  id text primary key,
  at_ms integer not null,
  event text not null,
  company_id text,
  account_id text,
  canonical text not null,
  leaf_hash blob not null,
  leaf_index integer
) strict, without rowid;
create index audit_leaves_by_account on audit_leaves (account_id, at_ms) where account_id is not null;
create unique index audit_leaves_by_index on audit_leaves (leaf_index) where leaf_index is not null;
create index audit_leaves_without_index on audit_leaves (at_ms) where leaf_index is null;

create table audit_personal (
  leaf_id text primary key references audit_leaves (id),
  salt blob not null,
  fields text not null
) strict, without rowid;

create table audit_tree (
  id text primary key check (id = 'audit'),
  size integer not null check (size >= 0),
  -- Absent as long as there is no leaf.
  frontier blob check (frontier is not null or size = 0)
) strict, without rowid;

create table authenticators (
  id text primary key,
  company_id text not null,
  account_id text not null,
  enrollment_id text not null unique,
  kind text not null check (kind in ('app', 'totp', 'phone', 'passkey', 'recovery-code')),
  label text not null,
  position integer not null,
  state text not null default 'active' check (state in ('active', 'removed')),
  secret blob,
  last_step integer,
  drift_steps integer check (drift_steps between -1 and 1),
  bound_at_ms integer not null,
  bound_leaf_hash blob not null,
  binding_mac blob not null,
  last_used_at_ms integer,
  removed_at_ms integer, kept_at_ms integer,
  foreign key (company_id, account_id) references accounts (company_id, id),
  foreign key (account_id, enrollment_id) references enrollments (account_id, id)
) strict, without rowid;
create index authenticators_by_account on authenticators (account_id) where state = 'active';

create table challenges (
  id text primary key,
  sign_in_id text not null references sign_ins (id) on delete cascade,
  account_id text not null,
  authenticator_id text not null references authenticators (id),
  kind text not null,
  tries integer not null default 0,
  issued_at_ms integer not null,
  expires_at_ms integer not null,
  consumed_at_ms integer
) strict, without rowid;
create index challenges_by_sign_in on challenges (sign_in_id);

create table companies (
  id text primary key,
  name text not null,
  authenticator_apps_per_account integer not null check (authenticator_apps_per_account between 1 and 10),
  created_at_ms integer not null
) strict, without rowid;

create table data_keys (
  scope text not null,
  version integer not null,
  master_key_id text not null references master_key_checks (master_key_id),
  wrapped blob not null,
  created_at_ms integer not null,
  primary key (scope, version)
) strict, without rowid;

create table enrollments (
  id text primary key,
  company_id text not null,
  account_id text not null,
  sign_in_id text,
  kind text not null check (kind in ('app', 'totp', 'phone', 'passkey', 'recovery-code')),
  begun_by text not null default 'person' check (begun_by = 'person'),
  state text not null check (state in ('open', 'bound')),
  secret blob,
  tries integer not null default 0,
  created_at_ms integer not null,
  expires_at_ms integer not null,
  foreign key (company_id, account_id) references accounts (company_id, id),
  unique (account_id, id)
) strict, without rowid;
create index enrollments_open_by_expiry on enrollments (expires_at_ms) where state = 'open';

create table master_key_checks (
  master_key_id text primary key,
  check_value blob not null,
  created_at_ms integer not null
) strict, without rowid;

create table oidc_documents (
  model text not null,
  id_hash blob not null,
  uid_hash blob,
  grant_id_hash blob,
  session_id text,
  payload text not null,
  expires_at_ms integer not null,
  consumed_at_ms integer,
  primary key (model, id_hash)
) strict, without rowid;
create index oidc_documents_by_expiry on oidc_documents (expires_at_ms);
create index oidc_documents_by_grant on oidc_documents (grant_id_hash) where grant_id_hash is not null;
create index oidc_documents_by_uid on oidc_documents (uid_hash) where uid_hash is not null;

create table outbox (
  id text primary key,
  kind text not null,
  sealed_payload blob not null,
  attempts integer not null default 0,
  due_at_ms integer not null,
  created_at_ms integer not null,
  expires_at_ms integer not null
) strict, without rowid;
create index outbox_by_due on outbox (due_at_ms);

create table password_resets (
  id text primary key,
  company_id text not null,
  account_id text not null,
  state text not null check (state in ('mailed', 'waiting')),
  token_hash blob not null unique,
  password_hash text,
  created_at_ms integer not null,
  expires_at_ms integer not null,
  foreign key (company_id, account_id) references accounts (company_id, id),
  check ((state = 'waiting') = (password_hash is not null))
) strict, without rowid;
create index password_resets_by_account on password_resets (account_id);
create index password_resets_by_expiry on password_resets (expires_at_ms);

create table providers (
  id text primary key,
  -- There is one; of two that are made at once one is refused.
  only_one integer not null default 1 unique check (only_one = 1),
  name text not null,
  created_at_ms integer not null
) strict, without rowid;

create table recovery_codes (
  authenticator_id text not null references authenticators (id),
  selector text not null,
  hash text not null,
  used_at_ms integer, pepper_version integer not null default 1,
  primary key (authenticator_id, selector)
) strict, without rowid;

create table schema_migrations (
         number integer primary key, name text not null, digest text not null, applied_at_ms integer not null
) strict, without rowid;

create table session_entries (
  session_id text not null references sessions (id),
  application_id text not null references applications (id),
  entered_at_ms integer not null,
  primary key (session_id, application_id)
) strict, without rowid;

create table sessions (
  id text primary key,
  token_hash blob not null unique,
  sign_in_id text not null unique,
  company_id text not null,
  account_id text not null,
  proofs text not null,
  created_at_ms integer not null,
  expires_at_ms integer not null,
  ended_at_ms integer,
  end_reason text,
  row_mac blob not null, last_seen_at_ms integer,
  foreign key (company_id, account_id) references accounts (company_id, id)
) strict, without rowid;
create index sessions_ended on sessions (account_id, ended_at_ms) where ended_at_ms is not null;
create index sessions_live_by_account on sessions (account_id) where ended_at_ms is null;

create table sign_ins (
  id text primary key,
  revision integer not null,
  state text not null check (
    state in (
      'password', 'change-password', 'factor', 'enrollment', 'backup', 'proven', 'done', 'refused', 'expired'
    )
  ),
  browser_key_hash blob,
  application_id text not null references applications (id),
  account_id text,
  company_id text,
  wants text not null,
  interaction text,
  proofs text not null,
  challenge_id text,
  enrollment_id text,
  session_id text,
  created_at_ms integer not null,
  expires_at_ms integer not null,
  row_mac blob not null, origin_mac blob, password_revision integer, password_reset_id text,
  foreign key (company_id, account_id) references accounts (company_id, id),
  check (account_id is not null or state in ('password', 'refused', 'expired'))
) strict, without rowid;
create index sign_ins_by_expiry on sign_ins (expires_at_ms);
create index sign_ins_live on sign_ins (account_id, id) where account_id is not null;

create table signing_keys (
  id text primary key,
  algorithm text not null,
  -- Counts the keys of an algorithm; of replicas that make the first one at once one succeeds.
  serial integer not null,
  public_jwk text not null,
  private_key blob not null,
  created_at_ms integer not null,
  unique (algorithm, serial)
) strict, without rowid;

create table staff_roles (
  account_id text not null references accounts (id),
  role text not null check (role in ('agent', 'administrator')),
  company_id text,
  granted_at_ms integer not null,
  row_mac blob not null,
  primary key (account_id, role),
  foreign key (company_id, account_id) references accounts (company_id, id),
  check ((role = 'agent') = (company_id is null))
) strict, without rowid;

create table store_epoch (
  only_one integer primary key default 1 check (only_one = 1),
  epoch integer not null check (epoch > 0),
  reason text not null check (reason in ('made', 'restored', 'asked')),
  began_at_ms integer not null
) strict, without rowid;

create table tries (
  key text primary key,
  count integer not null check (count > 0),
  started_at_ms integer not null,
  not_before_ms integer not null,
  expires_at_ms integer
) strict, without rowid;
create index tries_by_expiry on tries (expires_at_ms) where expires_at_ms is not null;
