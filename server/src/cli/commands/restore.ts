// A backup put back, into an empty store and behind a fence.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { SecondringError } from '#core/errors.ts';
import { loadMasterKey } from '#custody/master-key-file.ts';
import { fenceOrder } from '#flows/fence.ts';
import { type BackupReader, readBackup } from '#store/backup.ts';
import type { Engine } from '#store/engine.ts';
import { openEngine } from '#store/open-engine.ts';
import { restoreBackup } from '#store/restore.ts';
import type { Merged } from '#store/revocations.ts';
import { linesOf } from '../backup-file.ts';
import type { Command } from '../command.ts';

export const restore: Command = {
  name: 'restore',
  summary: 'Restores a backup into an empty database, so that nothing used before works again',
  about: [
    'The file is verified first; then everything is restored, or nothing. The database that SECONDRING_DATABASE_URL names has to be empty, and may be of the other engine: so one machine is outgrown. The master key of the backup has to be given.',
    'A backup has forgotten what was used and revoked after it was made. A fence ends all sessions and sign-ins and refuses every code that was shown so far. Which methods were removed, accounts disabled and passwords changed only the old database knows: if it is still there, give it with --revocations-from. Otherwise no recovery code works any more, each person gets new ones after their next sign-in, and everything that was revoked has to be revoked again by hand.',
    'Stop every process that uses the old database before you start the service on the new one.',
  ],
  operands: [{ name: 'FILE', meaning: 'a file that secondring backup wrote' }],
  options: [
    {
      name: 'revocations-from',
      value: 'DATABASE_URL',
      meaning:
        'the database that the backup was made of, as sqlite:PATH or postgres://USER@HOST/NAME; a password comes from PGPASSWORD or a .pgpass file',
    },
  ],
  async run(given, desk) {
    const path = given.operand('FILE');
    const oldUrl = readOldUrl(given.optional('revocations-from'));
    const { databaseUrl, masterKey, masterKeyFile } = desk.configuration();
    const { keys } = loadMasterKey({
      value: masterKey,
      filePath: masterKeyFile,
      storeIsEmpty: false,
      mayCreate: false,
    });
    desk.progress('verifying the backup');
    const verified = await readBackup(linesOf(path), keys, {});
    const read = async (reader: BackupReader) => {
      const again = await readBackup(linesOf(path), keys, reader);
      if (again.end.sha256 === verified.end.sha256) return again;
      throw new SecondringError('backup-damaged', 'The backup was changed while it was read.');
    };
    const madeAt = new Date(verified.heading.madeAtMs).toISOString();
    const order = fenceOrder(
      { nowMs: desk.nowMs, random: randomBytes },
      { reason: 'restored', knowsUsedRecoveryCodes: false, facts: { backupMadeAt: madeAt } },
    );
    const opened: Engine[] = [];
    const openOne = async (url: string) => {
      const engine = await openEngine(url);
      opened.push(engine);
      return engine;
    };
    try {
      desk.progress('restoring');
      const old = oldUrl === undefined ? undefined : await openOne(oldUrl);
      const { fenced, merged } = await restoreBackup(await openOne(databaseUrl), keys, order, read, old);
      const { counts } = verified.end;
      return {
        facts: { file: path, madeAt, counts, fenced, revocations: merged ?? null },
        lines: [
          `The backup of ${madeAt} is restored: ${counts['accounts'] ?? 0} accounts, ${counts['authenticators'] ?? 0} methods.`,
          `Epoch ${fenced.epoch}: no session, sign-in, token or code from before works.`,
          ...(merged === undefined ? windowOf(madeAt, fenced.recoveryCodes) : mergedLines(merged)),
          'Stop every process that still uses the old database.',
        ],
      };
    } finally {
      for (const engine of opened) await engine.close();
    }
  },
};

function windowOf(madeAt: string, recoveryCodes: number): readonly string[] {
  return [
    `${recoveryCodes} recovery codes were made unusable; each person gets new ones after their next sign-in with their app.`,
    `WHAT WAS REVOKED AFTER ${madeAt} IS VALID AGAIN: removed methods, disabled accounts, old passwords. Revoke it again.`,
    'Who set up a first method since then can set one up again with the password alone.',
  ];
}

function mergedLines(merged: Merged): readonly string[] {
  const { passwords, disabledAccounts, removedAuthenticators, usedRecoveryCodes } = merged;
  return [
    `Taken over from the old database: ${removedAuthenticators} removed methods, ${usedRecoveryCodes} used recovery codes, ${disabledAccounts} disabled accounts, ${passwords} changed passwords.`,
    'What was added after the backup is not there: who set up a first method since then needs support.',
  ];
}

/** A password in an argument is seen by everybody on the machine; a file that is not there would be made. */
function readOldUrl(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  if (URL.parse(url)?.password) {
    throw new SecondringError('not-understood', 'A password does not belong into an argument.', {
      hint: 'Leave it out of --revocations-from and set PGPASSWORD or write a .pgpass file.',
    });
  }
  const path = /^sqlite:(?:\/\/)?(.*)$/.exec(url)?.[1];
  if (path !== undefined && !existsSync(path)) {
    throw new SecondringError('not-found', `There is no database ${path}.`);
  }
  return url;
}
