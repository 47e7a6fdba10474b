// The figures: complete sign-ins with password and authenticator app over HTTP, on both engines, with and without
// hashing, beside the floor in the same run. One JSON line each. `npm run bench -- sqlite` takes one engine alone.

import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '#test/support/postgres-server.ts';
import { type Step, signInRepeatedly, steps, type Timings } from './client.ts';
import { type Floor, prepareFloor } from './floor.ts';
import type { BenchPerson } from './seed.ts';
import type { ServerOrder } from './server-process.ts';

const clients = 8;
const people = 2000;
const warmUpMs = 1000;
/** Each figure is the median of so many slices, taken in turn with slices of the floor: the machine is shared. */
const slices = 5;
const sliceMs = 1500;

const wanted = process.argv.slice(2);
const isWanted = (engine: string) => wanted.length === 0 || wanted.includes(engine);

const folder = mkdtempSync(join(tmpdir(), 'secondring-bench-'));
const postgres = isWanted('postgres') ? await startPostgres() : undefined;
try {
  for (const hashing of [false, true]) {
    if (isWanted('sqlite')) {
      const file = join(folder, `bench-${hashing}.db`);
      await compare('sqlite', { databaseUrl: `sqlite:${file}`, isHashing: hashing });
    }
    if (postgres !== undefined) {
      await compare('postgres', {
        databaseUrl: await freshDatabase(postgres.url, hashing),
        isHashing: hashing,
      });
    }
  }
} finally {
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function compare(
  store: 'sqlite' | 'postgres',
  input: { readonly databaseUrl: string; readonly isHashing: boolean },
): Promise<void> {
  const floor = await prepareFloor({ folder, clients, isHashing: input.isHashing });
  const server = await startServer(input);
  try {
    await server.load(warmUpMs);
    await floor.slice(warmUpMs / 2);
    const floors: Floor[] = [];
    const runs: Slice[] = [];
    for (let slice = 0; slice < slices; slice++) {
      floors.push(await floor.slice(sliceMs / 2));
      runs.push(await server.load(sliceMs));
    }
    const rate = median(runs.map((run) => run.signInsPerSecond));
    const cpuMs = median(runs.map((run) => run.cpuMsPerSignIn));
    const floorRate = median(floors.map((run) => run.signInsPerSecond));
    const floorCpuMs = median(floors.map((run) => run.cpuMsPerSignIn));
    const all = (step: Step | 'whole') => runs.flatMap((run) => run.timings[step]);
    const stepFigures = steps.map((step) => [
      step,
      { p50Ms: percentile(all(step), 0.5), p99Ms: percentile(all(step), 0.99) },
    ]);
    print({
      bench: 'floor',
      store: 'sqlite',
      hashing: input.isHashing,
      clients,
      signInsPerSecond: rounded(floorRate),
      cpuMsPerSignIn: rounded(floorCpuMs),
    });
    print({
      bench: 'sign-in',
      store,
      hashing: input.isHashing,
      clients,
      signInsPerSecond: rounded(rate),
      serverCpuMsPerSignIn: rounded(cpuMs),
      rateOverFloor: rounded(rate / floorRate),
      cpuOverFloor: rounded(cpuMs / floorCpuMs),
      p50Ms: percentile(all('whole'), 0.5),
      p99Ms: percentile(all('whole'), 0.99),
      memoryMb: rounded(Math.max(...runs.map((run) => run.memoryBytes)) / 2 ** 20),
      steps: Object.fromEntries(stepFigures),
    });
  } finally {
    floor.close();
    await server.stop();
  }
}

interface Slice {
  readonly signInsPerSecond: number;
  readonly cpuMsPerSignIn: number;
  readonly memoryBytes: number;
  readonly timings: Timings;
}

async function startServer(input: { readonly databaseUrl: string; readonly isHashing: boolean }) {
  const port = await freePort();
  const order: ServerOrder = { ...input, port, people, masterKey: randomBytes(32).toString('base64') };
  const child = fork(new URL('./server-process.ts', import.meta.url), [JSON.stringify(order)], {
    env: { ...process.env, UV_THREADPOOL_SIZE: String(availableParallelism() + 4) },
  });
  const [ready] = (await once(child, 'message')) as [{ readonly people: readonly BenchPerson[] }];
  let turn = 0;
  const nextPerson = () => ready.people[turn++ % ready.people.length] as BenchPerson;
  const usage = async () => {
    child.send('usage');
    const [answer] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage; memoryBytes: number }];
    return { cpuMs: (answer.cpu.user + answer.cpu.system) / 1000, memoryBytes: answer.memoryBytes };
  };
  return {
    async load(durationMs: number): Promise<Slice> {
      const timings = emptyTimings();
      const before = await usage();
      const startedAt = performance.now();
      const untilMs = Date.now() + durationMs;
      await Promise.all(
        Array.from({ length: clients }, () =>
          signInRepeatedly({ port, people: nextPerson, untilMs, timings }),
        ),
      );
      const seconds = (performance.now() - startedAt) / 1000;
      const after = await usage();
      const count = timings.whole.length;
      const cpuMsPerSignIn = (after.cpuMs - before.cpuMs) / count;
      return { signInsPerSecond: count / seconds, cpuMsPerSignIn, memoryBytes: after.memoryBytes, timings };
    },
    async stop(): Promise<void> {
      if (child.connected) child.send('stop');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

function emptyTimings(): Timings {
  return {
    begin: [],
    'sign-in page': [],
    password: [],
    'code page': [],
    code: [],
    'done page': [],
    whole: [],
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function freshDatabase(url: string, isHashing: boolean): Promise<string> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const name = `bench_${isHashing ? 'with' : 'without'}_hashing`;
  await client.query(`create database ${name}`);
  await client.end();
  const target = new URL(url);
  target.pathname = `/${name}`;
  return target.href;
}
