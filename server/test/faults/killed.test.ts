// The process is killed (SIGKILL) at any moment, again and again, while people sign in and set up their methods, and is
// started again on the same data. Nothing that was acknowledged is lost, no code is accepted twice, nothing is there by
// half, and no try that was compared is uncounted. The moment of each kill comes from a seed that a failure prints.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Chance, firstSeed, isLong } from '../support/chance.ts';
import { type Engine, engines } from '../support/each-engine.ts';
import { questionOn } from '../support/person.ts';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts';
import { WebClient } from '../support/web-client.ts';
import { brokenRules } from './invariants.ts';
import { Ledger } from './ledger.ts';
import { plays, type Stage } from './plays.ts';
import { type FaultWorld, openFaultWorld } from './world.ts';

const kills = isLong ? 10_000 : 500;
const killsPerPart = 25;
/** People who are in a play at the same time. */
const atOnce = 3;
/** The kill comes within so many requests, and then within so many milliseconds. */
const requestsBefore = 8;
const withinMs = 15;
/** While ten recovery codes are hashed nobody sends anything, and that is a moment to die at, too. */
const longestLifeMs = 200;
/** Of the time to start: on a machine that is busy nobody would get anywhere otherwise. */
const lifeOfStart = 0.4;
const sessionsLookedAt = 2;

describe(`killed ${kills} times`, { concurrency: engines.length }, () => {
  for (const engine of engines) {
    describe(`on ${engine}`, () => {
      const parts = Math.ceil(kills / engines.length / killsPerPart);
      const first = firstSeed();
      for (let part = 0; part < parts; part += 1) {
        test(`${part * killsPerPart} to ${(part + 1) * killsPerPart}`, async () => {
          await killRepeatedly(engine, new Chance(first + part));
        });
      }
    });
  }
});

async function killRepeatedly(engine: Engine, chance: Chance): Promise<void> {
  const world = await openFaultWorld(engine, { fresh: killsPerPart * 2, enrolled: 48 });
  const lane = new Lane(world, chance);
  try {
    await lane.run();
  } catch (error) {
    throw new Error(`with SECONDRING_TEST_SEED=${chance.seed} on ${engine}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await lane.end();
    await world.close();
  }
}

/** One database, the process that serves it at the moment, and the people who come. */
class Lane {
  readonly #world: FaultWorld;
  readonly #chance: Chance;
  readonly #ledger: Ledger;
  readonly #stage: Stage;
  #service: ServiceProcess | undefined;
  #isUp = Promise.withResolvers<void>();
  #sent = 0;
  #startMs = 0;
  #onSent = () => {};
  #isOver = false;

  constructor(world: FaultWorld, chance: Chance) {
    this.#world = world;
    this.#chance = chance;
    this.#ledger = new Ledger(world.origin);
    this.#stage = {
      chance: new Chance(chance.seed ^ 0x5eed),
      ledger: this.#ledger,
      service: {
        up: () => this.#isUp.promise,
        sending: () => {
          this.#sent += 1;
          this.#onSent();
        },
      },
      fresh: world.fresh,
      enrolled: world.enrolled,
    };
    for (const person of world.enrolled) this.#ledger.bound(person);
  }

  async run(): Promise<void> {
    const players = Array.from({ length: atOnce }, () => this.#player());
    // A player that fails ends the test at once, not after the last kill.
    const failed = Promise.all(players).then(() => new Promise<never>(() => {}));
    for (let killed = 0; killed < killsPerPart; killed += 1) {
      await Promise.race([this.#liveAndDie(), failed]);
    }
    await this.#begin();
    this.#isOver = true;
    await Promise.all(players);
    await this.#check();
    assert.ok(this.#ledger.sessions.length > 0, 'people got in between the kills');
    assert.equal(await this.#service?.stop(), 0);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    this.#isUp.resolve();
    await this.#service?.kill();
  }

  async #player(): Promise<void> {
    while (!this.#isOver) await this.#stage.chance.weighted(plays).play(this.#stage);
  }

  async #begin(): Promise<void> {
    const beganMs = performance.now();
    this.#service = await startServiceProcess({ environment: this.#world.environment });
    this.#startMs = performance.now() - beganMs;
    this.#world.front.to(this.#service.port);
    await this.#check();
    this.#isUp.resolve();
  }

  async #liveAndDie(): Promise<void> {
    await this.#begin();
    const longest = pause(this.#chance.next() * Math.max(longestLifeMs, lifeOfStart * this.#startMs));
    await Promise.race([this.#requests(1 + this.#chance.below(requestsBefore)), longest]);
    await pause(this.#chance.next() * withinMs);
    this.#isUp = Promise.withResolvers();
    this.#world.front.to();
    await this.#service?.kill();
  }

  /** Resolves when so many more were sent. */
  #requests(wanted: number): Promise<void> {
    const until = this.#sent + wanted;
    return new Promise((resolve) => {
      this.#onSent = () => {
        if (this.#sent >= until) resolve();
      };
    });
  }

  async #check(): Promise<void> {
    const broken = await this.#world.look(async (raw) => [
      ...(await brokenRules(raw)),
      ...(await this.#ledger.contradictions(raw)),
    ]);
    assert.deepEqual(broken, []);
    for (const { browser, url, isEnded } of this.#ledger.sessions.slice(-sessionsLookedAt)) {
      const cookie = browser.cookieHeader(new URL(url));
      const page = await new WebClient({ cookie, connection: 'close' }).get(url);
      assert.equal(questionOn(page) === 'done', !isEnded, `a session that was acknowledged: ${page.status}`);
    }
  }
}
