// A copy of the store as of one moment, made while the service runs.

import { SecondringError } from '#core/errors.ts';
import { checkMasterKeys } from '#custody/master-key.ts';
import { loadMasterKey } from '#custody/master-key-file.ts';
import { readBackup, writeBackup } from '#store/backup.ts';
import { inspectStore } from '#store/inspect.ts';
import { openEngine } from '#store/open-engine.ts';
import { linesOf, writeNewFile } from '../backup-file.ts';
import type { Command } from '../command.ts';

const linesPerProgress = 1000;

export const backup: Command = {
  name: 'backup',
  summary: 'Writes a copy of the store to a new file, while the service runs',
  about: [
    'The copy is of one moment, can be restored into SQLite and into PostgreSQL, and is read back before it gets its name. Sign-ins under way and sessions are not part of it: a restore ends them.',
    'THE MASTER KEY IS NOT IN IT. Without the key the backup restores nothing, and with it everything is open: keep a copy of the key, apart from the backups.',
  ],
  operands: [{ name: 'FILE', meaning: 'the file to write; it must not exist' }],
  async run(given, desk) {
    const path = given.operand('FILE');
    const configuration = desk.configuration();
    const state = await inspectStore(configuration.databaseUrl);
    if (state.schema.refusal !== undefined) throw state.schema.refusal;
    if (state.schema.isEmpty) {
      throw new SecondringError('not-found', 'There is no store to copy yet.', {
        hint: 'SECONDRING_DATA or SECONDRING_DATABASE_URL may name another place than the service uses.',
      });
    }
    const { keys } = loadMasterKey({
      value: configuration.masterKey,
      filePath: configuration.masterKeyFile,
      storeIsEmpty: false,
      mayCreate: false,
    });
    checkMasterKeys(state.masterKeys, keys);
    const engine = await openEngine(configuration.databaseUrl);
    let lines = 0;
    try {
      const { end, heading } = await writeNewFile(
        path,
        (line) =>
          writeBackup(engine, keys[0], desk.nowMs(), async (text) => {
            await line(text);
            lines += 1;
            if (lines % linesPerProgress === 0) desk.progress(`${lines} rows`);
          }),
        async (written) => {
          desk.progress('reading it back');
          await readBackup(linesOf(written), keys, {});
        },
      );
      const { counts, sha256, masterKeyId } = end;
      const madeAt = new Date(heading.madeAtMs).toISOString();
      return {
        facts: {
          file: path,
          madeAt,
          engine: heading.engine,
          schema: heading.schema,
          counts,
          sha256,
          masterKeyId,
        },
        lines: [
          `The backup ${path} is written and was read back: ${counts['accounts'] ?? 0} accounts, ${counts['authenticators'] ?? 0} methods.`,
          `The master key is not in it. Keep a copy of the key ${masterKeyId}, apart from the backup.`,
        ],
      };
    } finally {
      await engine.close();
    }
  },
};
