// Puts a backup into an empty store, and raises the fence: one transaction, so that whatever happens meanwhile there is
// either nothing or all of it, and nothing is ever served without its fence (attack D6).

import type { Fenced, FenceOrder } from '#core/epoch.ts';
import { SecondringError } from '#core/errors.ts';
import { createKeyring } from '#custody/keyring.ts';
import { checkMasterKeys, type MasterKey } from '#custody/master-key.ts';
import type { BackupEnd, BackupHeading, BackupReader } from './backup.ts';
import type { AloneSession, Engine } from './engine.ts';
import { fenceWithin } from './fence.ts';
import { migrateWithin, refuseUnknownSchema } from './migrate.ts';
import * as custody from './queries/custody.ts';
import { type Merged, mergeRevocations } from './revocations.ts';
import { bytes, number, text } from './rows.ts';
import { presentTables, tables } from './tables.ts';

export interface Restored {
  readonly fenced: Fenced;
  /** Undefined where the old store was not there to ask. */
  readonly merged: Merged | undefined;
}

/**
 * Restores into an engine that holds nothing.
 * @param read reads the whole backup once more and refuses it when it is another than the one that was verified
 * @param revokedBy the store that the backup was made of, if it is still there
 * @throws SecondringError `store-not-empty`, `store-newer`, `backup-…`, `master-key-…`
 */
export async function restoreBackup(
  engine: Engine,
  masterKeys: readonly [MasterKey, ...MasterKey[]],
  order: FenceOrder,
  read: (reader: BackupReader) => Promise<{ readonly heading: BackupHeading; readonly end: BackupEnd }>,
  revokedBy: Engine | undefined,
): Promise<Restored> {
  let restored: Restored | undefined;
  await engine.runAlone(async (session) => {
    await refuseUsedStore(session);
    await read({
      heading: (heading) => prepareSchema(session, heading, order.nowMs),
      rows: (table, columns, rows) => session.insertRows(table, columns, rows),
    });
    await migrateWithin(session, order.nowMs);
    await refuseUnreadableKeys(session, masterKeys);
    const merged =
      revokedBy === undefined ? undefined : await mergeRevocations(session, revokedBy, order.nowMs);
    const fenced = await fenceWithin(session, { ...order, knowsUsedRecoveryCodes: merged !== undefined });
    restored = { fenced, merged };
  });
  if (restored === undefined) throw new SecondringError('internal', 'Nothing was restored.');
  return restored;
}

async function refuseUsedStore(session: AloneSession): Promise<void> {
  if ((await tablesOf(session)).length === 0) return;
  throw new SecondringError('store-not-empty', 'A backup is restored into an empty database only.', {
    hint: 'Name another folder in SECONDRING_DATA or another, empty database in SECONDRING_DATABASE_URL.',
  });
}

async function tablesOf(session: AloneSession): Promise<readonly string[]> {
  const { sql, postgres } = presentTables;
  const rows = await session.rows(session.kind === 'sqlite' ? sql : postgres);
  return rows.map((row) => text(row, 'name'));
}

/** The schema the backup was made of, and nothing in it: what migrations put in comes from the backup. */
async function prepareSchema(session: AloneSession, heading: BackupHeading, nowMs: number): Promise<void> {
  refuseUnknownSchema(heading.schema);
  await migrateWithin(session, nowMs, Math.max(...heading.schema.map((one) => one.number)));
  const present = new Set(await tablesOf(session));
  for (const { name } of tables.toReversed()) {
    if (present.has(name)) await session.run(`delete from ${name}`);
  }
}

/** A store whose keys do not open would be found out at the first sign-in; here it is still whole or nothing. */
async function refuseUnreadableKeys(
  session: AloneSession,
  masterKeys: readonly [MasterKey, ...MasterKey[]],
): Promise<void> {
  const checks = await session.rows(custody.masterKeyChecks.sql);
  checkMasterKeys(
    checks.map((row) => ({
      masterKeyId: text(row, 'master_key_id'),
      checkValue: bytes(row, 'check_value'),
    })),
    masterKeys,
  );
  const keyring = createKeyring(masterKeys);
  for (const row of await session.rows(custody.allDataKeys.sql)) {
    keyring.openDataKey({
      scope: text(row, 'scope'),
      version: number(row, 'version'),
      masterKeyId: text(row, 'master_key_id'),
      wrapped: bytes(row, 'wrapped'),
    });
  }
}
