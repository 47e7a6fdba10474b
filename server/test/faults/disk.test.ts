// The disk fails under the embedded store: system calls give errors or the process dies at them, the disk is full, the
// log has no room. The service stays up, lets nobody in on what it could not write, says on a page that it cannot help
// just now, and is whole again by itself when the disk is.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Chance, firstSeed, isLong } from '../support/chance.ts';
import { temporaryFolder } from '../support/each-engine.ts';
import { type Person, questionOn } from '../support/person.ts';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts';
import { type WebAnswer, WebClient } from '../support/web-client.ts';
import { isUnavailable } from './fault-page.ts';
import { brokenRules } from './invariants.ts';
import { inject } from './system-calls.ts';
import { type FaultWorld, openFaultWorld } from './world.ts';

const seed = firstSeed();
/** Calls of each kind that a sign-in makes at most; past the last one nothing is injected any more. */
const callsOfSignIn = 12;
const sampled = isLong ? callsOfSignIn * 6 : 8;
const diskBytes = 6 * 1024 * 1024;
const fullWithin = 400;

interface Scene {
  readonly world: FaultWorld;
  service(): ServiceProcess;
  next(): Person;
  /** Starts it when it is not running. */
  revive(): Promise<void>;
}

async function withService(
  people: number,
  work: (scene: Scene) => Promise<void>,
  folder?: string,
): Promise<void> {
  const world = await openFaultWorld('sqlite', { fresh: 0, enrolled: people, ...(folder && { folder }) });
  const start = async () => {
    const started = await startServiceProcess({ environment: world.environment });
    world.front.to(started.port);
    return started;
  };
  let service = await start();
  try {
    await work({
      world,
      service: () => service,
      next() {
        const person = world.enrolled.pop();
        assert.ok(person, 'there are people left');
        person.browser = new WebClient({ connection: 'close' });
        return person;
      },
      async revive() {
        if (!service.isRunning()) service = await start();
      },
    });
  } finally {
    await service.kill();
    await world.close();
  }
}

/** Signs in as far as it goes. Undefined: a request had no answer. */
async function attempt(person: Person): Promise<WebAnswer | undefined> {
  try {
    let page = await person.open();
    while (page.status === 200 && ['password', 'code'].includes(questionOn(page) ?? '')) {
      page = await person.answer(page);
    }
    return page;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

async function expectWhole({ world, service, next }: Scene): Promise<void> {
  assert.ok(service().isRunning(), service().output());
  const last = await attempt(next());
  assert.equal(last && questionOn(last), 'done', `${last?.status} ${last?.text}`);
  assert.deepEqual(await world.look((raw) => brokenRules(raw)), []);
}

const storms = [
  { calls: 'fsync,fdatasync', what: 'error=EIO' },
  { calls: 'pwrite64', what: 'error=EIO' },
  { calls: 'pwrite64', what: 'error=ENOSPC' },
  { calls: 'fsync,fdatasync', what: 'signal=SIGKILL' },
  { calls: 'pwrite64', what: 'signal=SIGKILL' },
] as const;

test(`system calls that fail or kill, ${sampled} places`, async () => {
  await withService(sampled * 3 + 1, async (scene) => {
    const chance = new Chance(seed);
    let injected = 0;
    for (let place = 0; place < sampled; place += 1) {
      const storm = storms[place % storms.length];
      assert.ok(storm);
      const which = isLong ? 1 + (Math.floor(place / storms.length) % callsOfSignIn) : 1 + chance.below(6);
      const onwards = storm.what.startsWith('error') && chance.happens(0.5);
      const name = `${storm.calls} ${storm.what} at ${which}${onwards ? '+' : ''}, seed ${seed}`;
      const tracer = await inject(scene.service().pid, { ...storm, which, onwards });
      const last = await attempt(scene.next());
      injected += await tracer.detach();
      const isKill = storm.what.startsWith('signal');
      if (!isKill) assert.ok(scene.service().isRunning(), `${name}: ${scene.service().output()}`);
      if (last === undefined) assert.ok(isKill, `${name}: no answer`);
      else
        assert.ok(isUnavailable(last) || questionOn(last) === 'done', `${name}: ${last.status} ${last.text}`);
      if (isKill) await pause(50);
      await scene.revive();
      await expectWhole(scene);
    }
    assert.ok(injected >= sampled / 2, `${injected} calls were failed`);
  });
});

test('a full disk: closed and said so, and whole again when there is room', async (context) => {
  const folder = temporaryFolder();
  const disk = join(folder.path, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'secondring-test', disk], {
      stdio: 'pipe',
    });
  } catch {
    folder.remove();
    // Containers without the right to mount: the same error comes from the system calls above.
    context.skip('nothing can be mounted here');
    return;
  }
  try {
    await withService(
      8,
      async (scene) => {
        await expectWhole(scene);
        const filler = join(disk, 'filler');
        const { bavail, bsize } = statfsSync(disk);
        writeFileSync(filler, Buffer.alloc(Number(bavail) * Number(bsize)));
        const waiting = scene.next();
        let refused = 0;
        // The log of the database has room for some commits before it must grow.
        for (let tries = 0; tries < fullWithin && refused < 5; tries += 1) {
          const answer = await waiting.open();
          if (isUnavailable(answer)) refused += 1;
          else assert.equal(answer.status, 200);
        }
        assert.equal(refused, 5, 'the disk is full');
        const last = await attempt(scene.next());
        assert.ok(last && isUnavailable(last), `${last?.status}`);
        assert.match(scene.service().output(), /free some space|SQLITE_FULL|disk is full/i);
        rmSync(filler);
        await expectWhole(scene);
      },
      disk,
    );
  } finally {
    execFileSync('umount', ['-l', disk]);
    folder.remove();
  }
});

test('a log that has no room: people get in all the same', async () => {
  const world = await openFaultWorld('sqlite', { fresh: 0, enrolled: 4 });
  const full = openSync('/dev/full', 'w');
  try {
    const start = { environment: { ...world.environment, SECONDRING_LOG_LEVEL: 'debug' }, logTo: full };
    const service = await startServiceProcess(start);
    try {
      world.front.to(service.port);
      const [person] = world.enrolled;
      assert.ok(person);
      person.browser = new WebClient({ connection: 'close' });
      const last = await attempt(person);
      assert.equal(last && questionOn(last), 'done', service.output());
    } finally {
      assert.equal(await service.stop(), 0, service.output());
    }
  } finally {
    closeSync(full);
    await world.close();
  }
});
