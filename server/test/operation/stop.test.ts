// The end of a process that people are using: what was acknowledged is there, what was accepted is answered, nobody's
// connection is reset, and who balances between processes hears of it before the door closes.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { engines } from '#test/support/each-engine.ts';
import { placeFor } from '#test/support/open-test-store.ts';
import { openRawDatabase } from '#test/support/raw-database.ts';
import { type ServeProcess, serve } from '#test/support/serve-process.ts';

const clients = 16;
/** Enough for all clients to be in the middle of something at any time. */
const acknowledgedBefore = 400;

for (const engine of engines) {
  describe(engine, () => {
    let place: Awaited<ReturnType<typeof placeFor>>;
    let service: ServeProcess;
    beforeEach(async () => {
      place = await placeFor(engine);
      const masterKey = randomBytes(32).toString('base64');
      service = await serve({ SECONDRING_DATABASE_URL: place.url, SECONDRING_MASTER_KEY: masterKey });
    });
    afterEach(async () => {
      await service.kill();
      await place.remove();
    });

    test('under load every request that was accepted is answered, and what was answered is kept', async () => {
      const acknowledged: string[] = [];
      const failures: string[] = [];
      let enough: () => void = () => undefined;
      const isUnderLoad = new Promise<void>((resolve) => {
        enough = resolve;
      });
      const client = async () => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        for (;;) {
          try {
            const { status, headers } = await service.ask('/sign-in', { agent });
            if (status !== 303) failures.push(`answered with ${status}`);
            acknowledged.push(String(headers['location']).slice('/sign-in/'.length));
            if (acknowledged.length === acknowledgedBefore) enough();
          } catch (error) {
            // Nobody is let in any more: that is no answer, and no promise was made.
            const { code } = error as { code?: string };
            if (code !== 'ECONNREFUSED') failures.push(`${code}`);
            agent.destroy();
            return;
          }
        }
      };
      const load = Promise.all(Array.from({ length: clients }, client));
      await isUnderLoad;
      service.child.kill('SIGTERM');
      await load;
      assert.equal(await service.ended(), 0);
      assert.deepEqual(failures, []);
      const raw = await openRawDatabase(place.url);
      const kept = new Set((await raw.rows('select id from sign_ins')).map(({ id }) => id));
      await raw.close();
      assert.ok(acknowledged.length >= acknowledgedBefore);
      assert.deepEqual(
        acknowledged.filter((id) => !kept.has(id)),
        [],
      );
      assert.deepEqual(
        service
          .log()
          .slice(-2)
          .map(({ msg, signal }) => [msg, signal]),
        [
          ['Secondring is stopping', 'SIGTERM'],
          ['Secondring has stopped', undefined],
        ],
      );
    });

    test('a request of which half has come is read to its end and answered', async () => {
      const socket = connect(service.port, '127.0.0.1').setEncoding('utf8');
      await once(socket, 'connect');
      const body = 'username=ann&password=right';
      socket.write(
        [
          'POST /sign-in/none/password HTTP/1.1',
          'Host: localhost:8080',
          'Origin: http://localhost:8080',
          'Content-Type: application/x-www-form-urlencoded',
          `Content-Length: ${body.length}`,
          '',
          body.slice(0, 9),
        ].join('\r\n'),
      );
      // Answered over another connection, so the service has seen what came before.
      assert.equal((await service.ask('/healthz')).status, 200);
      service.child.kill('SIGTERM');
      await service.logged('Secondring is stopping');
      let answer = '';
      socket.on('data', (part) => {
        answer += part;
      });
      const closed = once(socket, 'close');
      socket.write(body.slice(9));
      await closed;
      assert.match(answer, /^HTTP\/1\.1 403 /);
      assert.match(answer, /^connection: close\r$/im);
      assert.match(answer, /<\/html>\s*$/);
      assert.equal(await service.ended(), 0);
    });
  });
}

describe('who asks whether it is ready', () => {
  let place: Awaited<ReturnType<typeof placeFor>>;
  let service: ServeProcess;
  beforeEach(async () => {
    place = await placeFor('sqlite');
    const masterKey = randomBytes(32).toString('base64');
    service = await serve({ SECONDRING_DATABASE_URL: place.url, SECONDRING_MASTER_KEY: masterKey });
    assert.equal((await service.ask('/readyz')).status, 200);
    service.child.kill('SIGTERM');
    await service.logged('Secondring is stopping');
  });
  afterEach(async () => {
    await service.kill();
    await place.remove();
  });

  test('hears that it no longer is while people are still let in, and then it ends', async () => {
    const reply = await service.ask('/readyz');
    assert.equal(reply.status, 503);
    assert.deepEqual(JSON.parse(reply.text), { status: 'not-ready', failing: ['stopping'] });
    assert.equal((await service.ask('/sign-in')).status, 303);
    assert.equal((await service.ask('/healthz')).status, 200);
    assert.equal(await service.ended(), 0);
  });

  const signals = [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const;
  for (const [signal, status] of signals) {
    test(`a second signal, ${signal}, ends it at once`, async () => {
      service.child.kill(signal);
      assert.equal(await service.ended(), status);
      assert.equal(service.log().at(-1)?.msg, 'Secondring is stopping');
    });
  }
});
