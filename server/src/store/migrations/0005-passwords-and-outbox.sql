-- Passwords beyond the first, where people are written to, and the outbox of what leaves the house.

-- The address is sealed to its row; what stands beside it in clear is a mask of it.
alter table accounts add column address bytea;
alter table accounts add column address_mask text;
alter table accounts add column must_change_password bigint not null default 0
  check (must_change_password in (0, 1));
alter table accounts add column password_revision bigint not null default 0;

-- A sign-in goes on only while the account's password is the one that it was given.
alter table sign_ins add column password_revision bigint;
alter table sign_ins add column password_reset_id text;
drop index sign_ins_live;
create index sign_ins_live on sign_ins (account_id, id) where account_id is not null;
create index sessions_live_by_account on sessions (account_id) where ended_at_ms is null;

-- A forgotten password: mailed is a link that lets one be chosen, waiting is the chosen one until a factor is proven.
create table password_resets (
  id text primary key,
  company_id text not null,
  account_id text not null,
  state text not null check (state in ('mailed', 'waiting')),
  token_hash bytea not null unique,
  password_hash text,
  created_at_ms bigint not null,
  expires_at_ms bigint not null,
  foreign key (company_id, account_id) references accounts (company_id, id),
  check ((state = 'waiting') = (password_hash is not null))
);
create index password_resets_by_account on password_resets (account_id);
create index password_resets_by_expiry on password_resets (expires_at_ms);

-- What has to leave the house, sealed to its row. The due time of an item that somebody has taken is the end of the
-- lease; the attempts are the fence.
create table outbox (
  id text primary key,
  kind text not null,
  sealed_payload bytea not null,
  attempts bigint not null default 0,
  due_at_ms bigint not null,
  created_at_ms bigint not null,
  expires_at_ms bigint not null
);
create index outbox_by_due on outbox (due_at_ms);
