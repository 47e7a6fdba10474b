-- Who is staff. An agent sees all companies; an administrator sees the company that their own account is of, and the
-- reference says so. The MAC makes a row that was written by hand no role.
create table staff_roles (
  account_id text not null references accounts (id),
  role text not null check (role in ('agent', 'administrator')),
  company_id text,
  granted_at_ms bigint not null,
  row_mac bytea not null,
  primary key (account_id, role),
  foreign key (company_id, account_id) references accounts (company_id, id),
  check ((role = 'agent') = (company_id is null))
);
