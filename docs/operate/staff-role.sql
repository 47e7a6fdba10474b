-- The database role of the staff process (PostgreSQL): it reads what the helpdesk pages show, and writes nothing.
-- Run it in the database of Secondring as a role that may make roles, after the service was started once:
--
--   psql -U postgres -d secondring -v ON_ERROR_STOP=1 -f docs/operate/staff-role.sql
--   psql -U postgres -d secondring -c '\password secondring_staff'
--
-- Rights are given column by column, so that a table or a column that a later version adds is not readable until it
-- stands here. Running it again is harmless.

do $$
begin
  create role secondring_staff login nosuperuser nocreatedb nocreaterole noinherit connection limit 20;
exception when duplicate_object then null;
end
$$;

alter role secondring_staff set default_transaction_read_only = on;
alter role secondring_staff set statement_timeout = '5s';

revoke all on all tables in schema public from secondring_staff;
grant usage on schema public to secondring_staff;

grant select (name) on providers to secondring_staff;
grant select (id, name, authenticator_apps_per_account) on companies to secondring_staff;
grant select (id, company_id, username, username_key, status, arrangement, must_change_password,
    password_revision) on accounts to secondring_staff;
grant select (id, company_id, account_id, kind, label, position, state, bound_at_ms, last_used_at_ms,
    kept_at_ms)
  on authenticators to secondring_staff;
grant select (authenticator_id, used_at_ms) on recovery_codes to secondring_staff;
grant select (key, count, started_at_ms, not_before_ms) on tries to secondring_staff;
grant select (account_id, expires_at_ms, ended_at_ms) on sessions to secondring_staff;
grant select (id, at_ms, event, account_id, canonical) on audit_leaves to secondring_staff;
