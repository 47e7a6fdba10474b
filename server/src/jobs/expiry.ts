// Removes what has expired, once a minute and a little at a time. Everything expired is refused anyway; this keeps the
// store small.

import type { Ports } from '#core/ports.ts';

const intervalMs = 60_000;
/** Commits in one go at most; what is left then waits for the next minute. */
const commitsAtOnce = 1000;

/** Starts the job. Returns how to stop it. */
export function startExpiry(ports: Ports): () => void {
  let isStopped = false;
  const timer = setInterval(() => {
    removeExpired(ports, () => isStopped).catch((error: unknown) =>
      ports.log.warn({ error: String(error) }, 'expired rows were not removed'),
    );
  }, intervalMs);
  timer.unref();
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}

async function removeExpired({ store, nowMs }: Ports, isStopped: () => boolean): Promise<void> {
  for (let commits = 0; commits < commitsAtOnce && !isStopped(); commits++) {
    const atMs = nowMs();
    if (!(await store.hasExpired(atMs))) return;
    await store.commit([{ change: 'expired.remove', nowMs: atMs }]);
  }
}
