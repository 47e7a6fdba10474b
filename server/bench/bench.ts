// The figures: complete sign-ins with password and authenticator app over HTTP, on both engines, with and without
// hashing, beside the floor in the same run. One JSON line each. `npm run bench -- sqlite` takes one engine alone.

import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '#test/support/postgres-server.ts';
import { signInRepeatedly, steps, type Timings } from './client.ts';
import { measureFloor } from './floor.ts';
import type { BenchPerson } from './seed.ts';
import type { ServerOrder } from './server-process.ts';

const clients = 8;
const people = 2000;
const warmUpMs = 1500;
const measuredMs = 6000;

const wanted = process.argv.slice(2);
const isWanted = (engine: string) => wanted.length === 0 || wanted.includes(engine);

const folder = mkdtempSync(join(tmpdir(), 'secondring-bench-'));
const postgres = isWanted('postgres') ? await startPostgres() : undefined;
try {
  for (const isHashing of [false, true]) {
    const floor = await measureFloor({ folder, clients, isHashing, measuredMs: 3000 });
    print({ bench: 'floor', store: 'sqlite', hashing: isHashing, clients, ...floor });
    if (isWanted('sqlite')) {
      const file = join(folder, `bench-${isHashing}.db`);
      const figures = await measure({ databaseUrl: `sqlite:${file}`, isHashing });
      print({
        bench: 'sign-in',
        store: 'sqlite',
        hashing: isHashing,
        clients,
        ...figures,
        ...ratios(figures, floor),
      });
    }
    if (postgres !== undefined) {
      const figures = await measure({ databaseUrl: await freshDatabase(postgres.url, isHashing), isHashing });
      print({
        bench: 'sign-in',
        store: 'postgres',
        hashing: isHashing,
        clients,
        ...figures,
        ...ratios(figures, floor),
      });
    }
  }
} finally {
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}

interface Figures {
  readonly signInsPerSecond: number;
  readonly serverCpuMsPerSignIn: number;
  readonly memoryMb: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly steps: Readonly<Record<string, { readonly p50Ms: number; readonly p99Ms: number }>>;
}

async function measure(input: {
  readonly databaseUrl: string;
  readonly isHashing: boolean;
}): Promise<Figures> {
  const port = await freePort();
  const order: ServerOrder = { ...input, port, people, masterKey: randomBytes(32).toString('base64') };
  const child = fork(new URL('./server-process.ts', import.meta.url), [JSON.stringify(order)], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '6' },
  });
  try {
    const [ready] = (await once(child, 'message')) as [{ readonly people: readonly BenchPerson[] }];
    let turn = 0;
    const nextPerson = () => ready.people[turn++ % ready.people.length] as BenchPerson;
    const load = (durationMs: number, timings: Timings) => {
      const untilMs = Date.now() + durationMs;
      return Promise.all(
        Array.from({ length: clients }, () =>
          signInRepeatedly({ port, people: nextPerson, untilMs, timings }),
        ),
      );
    };
    const usage = async () => {
      child.send('usage');
      const [answer] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage; memoryBytes: number }];
      return answer;
    };
    await load(warmUpMs, emptyTimings());
    const timings = emptyTimings();
    const before = await usage();
    const startedAt = performance.now();
    await load(measuredMs, timings);
    const seconds = (performance.now() - startedAt) / 1000;
    const after = await usage();
    const count = timings.whole.length;
    const cpuMs = (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1000;
    return {
      signInsPerSecond: rounded(count / seconds),
      serverCpuMsPerSignIn: rounded(cpuMs / count),
      memoryMb: rounded(after.memoryBytes / 2 ** 20),
      p50Ms: percentile(timings.whole, 0.5),
      p99Ms: percentile(timings.whole, 0.99),
      steps: Object.fromEntries(
        steps.map((step) => [
          step,
          { p50Ms: percentile(timings[step], 0.5), p99Ms: percentile(timings[step], 0.99) },
        ]),
      ),
    };
  } finally {
    if (child.connected) child.send('stop');
    if (child.exitCode === null) await once(child, 'exit');
  }
}

function ratios(
  figures: Figures,
  floor: { readonly signInsPerSecond: number; readonly cpuMsPerSignIn: number },
) {
  return {
    rateOverFloor: rounded(figures.signInsPerSecond / floor.signInsPerSecond),
    cpuOverFloor: rounded(figures.serverCpuMsPerSignIn / floor.cpuMsPerSignIn),
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
