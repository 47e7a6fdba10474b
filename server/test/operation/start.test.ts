// The beginning of a process: beside another that begins on the same empty database, and beside something that already
// has its port. What it says at the start is what an operator looks for first.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, test } from 'node:test';
import { engines } from '#test/support/each-engine.ts';
import { placeFor } from '#test/support/open-test-store.ts';
import { type ServeProcess, serve } from '#test/support/serve-process.ts';

for (const engine of engines) {
  describe(engine, () => {
    test('of two that start at once on an empty database one makes it, and both serve', async () => {
      const place = await placeFor(engine);
      const masterKey = randomBytes(32).toString('base64');
      const environment = { SECONDRING_DATABASE_URL: place.url, SECONDRING_MASTER_KEY: masterKey };
      const started = await Promise.allSettled([serve(environment), serve(environment)]);
      const both: ServeProcess[] = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      try {
        for (const one of started) if (one.status === 'rejected') throw one.reason;
        const made = both.filter((one) =>
          one.log().some(({ msg }) => msg === 'the schema was brought up to date'),
        );
        assert.equal(made.length, 1);
        for (const one of both) {
          assert.deepEqual(JSON.parse((await one.ask('/readyz')).text), { status: 'ready' });
          assert.equal((await one.ask('/sign-in')).status, 303);
        }
      } finally {
        for (const one of both) await one.kill();
        await place.remove();
      }
    });

    test('it says which version it is, on what, and where', async () => {
      const place = await placeFor(engine);
      const masterKey = randomBytes(32).toString('base64');
      const service = await serve({
        SECONDRING_DATABASE_URL: place.url,
        SECONDRING_MASTER_KEY: masterKey,
        SECONDRING_METRICS_LISTEN: '127.0.0.1:0',
      });
      try {
        const ready = await service.logged('Secondring is ready');
        assert.match(String(ready['version']), /^\d+\.\d+\.\d+/);
        assert.equal(ready['engine'], engine);
        assert.match(String(ready['schema']), /^\d{4}-/);
        assert.equal(ready['publicUrl'], 'http://localhost:8080');
        assert.ok(Date.parse(String(ready['time'])) > 0);
        const metrics = await service.ask('/metrics', { port: service.metricsPort ?? 0 });
        assert.match(String(metrics.headers['content-type']), /^text\/plain; version=0\.0\.4/);
        assert.match(metrics.text, new RegExp(`^secondring_build_info\\{.*engine="${engine}".*\\} 1$`, 'm'));
        // The figures are on their own address and nowhere else, and nothing else is there.
        assert.equal((await service.ask('/metrics')).status, 404);
        assert.equal((await service.ask('/sign-in', { port: service.metricsPort ?? 0 })).status, 404);
        const everything = JSON.stringify(service.log());
        assert.ok(!everything.includes(masterKey) && !everything.includes('answered'));
      } finally {
        await service.kill();
        await place.remove();
      }
    });
  });
}

test('a port of the figures that is taken is said, with what to do, and nothing is left running', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const place = await placeFor('sqlite');
  const { port } = other.address() as AddressInfo;
  try {
    const environment = {
      SECONDRING_DATABASE_URL: place.url,
      SECONDRING_MASTER_KEY: randomBytes(32).toString('base64'),
      SECONDRING_METRICS_LISTEN: `127.0.0.1:${port}`,
    };
    await assert.rejects(serve(environment), (error) => {
      assert.match(`${error}`, new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${port} for metrics`));
      assert.match(`${error}`, /SECONDRING_METRICS_LISTEN, or set it to off/);
      return true;
    });
  } finally {
    other.close();
    await place.remove();
  }
});
