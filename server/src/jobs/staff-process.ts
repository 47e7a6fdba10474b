// Keeps the staff process: started at the first staff request, ended when nobody asked for five minutes, started anew
// after a crash, ended with this process. It gets nothing of this process's environment and may read its own program
// and the database and no other file, so that what would open a secret is out of its reach. What it needs to know it
// is told over a pipe, which also tells it when this process is gone.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SecondringError } from '#core/errors.ts';
import type { Log, Ports, StaffDoor, StaffProcess } from '#core/ports.ts';

/** Nobody asked for this long: it is ended, in milliseconds. */
const idleMs = 5 * 60 * 1000;
const startTimeoutMs = 10_000;
/** After a start that failed, so that a broken one is not tried at every request. */
const pauseAfterFailureMs = 2000;
const endTimeoutMs = 2000;
const statementKeyBytes = 32;

/** What the staff process is told over the pipe; the statement key as base64. */
export interface StaffHello {
  readonly databaseUrl: string;
  readonly providerName: string;
  readonly socketPath: string;
  readonly statementKey: string;
}

/** What it says: that it is ready, or a line for the log. */
export type StaffMessage =
  | { readonly message: 'ready' }
  | {
      readonly message: 'log';
      readonly level: keyof Log;
      readonly facts: Readonly<Record<string, unknown>>;
      readonly text: string;
    };

export interface StaffProcessOptions {
  /** The program. */
  readonly entry: string;
  /** Files and folders it may read besides. */
  readonly readable: readonly string[];
  readonly databaseUrl: string;
  readonly providerName: () => Promise<string>;
  readonly log: Log;
  readonly random: Ports['random'];
  /** Does something later. Returns how to call it off. */
  readonly later: (ms: number, work: () => void) => () => void;
}

interface Running {
  readonly child: ChildProcess;
  readonly door: Promise<Pick<StaffDoor, 'socketPath' | 'statementKey'>>;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
}

/** A clock that all processes of this machine share and nobody sets (CLOCK_MONOTONIC), in milliseconds. */
export function tickMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** Makes the keeper; nothing is started yet. */
export function keepStaffProcess(options: StaffProcessOptions): StaffProcess {
  let running: Running | undefined;
  let isClosed = false;
  let notBeforeMs = 0;
  let callOffEnd = () => {};

  async function start(): Promise<Running> {
    const one = spawnStaffProcess(options, await options.providerName());
    one.door.catch(() => {
      notBeforeMs = tickMs() + pauseAfterFailureMs;
    });
    return one;
  }

  let starting: Promise<Running> | undefined;
  async function current(): Promise<Running> {
    if (running !== undefined) return running;
    starting ??= start().finally(() => {
      starting = undefined;
    });
    const one = await starting;
    running ??= one;
    void one.ended.then(() => {
      if (running === one) running = undefined;
    });
    return one;
  }

  function retire(one: Running): void {
    if (running === one) running = undefined;
    // It takes the end of the pipe for the end of its time; one that hangs is ended.
    if (one.child.connected) one.child.disconnect();
    const patience = setTimeout(() => one.child.kill('SIGKILL'), endTimeoutMs);
    void one.ended.then(() => clearTimeout(patience));
  }

  async function end(): Promise<void> {
    callOffEnd();
    const one = running ?? (await starting);
    if (one === undefined) return;
    retire(one);
    await one.ended;
  }

  return {
    async reach() {
      if (isClosed || tickMs() < notBeforeMs) throw unavailable();
      callOffEnd();
      callOffEnd = options.later(idleMs, () => void end());
      const one = await current();
      return { ...(await one.door), tickMs, giveUp: () => retire(one) };
    },
    async close() {
      isClosed = true;
      await end();
    },
  };
}

function spawnStaffProcess(options: StaffProcessOptions, providerName: string): Running {
  const { entry, readable, databaseUrl, log } = options;
  // Only this user can enter it (mkdtemp makes it 0700).
  const folder = mkdtempSync(join(tmpdir(), 'secondring-staff-'));
  const socketPath = join(folder, 'socket');
  const statementKey = options.random(statementKeyBytes);
  const zone = process.env['TZ'];
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--permission',
      ...[entry, ...readable].map((path) => `--allow-fs-read=${path}`),
      `--allow-fs-write=${folder}`,
      entry,
    ],
    {
      cwd: folder,
      env: zone === undefined ? {} : { TZ: zone },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', (status, signal) => {
      if (status !== 0)
        log.warn({ status, signal }, 'the staff process ended; the next request starts another');
      resolve();
    });
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
  child.on('message', (message: StaffMessage) => {
    if (message.message === 'log') write(log, message);
  });
  const hello: StaffHello = {
    databaseUrl,
    providerName,
    socketPath,
    statementKey: Buffer.from(statementKey).toString('base64'),
  };
  child.send(hello, () => undefined);
  const door = isReady(child, ended).then(() => ({ socketPath, statementKey }));
  // Whoever waits for it hears of a failed start; nobody may be waiting any more.
  door.catch(() => undefined);
  return { child, door, ended };
}

async function isReady(child: ChildProcess, ended: Promise<void>): Promise<void> {
  const tooLate = AbortSignal.timeout(startTimeoutMs);
  const ready = (async () => {
    for (;;) {
      const [message] = (await once(child, 'message', { signal: tooLate })) as [StaffMessage];
      if (message.message === 'ready') return true;
    }
  })().catch(() => false);
  const isReadyNow = await Promise.race([ready, ended.then(() => false)]);
  if (isReadyNow) return;
  child.kill('SIGKILL');
  throw unavailable();
}

const levels: readonly (keyof Log)[] = ['debug', 'info', 'warn', 'error'];

function write(log: Log, { level, facts, text }: Extract<StaffMessage, { message: 'log' }>): void {
  if (levels.includes(level)) log[level]({ process: 'staff', ...facts }, text);
}

function unavailable(): SecondringError {
  return new SecondringError('staff-unavailable', 'The staff process is not running.', {
    retryAfterSeconds: 5,
    hint: 'The log says why it did not start.',
  });
}
