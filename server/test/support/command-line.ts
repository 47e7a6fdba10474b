// The command line as an operator has it: a process of its own for each command, with an environment of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Engine, freshPostgresDatabase, temporaryFolder } from './each-engine.ts';

const root = join(import.meta.dirname, '../../..');

export interface Ended {
  /** The exit status, or the signal it ended by. */
  readonly status: number | string | null;
  readonly output: string;
  readonly errors: string;
  /** What was printed with --json. */
  readonly json: () => Record<string, unknown>;
}

export interface Operator {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly masterKey: string;
  /** The environment of every command; tests change it. */
  readonly environment: Record<string, string>;
  run(words: readonly string[], input?: string): Promise<Ended>;
  /** Starts a command and gives its process. */
  start(words: readonly string[]): ChildProcess;
  close(): Promise<void>;
}

/** An operator with an empty place of that engine, and a master key. */
export async function newOperator(engine: Engine, masterKey = newMasterKey()): Promise<Operator> {
  const folder = temporaryFolder();
  const dataFolder = join(folder.path, 'data');
  const postgres = engine === 'postgres' ? await freshPostgresDatabase() : undefined;
  const databaseUrl = postgres?.url ?? `sqlite:${join(dataFolder, 'secondring.db')}`;
  const environment: Record<string, string> = {
    SECONDRING_DATA: dataFolder,
    SECONDRING_DATABASE_URL: databaseUrl,
    SECONDRING_MASTER_KEY: masterKey,
    SECONDRING_LISTEN: '127.0.0.1:0',
  };
  const started = new Set<ChildProcess>();
  const start = (words: readonly string[]) => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(root, 'server/src/main.ts'), ...words],
      { cwd: folder.path, env: { PATH: process.env.PATH, ...environment }, stdio: 'pipe' },
    );
    started.add(child);
    child.once('close', () => started.delete(child));
    return child;
  };
  return {
    folder: folder.path,
    databaseUrl,
    masterKey,
    environment,
    start,
    run: (words, input) => ended(start(words), input),
    async close() {
      for (const child of started) child.kill('SIGKILL');
      await postgres?.drop();
      folder.remove();
    },
  };
}

export function newMasterKey(): string {
  return randomBytes(32).toString('base64');
}

/** What a process came to. */
export async function ended(child: ChildProcess, input = ''): Promise<Ended> {
  if (child.stdout === null || child.stderr === null) throw new Error('its output is not read');
  // Who does not read its input ends before it is all written.
  child.stdin?.on('error', () => undefined).end(input);
  const closed = new Promise<number | string | null>((resolve) =>
    child.once('close', (status, signal) => resolve(status ?? signal)),
  );
  const [output, errors, status] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { status, output, errors, json: () => JSON.parse(output) };
}
