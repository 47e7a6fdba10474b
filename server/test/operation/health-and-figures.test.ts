// What machines ask of a running service: whether it lives, whether it may be sent people, and how it is doing. Each
// thing that can be wrong with a database is made wrong, and made right again.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { test } from 'node:test';
import { tableUnder } from '#test/support/markdown.ts';
import { enrolledPerson, type Person } from '#test/support/person.ts';
import { onEachEngine, type ServiceUnderTest } from '#test/support/service-under-test.ts';

const answerWithinMs = 20_000;

/**
 * The answer of /readyz, once it is that one: it may be a second old.
 * @param aheadMs where the service's clock is, which would otherwise stand still while the database's goes on
 */
async function readyzIs(service: ServiceUnderTest, failing: readonly string[], aheadMs = 0): Promise<void> {
  const untilMs = performance.now() + answerWithinMs;
  for (;;) {
    service.clock.set(Math.round(performance.timeOrigin + performance.now() + aheadMs));
    const { status, text } = await raw(service, '/readyz');
    const said: unknown = JSON.parse(text);
    const expected = failing.length === 0 ? { status: 'ready' } : { status: 'not-ready', failing };
    const isIt = JSON.stringify(said) === JSON.stringify(expected);
    if (isIt) {
      assert.equal(status, failing.length === 0 ? 200 : 503);
      return;
    }
    if (performance.now() > untilMs) assert.deepEqual(said, expected);
  }
}

/** A request with whatever Host and method. */
function raw(
  service: ServiceUnderTest,
  path: string,
  options: { readonly method?: string; readonly host?: string } = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> {
  const { method = 'GET', host = '10.1.2.3' } = options;
  const { port } = new URL(service.origin);
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    })
      .once('error', reject)
      .end();
  });
}

onEachEngine('health', (running) => {
  test('it lives, whatever name it is asked by, and tells nothing else', async () => {
    const service = running();
    for (const host of ['10.1.2.3', 'localhost', new URL(service.origin).host]) {
      const { status, headers, text } = await raw(service, '/healthz', { host });
      assert.deepEqual([status, text], [200, '{"status":"alive"}\n']);
      assert.equal(headers['set-cookie'], undefined);
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['content-type'], 'application/json');
    }
    assert.deepEqual([(await raw(service, '/healthz', { method: 'HEAD' })).text], ['']);
    for (const path of ['/healthz', '/readyz']) {
      const { status, headers } = await raw(service, path, { method: 'POST' });
      assert.deepEqual([status, headers['allow']], [405, 'GET, HEAD']);
    }
    // Any other address keeps its host check.
    assert.equal((await raw(service, '/healthz/')).status, 421);
  });

  test('its readiness follows the clock, the schema, the keys and the store', async () => {
    const service = running();
    const { engine, clock } = service;
    const was = clock.nowMs();
    await readyzIs(service, []);
    // A database without a clock of its own has nothing to compare.
    for (const aheadMs of [45_000, -45_000]) {
      await readyzIs(service, engine === 'postgres' ? ['clock'] : [], aheadMs);
      await readyzIs(service, []);
    }

    await service.write(`insert into schema_migrations values (9000, '9000-the-future', 'digest', 5)`);
    await readyzIs(service, ['schema']);
    assert.match(await service.figures(), /^secondring_check_failing\{check="schema"\} 1$/m);
    await service.write('delete from schema_migrations where number = 9000');
    await readyzIs(service, []);

    await service.write(`update data_keys set scope = 'elsewhere' where scope = 'provider'`);
    await readyzIs(service, ['keys']);
    await service.write(`update data_keys set scope = 'provider' where scope = 'elsewhere'`);
    await readyzIs(service, []);

    await service.write('alter table schema_migrations rename to gone');
    await readyzIs(service, ['store']);
    // Alive all the same: starting it anew would mend nothing.
    assert.equal((await raw(service, '/healthz')).status, 200);
    await service.write('alter table gone rename to schema_migrations');
    await readyzIs(service, []);
    clock.set(was);
  });

  test('the figures tell what happened, and about nobody', async () => {
    const service = running();
    const person: Person = await enrolledPerson(service, 'measured');
    const before = await figuresOf(service);
    await person.signIn();
    // Wrong once, and used once more.
    const asked = await person.open();
    await person.givePassword(asked, 'no such password');
    service.clock.toNextStep();
    const again = await person.givePassword(await person.open(asked.url));
    await person.giveCode(again, person.wrongCode());
    const after = await figuresOf(service);
    const grown = (series: string) => (after.get(series) ?? 0) - (before.get(series) ?? 0);
    assert.deepEqual(
      [
        grown('secondring_sign_ins_total{outcome="begun"}') >= 1,
        grown('secondring_sign_ins_total{outcome="succeeded"}'),
        grown('secondring_passwords_total{outcome="wrong-password"}'),
        grown('secondring_factors_total{kind="totp",outcome="accepted"}'),
        grown('secondring_factors_total{kind="totp",outcome="wrong"}'),
        grown('secondring_audit_events_total{event="factor.refused"}'),
      ],
      [true, 1, 1, 1, 1, 1],
    );
    assert.ok(grown('secondring_commits_total{outcome="committed"}') > 4);
    assert.equal(
      grown('secondring_commits_total{outcome="committed"}') +
        grown('secondring_commits_total{outcome="refused"}'),
      grown('secondring_commit_duration_seconds_count'),
    );
    const codeRoute = 'method="POST",route="/sign-in/:id/code"';
    assert.equal(grown(`secondring_http_requests_total{${codeRoute},status="422"}`), 1);
    assert.equal(grown(`secondring_http_request_duration_seconds_count{${codeRoute}}`), 2);
    assert.equal(after.get('secondring_http_requests_running'), 0);
    assert.ok((after.get('process_resident_memory_bytes') ?? 0) > 10 ** 7);

    const text = await service.figures();
    for (const secret of ['measured', person.accountId, service.companyId, asked.url.slice(-20)])
      assert.ok(!text.includes(secret), secret);
  });

  test('the manual lists every figure, and none that is not there', async () => {
    const names = [...(await running().figures()).matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    const manual = readFileSync(new URL('../../../docs/operate/production.md', import.meta.url), 'utf8');
    // The service under test hashes by itself, without a line.
    const hashing = ['secondring_hash_line', 'secondring_hash_wait_seconds', 'secondring_hash_refused_total'];
    assert.deepEqual(
      tableUnder(manual, '## Figures')
        .map(([name = '']) => name.replaceAll('`', ''))
        .toSorted(),
      [...names, ...hashing].toSorted(),
    );
  });

  test('paths that nobody has made lead to no series of their own', async () => {
    const service = running();
    await raw(service, '/sign-in/warm');
    const before = (await figuresOf(service)).size;
    for (let count = 0; count < 50; count += 1) {
      const host = new URL(service.origin).host;
      await raw(service, `/nothing-${count}`, { host });
      await raw(service, `/oidc/nothing-${count}`, { host });
      await raw(service, `/sign-in/nothing-${count}`, { host, method: 'GET' });
      await raw(service, '/', { host, method: count % 2 === 0 ? 'PROPFIND' : 'LOCK' });
    }
    assert.match(await service.figures(), /method="other"/);
    assert.doesNotMatch(await service.figures(), /PROPFIND|LOCK/);
    // A few routes and methods for the first time, with 12 buckets and what goes with them.
    assert.ok((await figuresOf(service)).size - before <= 5 * 16);
  });
});

/** Every series with its value. */
async function figuresOf(service: ServiceUnderTest): Promise<ReadonlyMap<string, number>> {
  const lines = (await service.figures()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, series = '', value = ''] = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
      assert.ok(series !== '' && !Number.isNaN(Number(value)), line);
      return [series, Number(value)];
    }),
  );
}
