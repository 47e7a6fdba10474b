// The fence, for who promoted a replica of the database: it may not have got what the lost primary had accepted.

import { raiseFence } from '#flows/fence.ts';
import type { Command } from '../command.ts';

export const fence: Command = {
  name: 'fence',
  summary: 'Begins a new epoch: no session, code or sign-in from before works again',
  about: [
    'To be run after a replica of PostgreSQL was promoted, before the service is started on it or at once after: an asynchronous replica may lack the last things that were used or ended. secondring restore does the same by itself.',
    'Everybody signs in anew. Recovery codes become unusable; each person gets new ones after their next sign-in with their app. Counters of wrong tries stay. A code of an authenticator app may be refused for up to a minute and a half after the fence. Services that run go on without a restart.',
  ],
  async run(_given, desk) {
    const fenced = await raiseFence(await desk.openPorts());
    return {
      facts: { fenced },
      lines: [
        `Epoch ${fenced.epoch} has begun: ${fenced.sessions} sessions and ${fenced.signIns} sign-ins ended, ${fenced.recoveryCodes} recovery codes made unusable.`,
      ],
    };
  },
};
