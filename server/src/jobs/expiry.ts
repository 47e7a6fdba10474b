// Removes what has expired, once a minute. Everything expired is refused anyway; this keeps the store small.

import type { Ports } from '#core/ports.ts';

const intervalMs = 60_000;

/** Starts the job. Returns how to stop it. */
export function startExpiry(ports: Ports): () => void {
  const timer = setInterval(() => {
    ports.store
      .commit([{ change: 'expired.remove', nowMs: ports.nowMs() }])
      .catch((error: unknown) => ports.log.warn({ error: String(error) }, 'expired rows were not removed'));
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
