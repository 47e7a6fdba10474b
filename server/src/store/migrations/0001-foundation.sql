-- The foundation: who there is, what is protected, how people sign in, what was written down of it.
-- Written in PostgreSQL's words; store/migrate.ts spells the two type words that SQLite calls otherwise.

create table providers (
  id text primary key,
  -- There is one; of two that are made at once one is refused.
  only_one bigint not null default 1 unique check (only_one = 1),
  name text not null,
  created_at_ms bigint not null
);

create table companies (
  id text primary key,
  name text not null,
  authenticator_apps_per_account bigint not null check (authenticator_apps_per_account between 1 and 10),
  created_at_ms bigint not null
);

-- The key hierarchy: master keys are known by a check value, data keys are wrapped by one of them.
create table master_key_checks (
  master_key_id text primary key,
  check_value bytea not null,
  created_at_ms bigint not null
);

create table data_keys (
  scope text not null,
  version bigint not null,
  master_key_id text not null references master_key_checks (master_key_id),
  wrapped bytea not null,
  created_at_ms bigint not null,
  primary key (scope, version)
);

create table accounts (
  id text primary key,
  company_id text not null references companies (id),
  username text not null,
  username_key text not null unique,
  password_hash text not null,
  status text not null default 'active' check (status in ('active', 'disabled')),
  arrangement bigint not null default 0,
  created_at_ms bigint not null,
  unique (company_id, id)
);

create table applications (
  id text primary key,
  name text not null,
  second_factor text not null check (second_factor in ('required', 'optional', 'none')),
  home_url text,
  client_id text unique,
  client_secret_hash text,
  redirect_uris text not null default '[]',
  post_logout_redirect_uris text not null default '[]',
  created_at_ms bigint not null
);

-- Counters of tries. A row without an end is kept until a full success resets it.
create table tries (
  key text primary key,
  count bigint not null check (count > 0),
  started_at_ms bigint not null,
  not_before_ms bigint not null,
  expires_at_ms bigint
);
create index tries_by_expiry on tries (expires_at_ms) where expires_at_ms is not null;

-- The MAC of a sign-in or a session is over everything that lets somebody in by it: a row that was made or changed
-- by hand is none.
create table sign_ins (
  id text primary key,
  revision bigint not null,
  state text not null check (
    state in (
      'password', 'change-password', 'factor', 'enrollment', 'backup', 'proven', 'done', 'refused', 'expired'
    )
  ),
  browser_key_hash bytea,
  application_id text not null references applications (id),
  account_id text,
  company_id text,
  wants text not null,
  interaction text,
  proofs text not null,
  challenge_id text,
  enrollment_id text,
  session_id text,
  created_at_ms bigint not null,
  expires_at_ms bigint not null,
  row_mac bytea not null,
  foreign key (company_id, account_id) references accounts (company_id, id),
  check (account_id is not null or state in ('password', 'refused', 'expired'))
);
create index sign_ins_live on sign_ins (account_id, id)
  where state in ('factor', 'enrollment', 'backup', 'proven');
create index sign_ins_by_expiry on sign_ins (expires_at_ms);

-- An enrollment is begun by the person in their own sign-in and by nobody else; its row stays as the record of
-- every authenticator that was ever bound.
create table enrollments (
  id text primary key,
  company_id text not null,
  account_id text not null,
  sign_in_id text,
  kind text not null check (kind in ('app', 'totp', 'phone', 'passkey', 'recovery-code')),
  begun_by text not null default 'person' check (begun_by = 'person'),
  state text not null check (state in ('open', 'bound')),
  secret bytea,
  tries bigint not null default 0,
  created_at_ms bigint not null,
  expires_at_ms bigint not null,
  foreign key (company_id, account_id) references accounts (company_id, id),
  unique (account_id, id)
);
create index enrollments_open_by_expiry on enrollments (expires_at_ms) where state = 'open';

create table authenticators (
  id text primary key,
  company_id text not null,
  account_id text not null,
  enrollment_id text not null unique,
  kind text not null check (kind in ('app', 'totp', 'phone', 'passkey', 'recovery-code')),
  label text not null,
  position bigint not null,
  state text not null default 'active' check (state in ('active', 'removed')),
  secret bytea,
  last_step bigint,
  drift_steps bigint check (drift_steps between -1 and 1),
  bound_at_ms bigint not null,
  bound_leaf_hash bytea not null,
  binding_mac bytea not null,
  last_used_at_ms bigint,
  removed_at_ms bigint,
  foreign key (company_id, account_id) references accounts (company_id, id),
  foreign key (account_id, enrollment_id) references enrollments (account_id, id)
);
create index authenticators_by_account on authenticators (account_id) where state = 'active';

create table recovery_codes (
  authenticator_id text not null references authenticators (id),
  selector text not null,
  hash text not null,
  used_at_ms bigint,
  primary key (authenticator_id, selector)
);

create table challenges (
  id text primary key,
  sign_in_id text not null references sign_ins (id) on delete cascade,
  account_id text not null,
  authenticator_id text not null references authenticators (id),
  kind text not null,
  tries bigint not null default 0,
  issued_at_ms bigint not null,
  expires_at_ms bigint not null,
  consumed_at_ms bigint
);
create index challenges_by_sign_in on challenges (sign_in_id);

create table sessions (
  id text primary key,
  token_hash bytea not null unique,
  sign_in_id text not null unique,
  company_id text not null,
  account_id text not null,
  proofs text not null,
  created_at_ms bigint not null,
  expires_at_ms bigint not null,
  ended_at_ms bigint,
  end_reason text,
  row_mac bytea not null,
  foreign key (company_id, account_id) references accounts (company_id, id)
);

-- What the OIDC library keeps, by the SHA-256 of its identifiers. What carries a session is not found once that
-- session has ended.
create table oidc_documents (
  model text not null,
  id_hash bytea not null,
  uid_hash bytea,
  grant_id_hash bytea,
  session_id text,
  payload text not null,
  expires_at_ms bigint not null,
  consumed_at_ms bigint,
  primary key (model, id_hash)
);
create index oidc_documents_by_uid on oidc_documents (uid_hash) where uid_hash is not null;
create index oidc_documents_by_grant on oidc_documents (grant_id_hash) where grant_id_hash is not null;
create index oidc_documents_by_expiry on oidc_documents (expires_at_ms);

create table signing_keys (
  id text primary key,
  algorithm text not null,
  -- Counts the keys of an algorithm; of replicas that make the first one at once one succeeds.
  serial bigint not null,
  public_jwk text not null,
  private_key bytea not null,
  created_at_ms bigint not null,
  unique (algorithm, serial)
);

-- The audit: leaves are only ever appended. Personal fields stand beside them under a salted commitment, so that
-- they can be erased and the leaf stays valid. The index is given by the sequencer.
create table audit_leaves (
  id text primary key,
  at_ms bigint not null,
  event text not null,
  company_id text,
  account_id text,
  canonical text not null,
  leaf_hash bytea not null,
  leaf_index bigint
);
create unique index audit_leaves_by_index on audit_leaves (leaf_index) where leaf_index is not null;
create index audit_leaves_by_account on audit_leaves (account_id, at_ms) where account_id is not null;
create index audit_leaves_without_index on audit_leaves (at_ms) where leaf_index is null;

create table audit_personal (
  leaf_id text primary key references audit_leaves (id),
  salt bytea not null,
  fields text not null
);

insert into applications (id, name, second_factor, created_at_ms) values ('secondring', 'Secondring', 'required', 0);
