// Ends test files that never end. Node's limit for a test does not reach a loop without await, a file that
// hangs before its first test, or a handle left open after the last; and --test-force-exit, meant for those,
// loses results that are still on their way to the runner.
import { readFileSync, statSync } from 'node:fs';

const lookEveryMs = 5_000;

/** Watches the runner's children; `progressFile` changes with every result. Returns how to stop watching. */
export function endStalledFiles(runner: number, progressFile: string, limitMs: number): () => void {
  const firstSeenMs = new Map<number, number>();
  let progressMs = Date.now();
  const timer = setInterval(() => {
    const nowMs = Date.now();
    progressMs = Math.max(progressMs, statSync(progressFile, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    for (const file of childrenOf(runner)) {
      if (!firstSeenMs.has(file)) firstSeenMs.set(file, nowMs);
      // Results come in the order of the files, so one that waits for another is young and is spared.
      const waitedMs = nowMs - Math.max(progressMs, firstSeenMs.get(file) ?? nowMs);
      if (waitedMs < limitMs) continue;
      console.error(`Ended, after ${Math.round(waitedMs / 1000)} s without a result: ${commandOf(file)}`);
      process.kill(file, 'SIGKILL');
    }
  }, lookEveryMs);
  return () => clearInterval(timer);
}

function childrenOf(parent: number): number[] {
  return read(`/proc/${parent}/task/${parent}/children`).split(' ').filter(Boolean).map(Number);
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).split('\0').filter(Boolean).at(-1) ?? `process ${pid}`;
}

/** Empty when the process has ended meanwhile, or on a system without /proc, where nothing is watched. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
