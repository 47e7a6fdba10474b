// Brings a database to the schema this version knows: numbered, named files, applied once each, in order, by one
// process at a time. A database that is ahead of this version is refused untouched.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { SecondringError } from '#core/errors.ts';
import type { AloneSession, Engine } from './engine.ts';
import { one, type Row, read } from './statement.ts';

const folder = new URL('./migrations/', import.meta.url);

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly script: string;
  /** Of the file as written. */
  readonly digest: string;
}

/** Applies what is missing and returns the names of what was applied. */
export async function migrate(engine: Engine, nowMs: number): Promise<readonly string[]> {
  let applied: readonly string[] = [];
  await engine.runAlone(async (session) => {
    applied = await migrateWithin(session, nowMs);
  });
  return applied;
}

/** The same in a transaction that is under way; a restored backup first needs the schema that it was made of. */
export async function migrateWithin(
  session: AloneSession,
  nowMs: number,
  upToNumber = Number.POSITIVE_INFINITY,
): Promise<readonly string[]> {
  const known = migrationsFor(session.kind);
  const applied: string[] = [];
  await session.run(
    inWordsOf(
      session.kind,
      `create table if not exists schema_migrations (
         number bigint primary key, name text not null, digest text not null, applied_at_ms bigint not null
       );`,
    ),
  );
  const present = await session.rows(presentMigrations.sql);
  const refusal = refusalOf(present, known);
  if (refusal !== undefined) throw refusal;
  for (const { number, name, digest, script } of known) {
    if (number > upToNumber || present.some((row) => row['number'] === number)) continue;
    await session.run(script);
    await session.change(recordMigration, { number, name, digest, nowMs });
    applied.push(name);
  }
  return applied;
}

const recordMigration = one(
  'migration.record',
  'insert into schema_migrations values (:number, :name, :digest, :nowMs)',
);

/** A migration as a store or a backup remembers it. */
export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly digest: string;
}

/**
 * Refuses the schema of a backup unless this version knows all of it, for whichever engine.
 * @throws SecondringError `store-newer`
 */
export function refuseUnknownSchema(applied: readonly AppliedMigration[]): void {
  const known = (['sqlite', 'postgres'] as const).flatMap(migrationsFor);
  for (const { number, name, digest } of applied) {
    const named = known.filter((one) => one.number === number);
    if (named.length === 0) throw newer(name);
    if (!named.some((one) => one.digest === digest)) throw different(name);
  }
}

/** What a database has of the schema, looked at and not touched. */
export interface SchemaState {
  /** No migration was ever applied. */
  readonly isEmpty: boolean;
  readonly missing: readonly string[];
  /** Why this version cannot use it. */
  readonly refusal: SecondringError | undefined;
}

/** Compares a database with the schema this version knows. */
export async function examineSchema(engine: Engine): Promise<SchemaState> {
  const known = migrationsFor(engine.kind);
  const [found] = await engine.read(hasMigrations, {});
  if (found?.['found'] !== 1) return { isEmpty: true, missing: known.map(nameOf), refusal: undefined };
  const present = await engine.read(presentMigrations, {});
  return {
    isEmpty: present.length === 0,
    missing: known.filter((one) => !present.some((row) => row['number'] === one.number)).map(nameOf),
    refusal: refusalOf(present, known),
  };
}

const nameOf = ({ name }: Migration) => name;

const hasMigrations = read(
  'has-migrations',
  `select count(*) as found from sqlite_schema where type = 'table' and name = 'schema_migrations'`,
  `select count(*) as found from information_schema.tables
   where table_schema = current_schema() and table_name = 'schema_migrations'`,
);
export const presentMigrations = read(
  'present-migrations',
  'select number, name, digest from schema_migrations order by number',
);

function refusalOf(present: readonly Row[], known: readonly Migration[]): SecondringError | undefined {
  for (const row of present) {
    const match = known.find((one) => one.number === row['number']);
    if (match === undefined) return newer(String(row['name']));
    if (match.digest !== row['digest']) return different(match.name);
  }
  return undefined;
}

/** The names of all migrations of this version, in order. */
export function migrationNames(kind: Engine['kind']): readonly string[] {
  return migrationsFor(kind).map(({ name }) => name);
}

function migrationsFor(kind: Engine['kind']): readonly Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .filter((file) => !/\.(sqlite|postgres)\.sql$/.test(file) || file.endsWith(`.${kind}.sql`))
    .toSorted()
    .map((file) => ({
      number: Number.parseInt(file, 10),
      name: file.replace(/(\.\w+)?\.sql$/, ''),
      ...textOf(kind, readFileSync(new URL(file, folder), 'utf8')),
    }));
}

/**
 * Migrations are written in PostgreSQL's words; SQLite's strict tables have two other words for the types. Every
 * table has a primary key of its own, so that none needs SQLite's hidden one and the tree that comes with it.
 */
function inWordsOf(kind: Engine['kind'], script: string): string {
  if (kind === 'postgres') return script;
  return script
    .replaceAll(/\bbigint\b/g, 'integer')
    .replaceAll(/\bbytea\b/g, 'blob')
    .replaceAll(/^\s*\);$/gm, ') strict, without rowid;');
}

function textOf(kind: Engine['kind'], file: string): Pick<Migration, 'script' | 'digest'> {
  return { script: inWordsOf(kind, file), digest: createHash('sha256').update(file).digest('hex') };
}

function different(name: string): SecondringError {
  const message = `The database was made with another text of the migration ${name}.`;
  return new SecondringError('store-newer', message, {
    hint: 'Start the version of Secondring that made this database, or begin with an empty one.',
  });
}

function newer(name: string): SecondringError {
  return new SecondringError(
    'store-newer',
    `The database has a schema that this version does not know: ${name}.`,
    {
      hint: 'Start the version of Secondring that last used this database, or a later one.',
    },
  );
}
