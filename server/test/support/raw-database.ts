// A connection of its own to a store's database: what somebody with a copy of the file, or with the right to write
// rows, has in their hands. Tests look and edit through it behind the store's back.
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

export type RawValue = string | number | null | Uint8Array;
export type RawRow = Record<string, RawValue>;

export interface RawDatabase {
  /** Runs one statement with `$1`, `$2` … in it. Foreign keys do not hold this connection back. */
  run(sql: string, ...values: RawValue[]): Promise<void>;
  rows(sql: string, ...values: RawValue[]): Promise<RawRow[]>;
  /** The names of all tables of the schema, sorted. */
  tables(): Promise<string[]>;
  close(): Promise<void>;
}

/** @param databaseUrl as the store takes it */
export function openRawDatabase(databaseUrl: string): Promise<RawDatabase> {
  return databaseUrl.startsWith('sqlite:') ? openSqliteFile(databaseUrl) : openPostgresUrl(databaseUrl);
}

async function openSqliteFile(databaseUrl: string): Promise<RawDatabase> {
  const path = databaseUrl.startsWith('sqlite://')
    ? fileURLToPath(databaseUrl.replace('sqlite:', 'file:'))
    : databaseUrl.slice('sqlite:'.length);
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false, timeout: 5000 });
  const prepare = (sql: string) => database.prepare(sql.replaceAll(/\$(\d)/g, '?$1'));
  return {
    async run(sql, ...values) {
      prepare(sql).run(...(values as SQLInputValue[]));
    },
    rows: async (sql, ...values) => prepare(sql).all(...(values as SQLInputValue[])) as RawRow[],
    async tables() {
      const rows = prepare(`select name from sqlite_schema where type = 'table' order by name`).all();
      return rows.map(({ name }) => String(name));
    },
    close: async () => database.close(),
  };
}

const int8 = 20;

async function openPostgresUrl(connectionString: string): Promise<RawDatabase> {
  const client = new pg.Client({ connectionString });
  client.setTypeParser(int8, Number);
  // A test that drops its database ends this connection, too; that is no fault of anybody's.
  client.on('error', () => undefined);
  await client.connect();
  await client.query('set session_replication_role = replica');
  const rows = async (sql: string, ...values: RawValue[]): Promise<RawRow[]> =>
    (await client.query(sql, values)).rows;
  return {
    async run(sql, ...values) {
      await client.query(sql, values);
    },
    rows,
    async tables() {
      const found = await rows(
        `select table_name from information_schema.tables
         where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name`,
      );
      return found.map(({ table_name }) => String(table_name));
    },
    close: () => client.end(),
  };
}
