// What a store revoked after a backup of it was made, taken over into the restored one: removed methods, used codes,
// disabled accounts, changed passwords, counters. Only what takes something away, or replaces a password by the one
// that is in force, is taken over; nothing that was added.

import { SecondringError } from '#core/errors.ts';
import type { AloneSession, Engine, RowsInBatches } from './engine.ts';
import * as merge from './queries/revocations.ts';
import { number, text } from './rows.ts';
import type { Row, Statement, Value } from './statement.ts';

/** How many rows each revocation changed. */
export interface Merged {
  readonly passwords: number;
  readonly disabledAccounts: number;
  readonly removedAuthenticators: number;
  readonly usedRecoveryCodes: number;
}

/** Takes over what the old store knows. Throws SecondringError `backup-foreign` when it is another provider's. */
export async function mergeRevocations(session: AloneSession, old: Engine, nowMs: number): Promise<Merged> {
  const counted = { passwords: 0, disabledAccounts: 0, removedAuthenticators: 0, usedRecoveryCodes: 0 };
  const change = (statement: Statement, values: Readonly<Record<string, Value>>) =>
    session.change(statement, values);
  await old.readSnapshot(async (rows) => {
    await refuseOtherProvider(session, rows);

    const accounts = new Set<string>();
    for await (const row of each(rows, merge.oldAccounts)) {
      const id = text(row, 'id');
      accounts.add(id);
      const passwordHash = text(row, 'password_hash');
      counted.passwords += await change(merge.takePassword, { id, passwordHash });
      await change(merge.takeArrangement, { id, arrangement: number(row, 'arrangement') });
      if (row['status'] !== 'active') counted.disabledAccounts += await change(merge.disableAccount, { id });
    }
    for (const row of await session.rows(merge.activeAccounts.sql)) {
      const id = text(row, 'id');
      if (!accounts.has(id)) counted.disabledAccounts += await change(merge.disableAccount, { id });
    }

    const active = new Set<string>();
    for await (const row of each(rows, merge.oldAuthenticators)) {
      const id = text(row, 'id');
      active.add(id);
      if (row['last_step'] !== null)
        await change(merge.takeLastStep, { id, lastStep: number(row, 'last_step') });
    }
    for (const row of await session.rows(merge.activeAuthenticators.sql)) {
      const id = text(row, 'id');
      if (!active.has(id))
        counted.removedAuthenticators += await change(merge.removeAuthenticator, { id, nowMs });
    }

    for await (const row of each(rows, merge.oldUsedCodes)) {
      counted.usedRecoveryCodes += await change(merge.useCode, {
        authenticatorId: text(row, 'authenticator_id'),
        selector: text(row, 'selector'),
        usedAtMs: number(row, 'used_at_ms'),
      });
    }
    for await (const row of each(rows, merge.oldTries)) {
      await change(merge.takeTries, {
        key: text(row, 'key'),
        count: number(row, 'count'),
        startedAtMs: number(row, 'started_at_ms'),
        notBeforeMs: number(row, 'not_before_ms'),
        expiresAtMs: row['expires_at_ms'] ?? null,
      });
    }
  });
  return counted;
}

/** The same provider, and a master key in common: a store and what was copied of it. */
async function refuseOtherProvider(session: AloneSession, rows: RowsInBatches): Promise<void> {
  const found: string[] = [];
  for await (const row of each(rows, merge.identity)) found.push(text(row, 'name'));
  const restored = (await session.rows(merge.identity.sql)).map((row) => text(row, 'name'));
  const isProvider = (name: string) => name.startsWith('provider ');
  const isSameProvider = restored.filter(isProvider).join() === found.filter(isProvider).join();
  if (isSameProvider && restored.some((name) => !isProvider(name) && found.includes(name))) return;
  const message = 'The backup was not made of the store that revocations are to come from.';
  throw new SecondringError('backup-foreign', message, {
    hint: 'Give the database that the backup was made of, or leave out --revocations-from.',
  });
}

async function* each(rows: RowsInBatches, statement: Statement): AsyncIterable<Row> {
  for await (const batch of rows(statement.sql)) yield* batch;
}
