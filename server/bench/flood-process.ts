// Who guesses passwords, in a process of their own: many connections, each with a sign-in it guesses at, at so many
// guesses a second together and no more.

import { setTimeout as sleep } from 'node:timers/promises';
import { HttpConnection } from './http-connection.ts';

export interface FloodOrder {
  readonly port: number;
  readonly guessesPerSecond: number;
  readonly accounts: number;
  readonly connections: number;
  readonly networks: number;
}

export interface FloodTally {
  readonly guessesPerSecond: number;
  readonly byStatus: Readonly<Record<string, number>>;
}

const order = JSON.parse(process.argv[2] ?? '') as FloodOrder;
const origin = `http://localhost:${order.port}`;
const byStatus: Record<string, number> = {};
let guesses = 0;
let isOver = false;
const startedAt = performance.now();

async function guessOn(place: number): Promise<void> {
  const connection = new HttpConnection(order.port);
  const network = place % order.networks;
  const common = [
    `Host: localhost:${order.port}`,
    `X-Forwarded-For: 172.16.${network >> 8}.${network & 255}`,
    'User-Agent: flood',
  ];
  const begun = await connection.send(['GET /sign-in HTTP/1.1', ...common].join('\r\n'));
  common.push(`Cookie: ${begun.cookies.join('; ')}`, `Origin: ${origin}`);
  while (!isOver) {
    const due = startedAt + (guesses * 1000) / order.guessesPerSecond;
    const number = guesses++;
    const earlyMs = due - performance.now();
    if (earlyMs > 1) await sleep(earlyMs);
    const form = `username=person-${number % order.accounts}%40bench.test&password=guess-${number}`;
    const head = [
      `POST ${begun.location}/password HTTP/1.1`,
      ...common,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${form.length}`,
    ];
    const { status } = await connection.send(head.join('\r\n'), form);
    byStatus[status] = (byStatus[status] ?? 0) + 1;
  }
  connection.close();
}

process.on('message', () => {
  isOver = true;
  const answered = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
  const seconds = (performance.now() - startedAt) / 1000;
  process.send?.({ guessesPerSecond: answered / seconds, byStatus } satisfies FloodTally, () =>
    process.exit(),
  );
});

for (let place = 0; place < order.connections; place++) void guessOn(place).catch(() => undefined);
process.send?.('begun');
