// Complete sign-ins with password and authenticator app over HTTP, in turn with the floor.

import { type Step, signInRepeatedly, steps, type Timings } from './client.ts';
import { median, percentile, print, rounded } from './figures.ts';
import { type Floor, prepareFloor } from './floor.ts';
import { type MeasuredServer, startServer } from './server.ts';

const clients = 8;
const warmUpMs = 4000;
/** Each figure is the median of so many slices, taken in turn with slices of the floor: the machine is shared. */
const slices = 9;
const sliceMs = 1500;

export interface Slice {
  readonly signInsPerSecond: number;
  readonly cpuMsPerSignIn: number;
  readonly memoryBytes: number;
  readonly timings: Timings;
}

/** Prints the floor and the service beside it. */
export async function measureSignIns(input: {
  readonly store: 'sqlite' | 'postgres';
  readonly databaseUrl: string;
  readonly folder: string;
  readonly isHashing: boolean;
  readonly people: number;
}): Promise<void> {
  const { store, isHashing, people } = input;
  const floor = await prepareFloor({ folder: input.folder, clients, isHashing });
  const server = await startServer(input);
  try {
    await signInFor(server, warmUpMs);
    await floor.slice(warmUpMs / 2);
    const floors: Floor[] = [];
    const runs: Slice[] = [];
    for (let slice = 0; slice < slices; slice++) {
      floors.push(await floor.slice(sliceMs / 2));
      runs.push(await signInFor(server, sliceMs));
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
      hashing: isHashing,
      clients,
      signInsPerSecond: rounded(floorRate),
      cpuMsPerSignIn: rounded(floorCpuMs),
    });
    print({
      bench: 'sign-in',
      store,
      hashing: isHashing,
      people,
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

/** Has as many clients as given sign in one person after the other for so long. */
export async function signInFor(
  server: MeasuredServer,
  durationMs: number,
  atATime = clients,
): Promise<Slice> {
  const timings = emptyTimings();
  const before = await server.usage();
  const startedAt = performance.now();
  const untilMs = Date.now() + durationMs;
  const { port, nowMs, nextPerson: people } = server;
  const one = () => signInRepeatedly({ port, nowMs, people, untilMs, timings });
  await Promise.all(Array.from({ length: atATime }, one));
  const seconds = (performance.now() - startedAt) / 1000;
  const after = await server.usage();
  const count = timings.whole.length;
  const cpuMsPerSignIn = (after.cpuMs - before.cpuMs) / count;
  return { signInsPerSecond: count / seconds, cpuMsPerSignIn, memoryBytes: after.memoryBytes, timings };
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
