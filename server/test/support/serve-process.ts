// The service as `npm start` runs it: a process of its own on ports of the kernel's choice, for what only a process can
// show: starting beside another, signals, its log.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Agent, request as send } from 'node:http';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const usualWords = ['--disable-warning=ExperimentalWarning', 'server/src/main.ts', 'serve'];
const readyWithinMs = 60_000;
/** What the service calls itself, whatever port the kernel gave it. */
const host = 'localhost:8080';

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [fact: string]: unknown;
}

export interface ServeProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** Of the figures; undefined: they are off. */
  readonly metricsPort: number | undefined;
  log(): readonly LogLine[];
  /** Resolves with the line that says so, once it is there. */
  logged(message: string): Promise<LogLine>;
  /** Asks, by the name of the public URL. */
  ask(path: string, options?: { readonly agent?: Agent; readonly port?: number }): Promise<Reply>;
  /** Resolves with exit status or signal. */
  ended(): Promise<number | NodeJS.Signals | null>;
  /** However it goes. */
  kill(): Promise<void>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** Starts the service and resolves when it is ready; with what it said, when it ends instead. */
export async function serve(
  environment: Readonly<Record<string, string>>,
  command: {
    readonly cwd?: string;
    readonly program?: string;
    /** What is to run the program, as somebody else. */
    readonly before?: readonly string[];
    readonly words?: readonly string[];
  } = {},
): Promise<ServeProcess> {
  const { cwd = root, program = process.execPath, before = [], words = usualWords } = command;
  const [first = program, ...rest] = [...before, program, ...words];
  const child = spawn(first, rest, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      SECONDRING_LISTEN: '127.0.0.1:0',
      SECONDRING_METRICS_LISTEN: 'off',
      SECONDRING_TRUSTED_PROXIES: '127.0.0.1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  let unfinished = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    const parts = (unfinished + part).split('\n');
    unfinished = parts.pop() ?? '';
    lines.push(...parts.map((line) => JSON.parse(line) as LogLine));
    for (const look of waiting) look();
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    errors += part;
  });

  function logged(message: string): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => give(`did not say "${message}" in time`), readyWithinMs);
      const leave = () => {
        clearTimeout(patience);
        waiting.delete(look);
      };
      const look = () => {
        const found = lines.find(({ msg }) => msg === message);
        if (found === undefined) return;
        leave();
        resolve(found);
      };
      const give = (why: string) => {
        leave();
        reject(new Error(`The service ${why}:\n${errors}${JSON.stringify(lines, null, 1)}`));
      };
      waiting.add(look);
      child.once('close', () => give('ended'));
      look();
    });
  }

  async function kill(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exited;
  }

  const ready = await logged('Secondring is ready').catch(async (error: unknown) => {
    await kill();
    throw error;
  });
  const port = portOf(ready['listening']) ?? 0;
  return {
    child,
    port,
    metricsPort: portOf(ready['metrics']),
    log: () => lines,
    logged,
    ask: (path, options = {}) => ask({ port, ...options, path }),
    async ended() {
      const [status, signal] = await exited;
      return status ?? signal;
    },
    kill,
  };
}

function portOf(address: unknown): number | undefined {
  const port = /:(\d+)$/.exec(String(address))?.[1];
  return port === undefined ? undefined : Number(port);
}

function ask(to: { readonly port: number; readonly path: string; readonly agent?: Agent }): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { agent = false } = to;
    // Every request from a network of its own, as if from many people: one that begins without end is held back.
    const network = randomBytes(3).join('.');
    const headers = { host, 'x-forwarded-for': `10.${network}` };
    send({ host: '127.0.0.1', port: to.port, path: to.path, agent, headers }, async (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    })
      .once('error', reject)
      .end();
  });
}
