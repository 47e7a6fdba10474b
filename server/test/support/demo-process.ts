// The demo as `npm run demo` starts it: a process of its own, with ports and a data folder of its own, so that the
// tests see what a newcomer sees. It is stopped by its process id, and has to end in order.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from './each-engine.ts';

const root = join(import.meta.dirname, '../../..');
/** The service, and a port for each of the two panels after it. */
const portsInARow = 3;
const startTries = 5;
const startWithinMs = 30_000;
const stopWithinMs = 15_000;

export interface Demo {
  readonly serviceUrl: string;
  readonly panelUrl: string;
  readonly companyPanelUrl: string;
  /** As printed at the start. */
  readonly password: string;
  /** All that the process has written, since it was first started. */
  output(): string;
  /** Stops it and starts it again, on the same ports and the same data. */
  restart(): Promise<void>;
  /** Stops it and removes its data. Throws when it did not end in order, or had logged a failed request. */
  stop(): Promise<void>;
}

/** Starts a demo on three free ports and an empty data folder. */
export async function startDemo(): Promise<Demo> {
  const folder = temporaryFolder();
  // The key has a folder beside the data, so both go into one that is ours.
  const dataFolder = join(folder.path, 'data');
  try {
    let { running, port } = await startSomewhere(dataFolder);
    let earlier = '';
    const output = () => earlier + running.output();
    return {
      serviceUrl: `http://localhost:${port}`,
      panelUrl: `http://localhost:${port + 1}`,
      companyPanelUrl: `http://localhost:${port + 2}`,
      password: /Password +(\S+)/.exec(output())?.[1] ?? '',
      output,
      async restart() {
        await end(running);
        earlier += running.output();
        running = await run(dataFolder, port);
      },
      async stop() {
        try {
          await end(running);
          if (/a request failed|the OIDC side failed/.test(output())) throw new Error(`logged:\n${output()}`);
        } finally {
          folder.remove();
        }
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

interface Running {
  readonly child: ChildProcess;
  output(): string;
}

/** Between asking the kernel for free ports and using them, another program may take one: then try others. */
async function startSomewhere(dataFolder: string): Promise<{ running: Running; port: number }> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePorts();
    try {
      return { running: await run(dataFolder, port), port };
    } catch (error) {
      const isTaken = error instanceof Error && /EADDRINUSE|Cannot listen/.test(error.message);
      if (!isTaken || tries === startTries) throw error;
    }
  }
}

/** Resolves when it says that it is ready. */
async function run(dataFolder: string, port: number): Promise<Running> {
  const child = spawn(process.execPath, ['server/src/main.ts', 'demo'], {
    cwd: root,
    env: { ...withoutOptions(process.env), PORT: String(port), SECONDRING_DATA: dataFolder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let written = '';
  let patience: NodeJS.Timeout | undefined;
  const ready = new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`The demo ${why}:\n${written}`));
    patience = setTimeout(fail, startWithinMs, 'is not ready in time');
    child.once('close', (status) => fail(`ended with ${status}`));
    child.once('error', (error) => fail(error.message));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part: string) => {
        written += part;
        if (/is ready[\s\S]*Password +\S+\n/.test(written)) resolve();
      });
    }
  });
  const running = { child, output: () => written };
  try {
    await ready;
    return running;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(patience);
  }
}

/** What configures the service is said here and not by whoever runs the tests. */
function withoutOptions(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('SECONDRING_')));
}

async function end({ child, output }: Running): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    await closed;
    clearTimeout(patience);
  }
  if (child.exitCode !== 0) {
    throw new Error(`The demo ended with ${child.signalCode ?? child.exitCode}:\n${output()}`);
  }
}

/** The first of three ports in a row that were all free just now. */
async function freePorts(): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const held: Server[] = [];
    try {
      const first = await hold(0, held);
      for (let next = 1; next < portsInARow; next += 1) await hold(first + next, held);
      return first;
    } catch (error) {
      if (tries === 50) throw error;
    } finally {
      await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
    }
  }
}

async function hold(port: number, held: Server[]): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  held.push(server);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
