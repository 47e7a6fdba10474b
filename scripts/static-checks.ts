// What can be said about the source without running it: format and lint, types, and what nobody uses.
import { root, runGroup } from './process-group.ts';
import type { Tally } from './tally.ts';

const checks = [
  {
    name: 'format',
    program: 'biome',
    options: ['check', '--error-on-warnings', '--max-diagnostics=50', '.'],
  },
  { name: 'types', program: 'npm', options: ['run', '--silent', 'types'] },
  { name: 'dead code', program: 'knip', options: ['--no-progress'] },
] as const;

/** A check that fails counts as one failed; one that succeeds is not a test and does not count. */
export async function runStaticChecks(signal: AbortSignal): Promise<Tally> {
  const ended = await Promise.all(
    checks.map(async (check) => ({ check, ...(await runGroup({ ...check, output: 'keep', signal })) })),
  );
  signal.throwIfAborted();
  for (const { check, succeeded, output } of ended) {
    if (succeeded) console.log(`✔ ${check.name}`);
    else console.log(`✖ ${check.name}\n\n${output.replaceAll(`${root}/`, '').trim()}\n`);
  }
  return { passed: 0, failed: ended.filter(({ succeeded }) => !succeeded).length };
}
