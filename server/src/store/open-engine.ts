// Which engine a database URL names. It is apart from open-store.ts because a process without keys opens one, too.

import { fileURLToPath } from 'node:url';
import { SecondringError } from '#core/errors.ts';
import type { Access, Engine } from './engine.ts';
import { openSqlite } from './sqlite.ts';

/**
 * Opens the engine that a database URL names.
 * @param databaseUrl `sqlite:PATH` or `postgres://…`
 * @throws SecondringError `configuration-invalid`, `store-unavailable`, `store-corrupt`
 */
export async function openEngine(databaseUrl: string, access: Access = 'everything'): Promise<Engine> {
  if (isPostgresUrl(databaseUrl)) {
    // Its driver is loaded only where it is used.
    const { openPostgres } = await import('./postgres.ts');
    return openPostgres(databaseUrl, access);
  }
  if (databaseUrl.startsWith('sqlite:')) return openSqlite(sqlitePath(databaseUrl), access);
  throw new SecondringError(
    'configuration-invalid',
    `The database ${databaseUrl.split(':')[0]}: is not known.`,
    {
      hint: 'Set SECONDRING_DATABASE_URL to sqlite:PATH or to postgres://USER@HOST/NAME.',
    },
  );
}

export function isPostgresUrl(databaseUrl: string): boolean {
  return /^postgres(ql)?:\/\//.test(databaseUrl);
}

/** The file that a `sqlite:` URL names. */
export function sqlitePath(databaseUrl: string): string {
  return databaseUrl.startsWith('sqlite://')
    ? fileURLToPath(databaseUrl.replace('sqlite:', 'file:'))
    : databaseUrl.slice('sqlite:'.length);
}
