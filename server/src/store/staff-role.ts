// What the database role of the staff process may do, asked of the database itself: it writes nothing at all and reads
// no column that holds a secret, not even by way of another role. docs/operate/staff-role.sql makes such a role.

import pg from 'pg';
import { SecondringError } from '#core/errors.ts';

/** Columns from which somebody could sign in, or guess at what would let them. */
const secretColumns: Readonly<Record<string, readonly string[]>> = {
  accounts: ['password_hash', 'address'],
  applications: ['client_secret_hash'],
  audit_keys: ['private_key'],
  audit_personal: ['salt', 'fields'],
  audit_tree: ['frontier'],
  authenticators: ['secret', 'binding_mac'],
  data_keys: ['wrapped'],
  enrollments: ['secret'],
  master_key_checks: ['check_value'],
  oidc_documents: ['payload', 'id_hash'],
  outbox: ['sealed_payload'],
  password_resets: ['token_hash', 'password_hash'],
  recovery_codes: ['hash', 'selector'],
  sessions: ['token_hash', 'row_mac'],
  sign_ins: ['browser_key_hash', 'interaction', 'row_mac'],
  signing_keys: ['private_key'],
  staff_roles: ['row_mac'],
};

const connectTimeoutMs = 5000;
/** Faults named at most: of a superuser everything is one. */
const faultsNamed = 5;

/**
 * A role may become any role it is a member of, so what those may do counts, too; a superuser is a member of all
 * (PostgreSQL 15, 9.26 "Access Privilege Inquiry Functions").
 */
const mayWrite = `
  select distinct tables.relname as name
  from pg_class as tables
  join pg_namespace as schemas on schemas.oid = tables.relnamespace
  join pg_roles as roles on pg_has_role(current_user, roles.oid, 'member')
  where schemas.nspname = current_schema() and tables.relkind in ('r', 'p', 'v')
    and (
      has_any_column_privilege(roles.oid, tables.oid, 'insert, update')
      or has_table_privilege(roles.oid, tables.oid, 'delete, truncate, trigger')
    )
  order by name`;

const mayRead = `
  select distinct tables.relname || '.' || columns.attname as name
  from pg_class as tables
  join pg_namespace as schemas on schemas.oid = tables.relnamespace
  join pg_attribute as columns on columns.attrelid = tables.oid and columns.attnum > 0 and not columns.attisdropped
  join pg_roles as roles on pg_has_role(current_user, roles.oid, 'member')
  where schemas.nspname = current_schema()
    and tables.relname || '.' || columns.attname = any($1)
    and has_column_privilege(roles.oid, tables.oid, columns.attnum, 'select')
  order by name`;

/**
 * Refuses a role with which staff pages could do more than look.
 * @param databaseUrl SECONDRING_STAFF_DATABASE_URL
 * @throws SecondringError `configuration-invalid`, or `store-unavailable` when the role cannot sign in
 */
export async function checkStaffRole(databaseUrl: string): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'secondring staff check',
  });
  try {
    await client.connect();
    const written = await namesOf(client, mayWrite, []);
    if (written.length > 0) throw tooMuch('write to', written);
    const secrets = Object.entries(secretColumns).flatMap(([table, columns]) =>
      columns.map((column) => `${table}.${column}`),
    );
    const read = await namesOf(client, mayRead, [secrets]);
    if (read.length > 0) throw tooMuch('read', read);
  } catch (cause) {
    if (cause instanceof SecondringError) throw cause;
    throw new SecondringError('store-unavailable', 'The staff role cannot sign in to the database.', {
      cause,
      hint: 'Make the role with docs/operate/staff-role.sql, and check SECONDRING_STAFF_DATABASE_URL.',
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function namesOf(client: pg.Client, sql: string, values: unknown[]): Promise<readonly string[]> {
  return (await client.query<{ name: string }>(sql, values)).rows.map(({ name }) => name);
}

function tooMuch(verb: string, names: readonly string[]): SecondringError {
  const more = names.length > faultsNamed ? ` and ${names.length - faultsNamed} more` : '';
  const what = `${names.slice(0, faultsNamed).join(', ')}${more}`;
  return new SecondringError(
    'configuration-invalid',
    `The database role of SECONDRING_STAFF_DATABASE_URL may ${verb} ${what}.`,
    { hint: 'Use a role that may only look: docs/operate/staff-role.sql makes one.' },
  );
}
