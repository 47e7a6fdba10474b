// The service under the bench, in a process of its own so that its CPU time is its own. It says when it is ready and
// answers how much CPU and memory it took.

import { availableParallelism } from 'node:os';
import { createSlowHash } from '#custody/slow-hash.ts';
import { openPorts, startService } from '../src/service.ts';
import { benchClock } from './clock.ts';
import { fastHash } from './fast-hash.ts';
import { benchPassword, seed, seedClient } from './seed.ts';

export interface ServerOrder {
  readonly databaseUrl: string;
  readonly masterKey: string;
  readonly port: number;
  readonly people: number;
  /** How many times as fast as the real one the time goes. */
  readonly speed: number;
  readonly isHashing: boolean;
}

const order = JSON.parse(process.argv[2] ?? '') as ServerOrder;
const configuration = {
  publicUrl: `http://localhost:${order.port}`,
  listen: { host: '127.0.0.1', port: order.port },
  metricsListen: undefined,
  databaseUrl: order.databaseUrl,
  staffDatabaseUrl: undefined,
  dataFolder: '',
  masterKey: order.masterKey,
  masterKeyFile: '',
  trustedProxies: ['127.0.0.1'],
  smtpUrl: undefined,
  mailFrom: 'no-reply@localhost',
  supportPhone: undefined,
  logLevel: 'error',
} as const;

const argon2 = createSlowHash({ places: availableParallelism(), waitingLimit: 200 });
const ports = await openPorts(configuration, {
  nowMs: benchClock(order.speed),
  slowHash: order.isHashing ? argon2 : fastHash,
});
// All have the same password, so one hash serves all; hashing each would take longer than the bench.
const passwordHash = order.isHashing ? await argon2.hash(benchPassword) : await fastHash.hash(benchPassword);
const seedingHash = {
  ensureRoom: () => undefined,
  hash: async (secret: string) => (secret === benchPassword ? passwordHash : 'unused'),
  verify: async () => true,
  verifyNothing: async () => false as const,
};
const people = await seed({ ...ports, slowHash: seedingHash }, order.people);
const client = await seedClient(ports);
const service = await startService(configuration, ports);

process.on('message', async (message) => {
  if (message === 'usage')
    process.send?.({ cpu: process.cpuUsage(), memoryBytes: process.memoryUsage.rss() });
  if (message === 'stop') {
    await service.close();
    process.disconnect();
  }
});
process.send?.({ people, client });
