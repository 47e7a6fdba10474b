// PostgreSQL goes away under the service: its connections are ended by it, cut on the wire in the middle of a commit,
// silent while they seem to be open; it crashes and comes back. The service stays up, lets nobody in meanwhile, says so
// on a page and in time, and is whole again by itself as soon as PostgreSQL is.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Chance, firstSeed, isLong } from '../support/chance.ts';
import { engines } from '../support/each-engine.ts';
import { type Person, questionOn } from '../support/person.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts';
import { openTcpFront, type TcpFront } from '../support/tcp-front.ts';
import { type WebAnswer, WebClient } from '../support/web-client.ts';
import { isUnavailable } from './fault-page.ts';
import { brokenRules } from './invariants.ts';
import { type FaultWorld, openFaultWorld } from './world.ts';

const cuts = isLong ? 2000 : 60;
/** A sign-in says and hears about so many bytes on the wire to PostgreSQL. */
const bytesOfSignIn = 12_000;
/** Until then a request has its answer, whatever the database does. */
const answeredWithinMs = 20_000;
/** Until then the first request succeeds after PostgreSQL is back: a connection that broke is found by being used. */
const wholeWithinMs = 5_000;

describe('PostgreSQL lost', { skip: !engines.includes('postgres') }, () => {
  let postgres: PostgresServer;
  let wire: TcpFront;
  let world: FaultWorld;
  let service: ServiceProcess;
  const chance = new Chance(firstSeed());

  before(async () => {
    postgres = await startPostgres();
    wire = await openTcpFront();
    world = await openFaultWorld('postgres', {
      fresh: 0,
      enrolled: cuts + 40,
      postgresUrl: postgres.url,
      async through(databaseUrl) {
        const url = new URL(databaseUrl);
        wire.to(Number(url.port));
        url.port = String(wire.port);
        return url.href;
      },
    });
    service = await startServiceProcess({ environment: world.environment });
    world.front.to(service.port);
  });
  after(async () => {
    await service?.kill();
    await world?.close();
    await wire?.close();
    await postgres?.stop();
  });

  /** Somebody who did not sign in yet, since a code is good for once. */
  function nextPerson(): Person {
    const person = world.enrolled.pop();
    assert.ok(person, 'there are people left');
    person.browser = new WebClient();
    return person;
  }

  async function expectWhole(): Promise<void> {
    assert.ok(service.isRunning(), service.output());
    const untilMs = performance.now() + wholeWithinMs;
    for (;;) {
      const last = await attempt(nextPerson());
      if (questionOn(last) === 'done') break;
      assert.ok(isUnavailable(last) && performance.now() < untilMs, `${last.status} ${last.text}`);
    }
    assert.deepEqual(await world.look((raw) => brokenRules(raw)), []);
  }

  /** Signs in, whatever comes of it, and gives the last answer. */
  async function attempt(person: Person): Promise<WebAnswer> {
    const startedMs = performance.now();
    let page = await person.open();
    while (page.status === 200 && ['password', 'code'].includes(questionOn(page) ?? '')) {
      page = await person.answer(page);
    }
    assert.ok(performance.now() - startedMs < answeredWithinMs, 'answered in time');
    return page;
  }

  test(`a connection cut at ${cuts} places of what it says and hears`, async () => {
    for (let count = 0; count < cuts; count += 1) {
      const direction = chance.pick(['up', 'down'] as const);
      const bytes = chance.below(bytesOfSignIn);
      void wire.cutAfter(bytes, direction);
      const last = await attempt(nextPerson());
      const where = `cut after ${bytes} bytes ${direction}, seed ${chance.seed}`;
      assert.ok(service.isRunning(), `${where}: ${service.output()}`);
      assert.ok(isUnavailable(last) || questionOn(last) === 'done', `${where}: ${last.status} ${last.text}`);
    }
    await expectWhole();
  });

  test('all connections ended by the server, again and again, while people sign in', async () => {
    let isOver = false;
    const ending = (async () => {
      while (!isOver) {
        await world.look((raw) =>
          raw.rows(
            `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'secondring%'`,
          ),
        );
      }
    })();
    try {
      for (let count = 0; count < 10; count += 1) {
        const last = await attempt(nextPerson());
        assert.ok(isUnavailable(last) || questionOn(last) === 'done', `${last.status} ${last.text}`);
      }
    } finally {
      isOver = true;
      await ending;
    }
    await expectWhole();
  });

  test('a crash and a start again', async () => {
    const person = nextPerson();
    const page = await person.givePassword(await person.open());
    const code = person.code();
    await postgres.crash();
    for (let tries = 0; tries < 3; tries += 1) {
      const answer = await person.giveCode(page, code);
      assert.ok(isUnavailable(answer), `${answer.status} ${answer.text}`);
    }
    assert.ok(isUnavailable(await nextPerson().open()));
    await postgres.startAgain();
    // What was under way goes on; the code was not used up by the tries that could not be counted.
    assert.equal(questionOn(await person.giveCode(page, person.code())), 'done');
    await expectWhole();
  });

  for (const [name, stall, goOn] of [
    ['stopped from running', () => postgres.signalAll('SIGSTOP'), () => postgres.signalAll('SIGCONT')],
    ['silent on the wire', () => wire.hold(), () => wire.release()],
  ] as const) {
    test(`${name}, while it seems to be connected`, async () => {
      const people = Array.from({ length: 4 }, nextPerson);
      const pages = await Promise.all(people.map(async (one) => one.givePassword(await one.open())));
      stall();
      try {
        const startedMs = performance.now();
        const answers = await Promise.all(
          people.map((one, place) => one.giveCode(pages[place] as WebAnswer, one.code())),
        );
        const tookMs = performance.now() - startedMs;
        assert.ok(tookMs < answeredWithinMs, `${Math.round(tookMs)} ms`);
        for (const answer of answers) assert.ok(isUnavailable(answer), `${answer.status} ${answer.text}`);
      } finally {
        goOn();
      }
      await expectWhole();
    });
  }
});
