// What a backup says, line by line, in words that both engines can read. JSON lines: a heading, then table after table
// its columns and rows, then an end with the digest of everything before it and a MAC over that under the master key,
// so that a file that was cut off, damaged or changed by hand is refused (ADR 0017).
//
//   {"format":"secondring-backup","version":1,"engine":"sqlite","epoch":3,"schema":[…],…}
//   {"table":"accounts","columns":["id",…]}
//   ["01…","Ann",null,12,["base64 of bytes"]]
//   {"end":{"counts":{"accounts":1,…},"sha256":"…","masterKeyId":"…","mac":"…"}}

import { createHash, type Hash, timingSafeEqual } from 'node:crypto';
import { SecondringError } from '#core/errors.ts';
import { backupMacOf, type MasterKey } from '#custody/master-key.ts';
import type { Engine } from './engine.ts';
import { type AppliedMigration, presentMigrations } from './migrate.ts';
import { number, text } from './rows.ts';
import type { Value } from './statement.ts';
import { presentTables, tables } from './tables.ts';

export interface BackupHeading {
  readonly format: 'secondring-backup';
  readonly version: 1;
  readonly madeAtMs: number;
  readonly engine: Engine['kind'];
  readonly schema: readonly AppliedMigration[];
}

export interface BackupEnd {
  readonly counts: Readonly<Record<string, number>>;
  readonly sha256: string;
  readonly masterKeyId: string;
  readonly mac: string;
}

/** Gives the lines of a backup of one moment to `write`, each without its line end. */
export async function writeBackup(
  engine: Engine,
  masterKey: MasterKey,
  nowMs: number,
  write: (line: string) => Promise<void>,
): Promise<{ readonly heading: BackupHeading; readonly end: BackupEnd }> {
  const digest = createHash('sha256');
  const counts: Record<string, number> = {};
  const say = async (value: unknown) => {
    const line = JSON.stringify(value);
    digest.update(line).update('\n');
    await write(line);
  };
  let heading: BackupHeading | undefined;
  await engine.readSnapshot(async (rows) => {
    const schema: AppliedMigration[] = [];
    for await (const batch of rows(presentMigrations.sql)) {
      for (const row of batch) {
        schema.push({
          number: number(row, 'number'),
          name: text(row, 'name'),
          digest: text(row, 'digest'),
        });
      }
    }
    heading = {
      format: 'secondring-backup',
      version: 1,
      madeAtMs: nowMs,
      engine: engine.kind,
      schema,
    };
    await say(heading);
    const present = new Set<string>();
    for await (const batch of rows(engine.kind === 'sqlite' ? presentTables.sql : presentTables.postgres)) {
      for (const row of batch) present.add(text(row, 'name'));
    }
    for (const { name, kind } of tables) {
      if (kind !== 'kept' || !present.has(name)) continue;
      counts[name] = 0;
      for await (const batch of rows(`select * from ${name}`)) {
        if (counts[name] === 0) await say({ table: name, columns: Object.keys(batch[0] ?? {}) });
        for (const row of batch) await say(Object.values(row).map(encode));
        counts[name] += batch.length;
      }
    }
  });
  if (heading === undefined) throw new SecondringError('internal', 'Nothing was read.');
  const sum = digest.digest();
  const end: BackupEnd = {
    counts,
    sha256: sum.toString('hex'),
    masterKeyId: masterKey.id,
    mac: Buffer.from(backupMacOf(masterKey, sum)).toString('hex'),
  };
  await write(JSON.stringify({ end }));
  return { heading, end };
}

/** What is done with a backup while it is read; its end is known only after all of it. */
export interface BackupReader {
  readonly heading?: (heading: BackupHeading) => Promise<void> | void;
  readonly rows?: (
    table: string,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
  ) => Promise<void>;
}

const rowsAtOnce = 500;

/**
 * Reads a backup to its end.
 * @throws SecondringError `backup-damaged` when it was cut off or changed, `backup-foreign` when it was made with
 * another master key or is no backup
 */
export async function readBackup(
  lines: AsyncIterable<string>,
  masterKeys: readonly MasterKey[],
  reader: BackupReader,
): Promise<{ readonly heading: BackupHeading; readonly end: BackupEnd }> {
  const digest = createHash('sha256');
  const counts: Record<string, number> = {};
  let heading: BackupHeading | undefined;
  let table: { readonly name: string; readonly columns: readonly string[] } | undefined;
  let waiting: (readonly Value[])[] = [];
  let end: BackupEnd | undefined;
  const flush = async () => {
    if (table !== undefined && waiting.length > 0) await reader.rows?.(table.name, table.columns, waiting);
    waiting = [];
  };
  for await (const line of lines) {
    if (end !== undefined) throw damaged('something follows its end');
    const value = parse(line);
    if (heading === undefined) {
      heading = headingOf(value);
      await reader.heading?.(heading);
    } else if (Array.isArray(value)) {
      if (table === undefined || value.length !== table.columns.length) throw damaged('a row fits no table');
      waiting.push(value.map(decode));
      counts[table.name] = (counts[table.name] ?? 0) + 1;
      if (waiting.length === rowsAtOnce) await flush();
    } else if (isTable(value)) {
      await flush();
      table = { name: value.table, columns: value.columns };
    } else {
      await flush();
      end = endOf(value);
      continue;
    }
    digest.update(line).update('\n');
  }
  if (heading === undefined) throw foreign('it is empty');
  if (end === undefined) throw damaged('it was cut off');
  refuseOtherContents(end, digest, counts);
  refuseOtherKey(end, masterKeys);
  return { heading, end };
}

function refuseOtherContents(end: BackupEnd, digest: Hash, counts: Readonly<Record<string, number>>): void {
  if (digest.digest('hex') !== end.sha256) throw damaged('its digest is another');
  for (const [name, count] of Object.entries(end.counts)) {
    if ((counts[name] ?? 0) !== count) throw damaged(`it has ${counts[name] ?? 0} of ${count} ${name}`);
  }
}

function refuseOtherKey(end: BackupEnd, masterKeys: readonly MasterKey[]): void {
  const masterKey = masterKeys.find(({ id }) => id === end.masterKeyId);
  if (masterKey === undefined) {
    const given = masterKeys.map(({ id }) => id).join(', ');
    const message = `The backup was made with master key ${end.masterKeyId}; given is ${given}.`;
    throw new SecondringError('backup-foreign', message, {
      hint: 'Give the master key that was in use when the backup was made; several are separated by commas.',
    });
  }
  const expected = backupMacOf(masterKey, Buffer.from(end.sha256, 'hex'));
  const found = Buffer.from(end.mac, 'hex');
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) {
    throw damaged('it was not made with its master key');
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw damaged('a line cannot be read');
  }
}

function headingOf(value: unknown): BackupHeading {
  const heading = value as Partial<BackupHeading> | null;
  if (heading?.format !== 'secondring-backup') throw foreign('it does not begin like one');
  if (heading.version !== 1 || !Array.isArray(heading.schema)) {
    throw foreign('it is of a format that this version does not know');
  }
  return heading as BackupHeading;
}

function isTable(value: unknown): value is { readonly table: string; readonly columns: readonly string[] } {
  const { table, columns } = (value ?? {}) as { table?: unknown; columns?: unknown };
  if (table === undefined) return false;
  const isName = (name: unknown) => typeof name === 'string' && /^[a-z_]+$/.test(name);
  // Names become part of a statement.
  const isKnown = tables.some((one) => one.name === table && one.kind === 'kept');
  if (isKnown && Array.isArray(columns) && columns.length > 0 && columns.every(isName)) return true;
  throw damaged('it has a table that is none');
}

function endOf(value: unknown): BackupEnd {
  const { end } = (value ?? {}) as { end?: Partial<BackupEnd> };
  const texts = [end?.sha256, end?.masterKeyId, end?.mac];
  if (typeof end?.counts !== 'object' || texts.some((one) => typeof one !== 'string')) {
    throw damaged('a line is neither row nor end');
  }
  return end as BackupEnd;
}

/** Bytes stand in a list of their own; everything else is what it is. */
function encode(value: Value): unknown {
  return value instanceof Uint8Array ? [Buffer.from(value).toString('base64')] : value;
}

function decode(value: unknown): Value {
  if (Array.isArray(value) && typeof value[0] === 'string') return Buffer.from(value[0], 'base64');
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  throw damaged('a value is none');
}

function damaged(why: string): SecondringError {
  return new SecondringError('backup-damaged', `The backup is damaged: ${why}.`, {
    hint: 'Use another backup. Nothing of this one was restored.',
  });
}

function foreign(why: string): SecondringError {
  return new SecondringError('backup-foreign', `The file is no backup of Secondring: ${why}.`);
}
