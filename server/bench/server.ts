// A service to measure, in a process of its own, and what it takes.

import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { benchClock, hurried } from './clock.ts';
import type { BenchClient, BenchPerson } from './seed.ts';
import type { ServerOrder } from './server-process.ts';

export interface MeasuredServer {
  readonly port: number;
  readonly client: BenchClient;
  /** The time as the server has it. */
  readonly nowMs: () => number;
  /** Of all who were seeded, the next in turn. */
  nextPerson(): BenchPerson;
  usage(): Promise<{ readonly cpuMs: number; readonly memoryBytes: number }>;
  stop(): Promise<void>;
}

/** Starts a service and seeds it. */
export async function startServer(
  input: Pick<ServerOrder, 'databaseUrl' | 'isHashing' | 'people'>,
  speed = hurried,
): Promise<MeasuredServer> {
  const port = await freePort();
  const order: ServerOrder = { ...input, port, speed, masterKey: randomBytes(32).toString('base64') };
  const child = fork(new URL('./server-process.ts', import.meta.url), [JSON.stringify(order)], {
    env: { ...process.env, UV_THREADPOOL_SIZE: String(availableParallelism() + 4) },
  });
  const [ready] = (await once(child, 'message')) as [
    { readonly people: readonly BenchPerson[]; readonly client: BenchClient },
  ];
  let turn = 0;
  return {
    port,
    client: ready.client,
    nowMs: benchClock(speed),
    nextPerson: () => ready.people[turn++ % ready.people.length] as BenchPerson,
    async usage() {
      child.send('usage');
      const [answer] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage; memoryBytes: number }];
      return { cpuMs: (answer.cpu.user + answer.cpu.system) / 1000, memoryBytes: answer.memoryBytes };
    },
    async stop() {
      if (child.connected) child.send('stop');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
