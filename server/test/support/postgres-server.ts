// Starts a PostgreSQL cluster of its own, for one test run or one test file: its own folder, its own port
// on loopback, nothing shared with a PostgreSQL that the machine may already run.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, folderWith } from './programs.ts';

export interface PostgresServer {
  /** Its superuser, without a password: it listens on loopback only and lives as long as the tests. */
  readonly url: string;
  readonly dataFolder: string;
  /** Ends it at once, as a crash of its machine does, and keeps its data. */
  readonly crash: () => Promise<void>;
  /** Starts it again, on the same port, on the same data. */
  readonly startAgain: () => Promise<void>;
  /** Stops all of it from running, while its connections stay open; `SIGCONT` lets it go on. */
  readonly signalAll: (signal: 'SIGSTOP' | 'SIGCONT') => void;
  readonly stop: () => Promise<void>;
}

const debianFolder = '/usr/lib/postgresql/15/bin';
const startTries = 5;
const startWithinMs = 60_000;
const stopWithinMs = 15_000;
const keptLogLength = 8_000;

/** The folder that holds `initdb` and `postgres`. Debian keeps it out of PATH. */
export function postgresPrograms(): string | undefined {
  return folderWith(['initdb', 'postgres'], [debianFolder]);
}

export async function startPostgres(): Promise<PostgresServer> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed (Debian: postgresql-15)');
  const folder = mkdtempSync(join(tmpdir(), 'secondring-pg-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    const dataFolder = join(folder, 'data');
    mkdirSync(dataFolder, { mode: 0o700 });
    const prefix = await unprivileged([folder, dataFolder]);
    await initialise([...prefix, join(programs, 'initdb')], dataFolder);
    const command = [...prefix, join(programs, 'postgres')];
    const started = await start(command, folder, dataFolder);
    const { port } = started;
    let { server } = started;
    let stopped: Promise<void> | undefined;
    return {
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
      dataFolder,
      async crash() {
        const ended = once(server, 'exit');
        // Its children end with it, and nothing is written to disk any more.
        server.kill('SIGQUIT');
        await ended;
      },
      async startAgain() {
        ({ server } = await start(command, folder, dataFolder, port));
      },
      signalAll(signal) {
        for (const pid of [...childrenOf(server.pid), server.pid ?? 0]) process.kill(pid, signal);
      },
      stop() {
        stopped ??= end(server).then(removeFolder);
        return stopped;
      },
    };
  } catch (error) {
    removeFolder();
    throw error;
  }
}

/**
 * What to put before a command so that it runs as somebody PostgreSQL is willing to run as (never root), and
 * gets an interrupt when this process dies without a chance to stop it. Hands the folders over to that user.
 */
async function unprivileged(folders: readonly string[]): Promise<string[]> {
  const setpriv = findProgram('setpriv');
  const prefix = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'INT'];
  if (process.getuid?.() !== 0) return prefix;
  if (setpriv === undefined) throw new Error('root needs setpriv (Debian: util-linux) to run PostgreSQL');
  const [user, group] = await Promise.all(['-u', '-g'].map((which) => numberFrom('id', [which, 'postgres'])));
  for (const folder of folders) chownSync(folder, Number(user), Number(group));
  return [...prefix, '--reuid', `${user}`, '--regid', `${group}`, '--init-groups'];
}

async function numberFrom(program: string, options: readonly string[]): Promise<number> {
  return Number((await promisify(execFile)(program, options)).stdout);
}

async function initialise(command: readonly string[], dataFolder: string): Promise<void> {
  const [program = '', ...first] = command;
  await promisify(execFile)(
    program,
    [
      ...[
        ...first,
        '--pgdata',
        dataFolder,
        '--username',
        'postgres',
        '--auth',
        'trust',
        '--encoding',
        'UTF8',
      ],
      // Messages in English, because two of them are looked for below. Losing an empty cluster is no loss.
      ...['--locale', 'C.UTF-8', '--lc-messages', 'C', '--no-sync'],
    ],
    { cwd: dataFolder },
  );
}

/** Between asking the kernel for a free port and using it, another program may take it: then try the next. */
async function start(
  command: readonly string[],
  folder: string,
  dataFolder: string,
  samePort: number | undefined = undefined,
) {
  for (let tries = 1; ; tries += 1) {
    const port = samePort ?? (await freePort());
    const [program = '', ...first] = command;
    const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
    settings.push('max_connections=200', 'fsync=on');
    const options = ['-D', dataFolder, '-p', `${port}`, ...settings.flatMap((setting) => ['-c', setting])];
    const server = spawn(program, [...first, ...options], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const { ready, log } = await outcome(server);
    if (ready) return { server, port };
    await end(server);
    if (tries === startTries || !/could not bind/.test(log))
      throw new Error(`PostgreSQL did not start:\n${log}`);
  }
}

/** Waits until the server accepts connections, or ends, or takes too long. Its log is read on to the end. */
function outcome(server: ChildProcess): Promise<{ ready: boolean; log: string }> {
  let log = '';
  return new Promise((resolve) => {
    const finish = (ready: boolean) => {
      clearTimeout(timer);
      resolve({ ready, log });
    };
    const timer = setTimeout(finish, startWithinMs, false);
    server.once('error', (error) => {
      log += error.message;
      finish(false);
    });
    server.once('close', () => finish(false));
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-keptLogLength);
      if (log.includes('database system is ready to accept connections')) finish(true);
    });
  });
}

/** Stops the server by its own process id: first without waiting for clients, then however it goes. */
async function end(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  const timer = setTimeout(() => server.kill('SIGKILL'), stopWithinMs);
  await ended;
  clearTimeout(timer);
}

function childrenOf(pid: number | undefined): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
