// The clock of the machine is wrong (libfaketime, around the real process): set back, set forward, and one of three
// replicas apart from the others. No code is good twice, and nobody is kept out for longer than the rule says.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Engine, engines } from '../support/each-engine.ts';
import { type Person, questionOn } from '../support/person.ts';
import { findFile } from '../support/programs.ts';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts';
import { type WebAnswer, WebClient } from '../support/web-client.ts';
import { brokenRules } from './invariants.ts';
import { type FaultWorld, openFaultWorld } from './world.ts';

const library = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map(
  (kind) => `/usr/lib/${kind}/faketime/libfaketimeMT.so.1`,
);
const hourSeconds = 60 * 60;

interface Machine {
  /** How far the clock of new processes and of people is off, in seconds. */
  offsetSeconds: number;
}

function startAt(world: FaultWorld, offsetSeconds: number): Promise<ServiceProcess> {
  return startServiceProcess({
    environment: {
      ...world.environment,
      LD_PRELOAD: findFile(library) ?? '',
      FAKETIME: `${offsetSeconds >= 0 ? '+' : ''}${offsetSeconds}s`,
      // Waiting and measuring go on as before: it is the time of day that is wrong.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  });
}

async function asked(person: Person): Promise<WebAnswer> {
  person.browser = new WebClient({ connection: 'close' });
  return person.givePassword(await person.open());
}

async function withMachine(
  engine: Engine,
  work: (world: FaultWorld, machine: Machine) => Promise<void>,
): Promise<void> {
  const machine = { offsetSeconds: 0 };
  const nowMs = () => Date.now() + machine.offsetSeconds * 1000;
  const world = await openFaultWorld(engine, { fresh: 0, enrolled: 2, nowMs });
  try {
    await work(world, machine);
  } finally {
    await world.close();
  }
}

describe('the clock', { skip: findFile(library) === undefined && 'libfaketime is not installed' }, () => {
  for (const engine of engines) {
    test(`set back and forward under the whole service, on ${engine}`, async () => {
      await withMachine(engine, async (world, machine) => {
        const [person, other] = world.enrolled;
        assert.ok(person && other);
        let service = await startAt(world, 0);
        const moveTo = async (offsetSeconds: number) => {
          assert.equal(await service.stop(), 0);
          machine.offsetSeconds = offsetSeconds;
          service = await startAt(world, offsetSeconds);
          world.front.to(service.port);
        };
        try {
          world.front.to(service.port);
          const used = person.code();
          assert.equal(questionOn(await person.giveCode(await asked(person), used)), 'done');
          // Somebody else mistypes until they have to wait for seconds, all of it in a far future.
          await moveTo(24 * hourSeconds);
          for (let tries = 0; tries < 5; tries += 1) {
            await other.giveCode(await asked(other), other.wrongCode());
          }
          await moveTo(0);
          const replayed = await person.giveCode(await asked(person), used);
          assert.notEqual(questionOn(replayed), 'done', 'a code that was used once');
          const back = await other.giveCode(await asked(other), other.code());
          assert.equal(questionOn(back), 'done', `kept out by a wait from another time: ${back.status}`);
          await moveTo(-hourSeconds / 2);
          const older = await person.giveCode(await asked(person), person.code());
          assert.notEqual(questionOn(older), 'done', 'a code from before the last one');
          await moveTo(2 * hourSeconds);
          assert.equal(questionOn(await person.giveCode(await asked(person), person.code())), 'done');
          assert.ok(service.isRunning());
        } finally {
          await service.kill();
        }
      });
    });
  }

  test('one of three replicas apart from the others', { skip: !engines.includes('postgres') }, async () => {
    await withMachine('postgres', async (world) => {
      const services = await Promise.all([0, 25, -25].map((offset) => startAt(world, offset)));
      try {
        world.front.to(...services.map(({ port }) => port));
        const [person] = world.enrolled;
        assert.ok(person);
        const code = person.code();
        // In six browsers, each of whose requests goes to the next replica.
        for (let browsers = 0; browsers < 6; browsers += 1) {
          const page = await asked(person);
          if (questionOn(page) === 'code') await person.giveCode(page, code);
        }
        const accepted = await world.look((raw) =>
          raw.rows(
            `select id from audit_leaves where event = 'factor.accepted' and account_id = $1`,
            person.accountId,
          ),
        );
        assert.equal(accepted.length, 1, 'one code, one success');
        assert.deepEqual(await world.look((raw) => brokenRules(raw, { racing: true })), []);
        // On the replicas whose clock is right everybody gets in as ever.
        world.front.to(services[0]?.port ?? 0);
        const other = world.enrolled[1];
        assert.ok(other);
        assert.equal(questionOn(await other.giveCode(await asked(other), other.code())), 'done');
      } finally {
        await Promise.all(services.map((one) => one.kill()));
      }
    });
  });
});
