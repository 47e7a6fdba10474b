// Keeps the audit's tree up: every second the leaves that came since get their places, and the tree is signed when it
// is time. What is left at the end, or by a crash, the next run goes on with.

import type { Ports } from '#core/ports.ts';
import { auditKey } from '#flows/audit-keys.ts';
import { checkpointAudit, type SeenCheckpoint, sequenceAudit } from '#flows/sequence-audit.ts';
import type { SigningNoteKey } from '#flows/signed-note.ts';

const intervalMs = 1000;
/** Batches in one go at most; what is left then waits for the next second. */
const batchesAtOnce = 20;

/** Calls back at an interval, in milliseconds, until told to stop; in tests, virtual. */
export type Every = (ms: number, work: () => void) => () => void;

const everyOnTimer: Every = (ms, work) => {
  const timer = setInterval(work, ms);
  timer.unref();
  return () => clearInterval(timer);
};

type Needed = Pick<Ports, 'store' | 'log' | 'nowMs' | 'random'>;

/**
 * Starts the job. Returns how to stop it, which resolves when nothing of it is under way.
 * @param origin how the log is called in its checkpoints, where it has no name yet
 */
export function startSequencer(
  ports: Needed,
  origin: string,
  every: Every = everyOnTimer,
): () => Promise<void> {
  let isStopped = false;
  let running: Promise<void> | undefined;
  let seen: SeenCheckpoint | undefined;
  let signingKey: Promise<SigningNoteKey> | undefined;
  let complaint: string | undefined;

  function key(): Promise<SigningNoteKey> {
    signingKey ??= auditKey(ports, origin).catch((error: unknown) => {
      signingKey = undefined;
      throw error;
    });
    return signingKey;
  }

  async function run(): Promise<void> {
    for (let batches = 0; batches < batchesAtOnce && !isStopped; batches++) {
      const { tree, isFull } = await sequenceAudit(ports);
      seen = await checkpointAudit(ports, key, tree, seen);
      if (!isFull) break;
    }
    complaint = undefined;
  }

  const stopTicking = every(intervalMs, () => {
    running ??= run()
      .catch((error: unknown) => {
        // Once for each fault, and not once a second.
        if (complaint === String(error)) return;
        complaint = String(error);
        const hint = 'run secondring audit verify to see whether rows were changed by hand';
        ports.log.error({ error: complaint, hint }, 'leaves of the audit got no place in its tree');
      })
      .finally(() => {
        running = undefined;
      });
  });
  return async () => {
    isStopped = true;
    stopTicking();
    await running;
  };
}
