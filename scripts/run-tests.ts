// Runs test files with Node's own runner, readable on the terminal, and returns its exact counts.
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Counts } from './count-reporter.ts';
import { root, runGroup } from './process-group.ts';
import { endStalledFiles } from './stalled-files.ts';
import type { Tally } from './tally.ts';

/** Two cores is what the smallest machine has. */
const concurrency = 2;
/** A test that hangs is a failed test, not a run that never ends. */
const testTimeoutMs = 2 * 60_000;
const longTestTimeoutMs = 60 * 60_000;
/** Time for a test that ran into its limit to say so, before its file counts as stalled. */
const stallAllowanceMs = 30_000;

/** All test files, from the root, in an order that does not depend on the disk. */
export function testFiles(): string[] {
  const exclude = (path: string) => path.includes('node_modules');
  return globSync('{server,web,scripts}/**/*.test.ts', { cwd: root, exclude }).sort();
}

export async function runTests(
  files: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Tally> {
  // Without files Node would look for some of its own choice.
  if (files.length === 0) throw new Error('there are no test files to run');
  const folder = mkdtempSync(join(tmpdir(), 'secondring-counts-'));
  const countsFile = join(folder, 'counts');
  const countReporter = pathToFileURL(join(import.meta.dirname, 'count-reporter.ts')).href;
  const timeoutMs = environment.SECONDRING_TEST_LONG ? longTestTimeoutMs : testTimeoutMs;
  let stopWatching = () => {};
  try {
    const { succeeded } = await runGroup({
      program: process.execPath,
      options: [
        '--test',
        `--test-concurrency=${concurrency}`,
        `--test-timeout=${timeoutMs}`,
        ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
        ...[`--test-reporter=${countReporter}`, `--test-reporter-destination=${countsFile}`],
        ...files,
      ],
      environment,
      output: 'show',
      signal,
      onStart: (runner) => {
        stopWatching = endStalledFiles(runner, countsFile, timeoutMs + stallAllowanceMs);
      },
    });
    signal.throwIfAborted();
    return tallyOf(countsFile, succeeded);
  } finally {
    stopWatching();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A runner that failed without naming a failed test, or did not get to its end, is itself a failure. */
function tallyOf(countsFile: string, succeeded: boolean): Tally {
  const lines = readFileSync(countsFile, 'utf8').split('\n').filter(Boolean);
  const counts: Counts = JSON.parse(lines.at(-1) ?? '{"passed":0,"failed":0,"final":false}');
  if (!counts.final) console.error('The test runner did not get to its end.');
  const unnamed = !counts.final || (!succeeded && counts.failed === 0) ? 1 : 0;
  return { passed: counts.passed, failed: counts.failed + unnamed };
}
