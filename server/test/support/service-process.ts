// The service as an operator starts it: `main.ts serve` in a process of its own, on a port of the kernel's, with what a
// fault test puts around it (a tracer, another clock, a small disk). It is ended by its process id, at any moment.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const readyWithinMs = 60_000;
const stopWithinMs = 15_000;
/** TCP_LISTEN, as the kernel writes it. */
const listening = '0A';
const lookEveryMs = 20;
const keptOutput = 64 * 1024;

export interface ServiceStart {
  readonly environment: Readonly<Record<string, string>>;
  /** A command that takes the service's own as its last words. */
  readonly behind?: readonly string[];
  /** Where its log goes instead of to the test: an open file. It is then found by the port it has. */
  readonly logTo?: number;
  /** The port to listen on; otherwise the kernel chooses. */
  readonly port?: number;
}

export interface ServiceProcess {
  readonly pid: number;
  readonly port: number;
  /** The end of what it wrote. */
  output(): string;
  isRunning(): boolean;
  /** SIGKILL, and resolves when it is gone. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM; resolves with its exit status. */
  stop(): Promise<number>;
}

export interface EndedProcess {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Thrown by a start that ended before it was ready. */
export class DidNotStart extends Error {
  readonly ended: EndedProcess;
  constructor(ended: EndedProcess) {
    super(`the service ended with ${ended.status ?? ended.signal} before it was ready:\n${ended.output}`);
    this.ended = ended;
  }
}

/** Starts it and waits until it says that it is ready. */
export async function startServiceProcess(start: ServiceStart): Promise<ServiceProcess> {
  const { child, output } = launch(start);
  const exited = once(child, 'exit');
  let isRunning = true;
  void exited.then(() => {
    isRunning = false;
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  const port = await readyPort(child, output, exited).catch(async (error: unknown) => {
    await kill();
    throw error;
  });
  return {
    pid: child.pid ?? 0,
    port,
    output,
    isRunning: () => isRunning,
    kill,
    signal: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      const [status] = await exited;
      clearTimeout(timer);
      return Number(status ?? -1);
    },
  };
}

/** Starts it, and waits for its end: for a start that is to fail. */
export async function runServiceProcess(start: ServiceStart): Promise<EndedProcess> {
  const { child, output } = launch(start);
  const timer = setTimeout(() => child.kill('SIGKILL'), readyWithinMs);
  const [status, signal] = await once(child, 'close');
  clearTimeout(timer);
  return { status, signal, output: output() };
}

function launch({ environment, behind = [], logTo, port = 0 }: ServiceStart) {
  const words = [...behind, process.execPath, '--disable-warning=ExperimentalWarning', program, 'serve'];
  const child = spawn(words[0] ?? '', words.slice(1), {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      SECONDRING_LISTEN: `127.0.0.1:${port}`,
      SECONDRING_METRICS_LISTEN: 'off',
      ...environment,
    },
    stdio: ['ignore', logTo ?? 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(-keptOutput);
    });
  }
  return { child, output: () => text };
}

async function readyPort(
  child: ChildProcess,
  output: () => string,
  exited: Promise<unknown[]>,
): Promise<number> {
  const log = child.stdout;
  const timer = setTimeout(() => child.kill('SIGKILL'), readyWithinMs);
  try {
    const ready = new Promise<number>((resolve) => {
      if (log === null) return void listeningPort(child.pid).then(resolve);
      const look = () => {
        const line = output()
          .split('\n')
          .find((one) => one.includes('"Secondring is ready"'));
        if (line !== undefined) resolve(Number(/:(\d+)$/.exec(JSON.parse(line).listening)?.[1]));
      };
      log.on('data', look);
    });
    const ended = exited.then(([status, signal]) => {
      throw new DidNotStart({
        status: status as number | null,
        signal: signal as NodeJS.Signals | null,
        output: output(),
      });
    });
    return await Promise.race([ready, ended]);
  } finally {
    clearTimeout(timer);
  }
}

/** The port that a process listens on, from what the kernel knows of its sockets (proc(5), /proc/net/tcp). */
async function listeningPort(pid: number | undefined): Promise<number> {
  for (;;) {
    const sockets = new Set(linksOf(`/proc/${pid}/fd`));
    const line = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((one) => one.trim().split(/\s+/))
      .find((words) => words[3] === listening && sockets.has(`socket:[${words[9]}]`));
    if (line !== undefined) return Number.parseInt(line[1]?.split(':')[1] ?? '', 16);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

function linksOf(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(`${folder}/${name}`)];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}
