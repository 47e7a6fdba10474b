// Good users while wrong passwords flood in from elsewhere: their sign-ins go through, and soon enough.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { steps } from './client.ts';
import { percentile, print, rounded } from './figures.ts';
import type { FloodOrder, FloodTally } from './flood-process.ts';
import { startServer } from './server.ts';
import { signInFor } from './sign-ins.ts';

const goodUsers = 4;
const guessesPerSecond = 5000;
const accounts = 1000;
/** More connections than answers are held back, so that there is always somebody to guess on. */
const connections = 2200;
/** A sign-in lives longer than the flood lasts, and nobody waits half a minute for their next code. */
const speed = 6;
const warmUpMs = 4000;
const floodMs = 12_000;

/** Prints how long requests of good users took in the flood, and what became of the guesses. */
export async function measureFlood(input: {
  readonly store: string;
  readonly freshDatabase: () => Promise<string>;
  readonly people: number;
}): Promise<void> {
  const { people } = input;
  for (const networks of [3, 200]) {
    const databaseUrl = await input.freshDatabase();
    const server = await startServer({ databaseUrl, people, isHashing: true }, speed);
    try {
      // Everybody's newest code was used when they set up their app.
      await sleep(30_000 / speed);
      await signInFor(server, warmUpMs, goodUsers);
      const order: FloodOrder = { port: server.port, guessesPerSecond, accounts, connections, networks };
      const flood = fork(new URL('./flood-process.ts', import.meta.url), [JSON.stringify(order)]);
      await once(flood, 'message');
      await sleep(warmUpMs / 2);
      const before = await server.usage();
      const run = await signInFor(server, floodMs, goodUsers).catch((error: unknown) => String(error));
      const after = await server.usage();
      flood.send('stop');
      const [tally] = (await once(flood, 'message')) as [FloodTally];
      const times = typeof run === 'string' ? [] : steps.flatMap((step) => run.timings[step]);
      print({
        bench: 'flood',
        store: input.store,
        networks,
        goodUsers,
        fault: typeof run === 'string' ? run : undefined,
        goodSignInsPerSecond: typeof run === 'string' ? 0 : rounded(run.signInsPerSecond),
        goodRequestP50Ms: percentile(times, 0.5),
        goodRequestP99Ms: percentile(times, 0.99),
        guessesPerSecond: rounded(tally.guessesPerSecond),
        guessesByStatus: tally.byStatus,
        serverCpuShare: rounded((after.cpuMs - before.cpuMs) / floodMs),
      });
    } finally {
      await server.stop();
    }
  }
}
