// Every store test runs on both engines. This says which are there, and gives each test a place of its own:
// SQLite always, PostgreSQL when the test run started one.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

export type Engine = 'sqlite' | 'postgres';

/** Set by scripts/test.ts: the URL of an empty cluster on which tests may create databases. */
export const postgresUrl = process.env.SECONDRING_TEST_POSTGRES_URL;

export const engines: readonly Engine[] = postgresUrl ? ['sqlite', 'postgres'] : ['sqlite'];

export interface FreshDatabase {
  readonly url: string;
  /** Ends whatever is still connected, too: a test that failed half-way leaves connections open. */
  readonly drop: () => Promise<void>;
}

/** @param url another cluster than that of the test run */
export async function freshPostgresDatabase(url = postgresUrl): Promise<FreshDatabase> {
  if (!url) throw new Error('SECONDRING_TEST_POSTGRES_URL is not set: run the tests with npm test');
  const name = `secondring_test_${randomBytes(8).toString('hex')}`;
  // template0, because nobody can be connected to it: copying template1 fails while somebody is.
  await execute(url, `create database ${name} template template0`);
  const database = new URL(url);
  database.pathname = `/${name}`;
  return {
    url: database.href,
    drop: () => execute(url, `drop database if exists ${name} with (force)`),
  };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface TemporaryFolder {
  readonly path: string;
  readonly remove: () => void;
}

export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'secondring-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}
