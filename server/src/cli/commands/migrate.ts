// Brings the schema up to date, and says what it did. Starting the service does the same; this is for who wants to
// see it done first.

import type { Command } from '../command.ts';

export const migrate: Command = {
  name: 'migrate',
  summary: 'Brings the schema of the database up to date',
  about: [
    'Safe while the service runs and safe to run twice: each migration is applied once, by one process at a time, whole or not at all. The service does the same when it starts.',
  ],
  async run(_given, desk) {
    const opened = await desk.openStore();
    await opened.store.close();
    const { migrated, kind, masterKeySource } = opened;
    const made = masterKeySource === 'created' ? ['A master key was made. Keep a copy in a safe place.'] : [];
    const lines =
      migrated.length === 0
        ? ['The schema is up to date; nothing was done.']
        : migrated.map((name) => `applied ${name}`);
    return {
      facts: { engine: kind, applied: migrated, masterKeyMade: masterKeySource === 'created' },
      lines: [...lines, ...made],
    };
  },
};
