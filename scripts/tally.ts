// The frame around a run: it ends with one line of counts that people and machines read, with an exit status
// that agrees with it, and, when interrupted, only after everything it started has ended.

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const interruptedStatus = 130;
const lookForParentEveryMs = 500;

export function add(...tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, tally) => sum + tally.passed, 0),
    failed: tallies.reduce((sum, tally) => sum + tally.failed, 0),
  };
}

/** Does the work and ends the process. The work has to stop, and clean up, when its signal is aborted. */
export async function conclude(work: (signal: AbortSignal) => Promise<Tally>): Promise<never> {
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => interruption.abort(new Error(`interrupted by ${name}`)));
  }
  // npm hands a signal to a shell that dies of it and tells nobody: then the parent is another one.
  const parent = process.ppid;
  const orphaned = () => process.env.npm_lifecycle_event !== undefined && process.ppid !== parent;
  setInterval(
    () => orphaned() && interruption.abort(new Error('npm has ended')),
    lookForParentEveryMs,
  ).unref();
  let tally: Tally;
  try {
    tally = await work(interruption.signal);
    interruption.signal.throwIfAborted();
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : error}\n`);
    tally = { passed: 0, failed: 1 };
  }
  // Not console.log and exit: what is still on its way into a pipe would be lost.
  await new Promise((resolve) => process.stderr.write('', resolve));
  await new Promise((resolve) =>
    process.stdout.write(`${tally.passed} passed, ${tally.failed} failed\n`, resolve),
  );
  if (interruption.signal.aborted) process.exit(interruptedStatus);
  process.exit(tally.failed > 0 || tally.passed === 0 ? 1 : 0);
}
