-- The tree over the audit's leaves. The head is one row that every batch of leaves moves on, from the size it was
-- decided on; its frontier is sealed to its size, so that a head that was written by hand is none.
create table audit_tree (
  id text primary key check (id = 'audit'),
  size bigint not null check (size >= 0),
  -- Absent as long as there is no leaf.
  frontier bytea check (frontier is not null or size = 0)
);
insert into audit_tree (id, size) values ('audit', 0);

-- Signed notes, by the size of the tree they speak of.
create table audit_checkpoints (
  size bigint primary key check (size > 0),
  note text not null
);

-- Keys that sign checkpoints, in a table of their own: no query for the keys of tokens can ever find one.
create table audit_keys (
  serial bigint primary key,
  -- The origin line of checkpoints and the name of the key; it stays when the service moves to another address.
  origin text not null,
  algorithm text not null,
  private_key bytea not null,
  created_at_ms bigint not null
);
