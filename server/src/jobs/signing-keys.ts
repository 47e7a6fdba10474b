// Has the service look every half minute whether other keys are to be published or to sign than those it has: a rotation
// then needs no restart.

import type { Log } from '#core/ports.ts';

const intervalMs = 30_000;

/** Starts the job. Returns how to stop it. */
export function startSigningKeyWatch(refresh: () => Promise<void>, log: Log): () => void {
  const timer = setInterval(() => {
    refresh().catch((error: unknown) => log.warn({ error: String(error) }, 'the signing keys were not read'));
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
