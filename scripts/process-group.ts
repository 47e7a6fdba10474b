// Runs a program in a process group of its own, so that it can be ended together with everything it started:
// a test file that dies leaves its servers behind, and only the group still knows them.
import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';

export const root = join(import.meta.dirname, '..');

export interface Run {
  readonly program: string;
  readonly options: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** `show` passes the output on as it comes; `keep` returns it. */
  readonly output: 'show' | 'keep';
  readonly signal: AbortSignal;
  /** How long it may take to end by itself once the signal is aborted. */
  readonly graceMs?: number;
  readonly onStart?: (pid: number) => void;
}

export interface Ended {
  readonly succeeded: boolean;
  /** Empty when it was shown. */
  readonly output: string;
}

export async function runGroup(run: Run): Promise<Ended> {
  run.signal.throwIfAborted();
  const settings: SpawnOptions = {
    cwd: root,
    detached: true,
    env: withOwnPrograms(run.environment ?? process.env),
    stdio: run.output === 'show' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  };
  const child = spawn(run.program, run.options, settings);
  if (child.pid !== undefined) run.onStart?.(child.pid);
  const written = [child.stdout, child.stderr].map(collect);
  let patience: NodeJS.Timeout | undefined;
  const end = () => {
    signalGroup(child.pid, 'SIGTERM');
    patience = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), run.graceMs ?? 5_000);
  };
  run.signal.addEventListener('abort', end);
  // What the program left running holds the pipes open, so it goes before they are waited for.
  child.once('exit', () => signalGroup(child.pid, 'SIGKILL'));
  try {
    const [status] = await once(child, 'close');
    return { succeeded: status === 0, output: written.map((text) => text()).join('') };
  } finally {
    run.signal.removeEventListener('abort', end);
    clearTimeout(patience);
  }
}

function collect(stream: Readable | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return () => text;
}

/** The programs that the lock file brings, Node among them, come before those of the machine. */
function withOwnPrograms(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, PATH: `${join(root, 'node_modules/.bin')}${delimiter}${environment.PATH ?? ''}` };
}

function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // The whole group has ended already.
  }
}
