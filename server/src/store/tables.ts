// Every table, with what becomes of it when the store is copied: whether a backup carries it, and in which order its
// rows can be put back. A test compares this with the schema, so that a new table cannot be forgotten here.

import { read } from './statement.ts';

export interface Table {
  readonly name: string;
  /**
   * kept: a backup carries it. passing: what it holds lives for minutes or hours and dies with the epoch, so that no
   * backup carries it.
   */
  readonly kind: 'kept' | 'passing';
}

const kept = (name: string): Table => ({ name, kind: 'kept' });
const passing = (name: string): Table => ({ name, kind: 'passing' });

/** A table stands after those it refers to. `schema_migrations` is written by migrations alone. */
export const tables: readonly Table[] = [
  kept('providers'),
  kept('companies'),
  kept('master_key_checks'),
  kept('data_keys'),
  kept('accounts'),
  kept('applications'),
  kept('tries'),
  passing('sign_ins'),
  kept('enrollments'),
  kept('authenticators'),
  kept('recovery_codes'),
  passing('challenges'),
  passing('sessions'),
  passing('session_entries'),
  passing('oidc_documents'),
  passing('password_resets'),
  passing('outbox'),
  kept('signing_keys'),
  kept('audit_leaves'),
  kept('audit_personal'),
  kept('audit_tree'),
  kept('audit_checkpoints'),
  kept('audit_keys'),
  kept('staff_roles'),
  kept('store_epoch'),
];

/** The tables that a database has; one of an earlier schema has fewer. */
export const presentTables = read(
  'present-tables',
  `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`,
  `select table_name as name from information_schema.tables
   where table_schema = current_schema() and table_type = 'BASE TABLE'`,
);
