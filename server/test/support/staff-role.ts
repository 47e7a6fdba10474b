// The database role of the staff process as an operator makes it, by the script of the manual; under a name of its own,
// because roles are the whole server's and tests run side by side.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

const script = readFileSync(join(import.meta.dirname, '../../../docs/operate/staff-role.sql'), 'utf8');

export interface StaffRole {
  readonly name: string;
  /** The same database, as this role. */
  readonly url: string;
  /** After the database was dropped. */
  readonly drop: (anyDatabaseUrl: string) => Promise<void>;
}

export async function makeStaffRole(databaseUrl: string): Promise<StaffRole> {
  const name = `secondring_staff_${randomBytes(6).toString('hex')}`;
  await runAs(databaseUrl, script.replaceAll('secondring_staff', name));
  const url = new URL(databaseUrl);
  url.username = name;
  url.password = '';
  return { name, url: url.href, drop: (anyUrl) => runAs(anyUrl, `drop role if exists ${name}`) };
}

async function runAs(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
