// What a commit did to the database as a whole: every row of every table before and after. A test that compares it
// sees what was changed and that nothing else was.
import type { RawDatabase, RawRow, RawValue } from './raw-database.ts';

type Picture = ReadonlyMap<string, readonly RawRow[]>;

/** One row that differs, with the columns that do. A row that came or went is shown whole. */
export type Difference = {
  readonly table: string;
  readonly row: 'inserted' | 'changed' | 'removed';
  readonly columns: Readonly<Record<string, RawValue | undefined>>;
};

/** Columns that are random, sealed or keyed; a picture says only that something is there. */
const sealed = new Set([
  'secret',
  'binding_mac',
  'row_mac',
  'origin_mac',
  'interaction',
  'wrapped',
  'salt',
  'frontier',
  'sealed_payload',
  'address',
]);

/** All rows of all tables. */
export async function pictureOf(raw: RawDatabase): Promise<Picture> {
  const picture = new Map<string, readonly RawRow[]>();
  for (const table of await raw.tables()) {
    picture.set(table, (await raw.rows(`select * from ${table}`)).map(readable));
  }
  return picture;
}

/** What is different, tables by name. */
export function differences(before: Picture, after: Picture): Difference[] {
  return [...after].flatMap(([table, rows]) => {
    const old = new Map((before.get(table) ?? []).map((row) => [keyOf(table, row), row]));
    const found: Difference[] = [];
    for (const row of rows) {
      const was = old.get(keyOf(table, row));
      old.delete(keyOf(table, row));
      if (was === undefined) found.push({ table, row: 'inserted', columns: filled(row) });
      else if (JSON.stringify(sortedRow(was)) !== JSON.stringify(sortedRow(row))) {
        found.push({ table, row: 'changed', columns: changed(was, row) });
      }
    }
    for (const row of old.values()) found.push({ table, row: 'removed', columns: filled(row) });
    return found;
  });
}

const keys: Readonly<Record<string, readonly string[]>> = {
  data_keys: ['scope', 'version'],
  master_key_checks: ['master_key_id'],
  oidc_documents: ['model', 'id_hash'],
  session_entries: ['session_id', 'application_id'],
  recovery_codes: ['authenticator_id', 'selector'],
  schema_migrations: ['number'],
  staff_roles: ['account_id', 'role'],
  tries: ['key'],
  audit_personal: ['leaf_id'],
  audit_checkpoints: ['size'],
  audit_keys: ['serial'],
};

function keyOf(table: string, row: RawRow): string {
  return (keys[table] ?? ['id']).map((column) => String(row[column])).join(' ');
}

function readable(row: RawRow): RawRow {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      value instanceof Uint8Array ? `x'${Buffer.from(value).toString('hex')}'` : value,
    ]),
  );
}

const shown = (column: string, value: RawValue | undefined) =>
  sealed.has(column) && typeof value === 'string' ? 'sealed' : value;

function filled(row: RawRow): Difference['columns'] {
  const present = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([column, value]) => [column, shown(column, value)]));
}

function changed(was: RawRow, is: RawRow): Difference['columns'] {
  const columns = Object.keys(is).filter((column) => was[column] !== is[column]);
  return Object.fromEntries(columns.map((column) => [column, shown(column, is[column])]));
}

function sortedRow(row: RawRow) {
  return Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
