// One random history: people and attackers against the real flows and the real store, in virtual time, with a store
// that fails now and then and a process that dies. Everything is drawn from the seed. At its end the faults stop, and
// everybody who may get in has to get in.

import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change } from '#core/changes.ts';
import { SecondringError } from '#core/errors.ts';
import type { Ports, SlowHash, Store } from '#core/ports.ts';
import { decodeBase32 } from '#factors/totp/base32.ts';
import { createAccount, createCompany, createProvider } from '#flows/arrange.ts';
import { begin } from '#flows/begin-sign-in.ts';
import { proveTotp, renewEnrollment } from '#flows/enroll-totp.ts';
import { fetchSession, sessionOf, signOut } from '#flows/fetch-session.ts';
import { giveCode, pickMethod, retryMethod } from '#flows/give-code.ts';
import { givePassword } from '#flows/give-password.ts';
import { confirmBackup, issueRecoveryCodes } from '#flows/issue-recovery-codes.ts';
import { loadSignIn } from '#flows/load-sign-in.ts';
import { lookAt, type Scene } from '#flows/look-at-sign-in.ts';
import { hashOfToken, newToken } from '#flows/visitor.ts';
import { openPorts } from '../../src/service.ts';
import { brokenRules } from '../faults/invariants.ts';
import { Chance } from '../support/chance.ts';
import { openRawDatabase } from '../support/raw-database.ts';
import { type Actor, Browser, codeAt, type Owner } from './actors.ts';
import { Schedule, settled } from './schedule.ts';
import { type Action, mostAtOnce, Watch } from './watch.ts';

const inMemory = '/dev/shm';
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const beginningMs = Date.UTC(2031, 0, 1);
const people = 3;
const moments = 1000;
/** Questions that a sign-in has at most. */
const mostQuestions = 12;
const keptLines = 400;

export interface HistoryResult {
  /** Of everything that happened, in order. */
  readonly digest: string;
  readonly signIns: number;
  readonly faults: number;
  readonly virtualMs: number;
}

/** Thrown with the last part of the history in its message. */
class BrokenHistory extends Error {
  constructor(seed: number, lines: readonly string[], cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`SECONDRING_TEST_SEED=${seed}: ${why}\n${lines.join('\n')}\nSECONDRING_TEST_SEED=${seed}: ${why}`, {
      cause,
    });
  }
}

/** Plays the history of a seed. */
export async function playHistory(seed: number): Promise<HistoryResult> {
  // In memory where the system has such a folder: it is not the disk that is tried here.
  const folder = mkdtempSync(join(existsSync(inMemory) ? inMemory : tmpdir(), 'secondring-simulation-'));
  const path = `sqlite:${join(folder, 'store.db')}`;
  const history = await History.open(seed, path);
  try {
    return await history.play();
  } catch (error) {
    throw new BrokenHistory(seed, history.lastLines, error);
  } finally {
    await history.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class History {
  readonly #databaseUrl: string;
  readonly #chance: Chance;
  readonly #ports: Ports;
  readonly #schedule: Schedule;
  readonly #owners: readonly Owner[];
  readonly #actors: readonly Actor[];
  readonly #watch: Watch;
  readonly #clock: { nowMs: number };
  readonly #lines: string[] = [];
  readonly #digest = createHash('sha256');
  /** Codes that somebody saw somebody else type. */
  readonly #overheard: string[] = [];
  #running = 0;
  #actions = 0;
  #signIns = 0;
  #faults = 0;
  #failure: unknown;

  private constructor(
    databaseUrl: string,
    ports: Ports,
    chance: Chance,
    owners: Owner[],
    clock: { nowMs: number },
  ) {
    this.#databaseUrl = databaseUrl;
    this.#ports = ports;
    this.#chance = chance;
    this.#owners = owners;
    this.#clock = clock;
    this.#schedule = new Schedule(chance, (line) => this.#tell(line));
    this.#watch = new Watch(owners, () => clock.nowMs);
    const browsers = (name: string) => [new Browser(`${name}/1`), new Browser(`${name}/2`)];
    const persons = owners.map((owner) => ({
      ...{ name: owner.username, isAttacker: false, goesFor: [owner], browsers: browsers(owner.username) },
    }));
    const thief = { name: 'thief', isAttacker: true, goesFor: owners.slice(1), browsers: browsers('thief') };
    this.#actors = [...persons, thief];
  }

  static async open(seed: number, databaseUrl: string): Promise<History> {
    const chance = new Chance(seed);
    const clock = { nowMs: beginningMs };
    const ports = await openPorts(
      {
        ...{ publicUrl: 'http://localhost', listen: { host: '', port: 0 }, databaseUrl, dataFolder: '' },
        masterKey: randomBytes(32).toString('base64'),
        ...{ masterKeyFile: '', trustedProxies: [], logLevel: 'error' },
        ...{ metricsListen: undefined, smtpUrl: undefined, mailFrom: '', supportPhone: undefined },
        staffDatabaseUrl: undefined,
      },
      {
        nowMs: () => clock.nowMs,
        random: (length) => chance.bytes(length),
        sleep: async () => undefined,
        slowHash: quickHash,
        log: silent,
      },
    );
    await createProvider(ports, 'Simulated');
    const companyId = await createCompany(ports, { name: 'Company' });
    const owners: Owner[] = [];
    for (let place = 0; place < people; place += 1) {
      const username = `person-${place}`;
      const password = `password of ${username}`;
      const accountId = await createAccount(ports, { companyId, username, password });
      owners.push({
        ...{ accountId, username, password, key: undefined },
        ...{ paper: [], paperFrom: undefined, isTaken: false },
      });
    }
    return new History(databaseUrl, ports, chance, owners, clock);
  }

  get lastLines(): readonly string[] {
    return this.#lines;
  }

  async play(): Promise<HistoryResult> {
    for (let moment = 0; moment < moments; moment += 1) await this.#moment();
    await this.#calm();
    for (const owner of this.#owners) await this.#expectWelcome(owner);
    const raw = await openRawDatabase(this.#databaseUrl);
    const broken = await brokenRules(raw, { racing: true });
    await raw.close();
    if (broken.length > 0) throw new Error(broken.join('\n'));
    return {
      digest: this.#digest.digest('hex'),
      ...{ signIns: this.#signIns, faults: this.#faults },
      virtualMs: this.#clock.nowMs - beginningMs,
    };
  }

  close(): Promise<void> {
    this.#schedule.crash();
    return this.#ports.store.close();
  }

  #tell(line: string): void {
    this.#digest.update(`${line}\n`);
    if (/\((lost|unanswered)\)$/.test(line)) this.#faults += 1;
    this.#lines.push(`${new Date(this.#clock.nowMs).toISOString().slice(11, 23)} ${line}`);
    if (this.#lines.length > keptLines) this.#lines.shift();
  }

  /** One thing happens: somebody begins something, the store does something, time goes by, or the process dies. */
  async #moment(): Promise<void> {
    const chance = this.#chance;
    // Good and bad times: a store that fails for a while, and one that does not.
    if (chance.happens(0.01)) this.#schedule.faultShare = chance.pick([0, 0, 0.02, 0.2]);
    if (this.#running < mostAtOnce && chance.happens(0.5)) this.#someoneActs();
    await settled();
    const turns = 1 + chance.below(8);
    for (let turn = 0; turn < turns; turn += 1) await this.#schedule.step();
    if (chance.happens(0.1)) this.#clock.nowMs += chance.below(5 * second);
    if (this.#running > 0 && chance.happens(0.004)) await this.#die();
    if (this.#running === 0) this.#passTime();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Nobody is in the middle of anything: time may go on, or be set back. */
  #passTime(): void {
    const chance = this.#chance;
    const ms = chance.weighted([
      { weight: 80, ms: chance.below(20 * second) },
      { weight: 5, ms: chance.below(20 * minute) },
      { weight: 2, ms: chance.below(30 * hour) },
      { weight: 1, ms: -chance.below(10 * minute) },
    ]).ms;
    this.#clock.nowMs += ms;
    this.#tell(`time: ${ms} ms`);
  }

  async #die(): Promise<void> {
    this.#tell('the process dies');
    this.#schedule.crash();
    this.#running = 0;
    await settled();
  }

  /** Everything under way comes to its end, and nothing fails any more. */
  async #calm(): Promise<void> {
    this.#schedule.faultShare = 0;
    while (this.#running > 0) {
      await settled();
      await this.#schedule.step();
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  #someoneActs(): void {
    const chance = this.#chance;
    const actor = chance.pick(this.#actors);
    const browser = chance.pick(actor.browsers);
    if (chance.happens(0.03)) {
      this.#start('housekeeping', browser, {}, (ports) => removeExpired(ports));
      return;
    }
    this.#start(`${browser.name} looks`, browser, {}, async (ports) => {
      const scene = await look(ports, browser);
      this.#act(actor, browser, scene);
    });
  }

  /** Does what a page asks for, or something else, sometimes twice at the same moment. */
  #act(actor: Actor, browser: Browser, scene: Scene | undefined): void {
    const chance = this.#chance;
    if (scene === undefined || chance.happens(0.05)) {
      this.#begin(actor, browser);
      return;
    }
    const times = chance.happens(0.35) ? 2 + chance.below(2) : 1;
    const move = this.#moveOf(actor, browser, scene);
    if (move === undefined) return;
    for (let time = 0; time < times; time += 1) this.#start(move.label, browser, move, move.run);
    // What is typed in one browser is typed over in another: by a thief who looks on, or by an impatient person.
    const others = this.#actors.flatMap(({ browsers }) => browsers).filter((one) => one !== browser);
    const same = others.filter(({ owner, signInId }) => owner === browser.owner && signInId !== undefined);
    if (move.code === undefined || same.length === 0 || !chance.happens(0.5)) return;
    const { code } = move;
    const other = chance.pick(same);
    const signInId = other.signInId ?? '';
    this.#start(`${other.name} types over ${code}`, other, { typed: code }, (ports) =>
      giveCode(ports, other.visitor(), signInId, code),
    );
  }

  #begin(actor: Actor, browser: Browser): void {
    browser.owner = this.#chance.pick(actor.goesFor);
    this.#start(`${browser.name} begins`, browser, {}, async (ports) => {
      browser.key ??= newToken(ports);
      const begun = await begin(ports, browser.visitor(), {});
      browser.signInId = begun.signIn.id;
    });
  }

  #moveOf(actor: Actor, browser: Browser, scene: Scene): Move | undefined {
    const chance = this.#chance;
    const { owner, signInId: id } = browser;
    if (owner === undefined || id === undefined) return undefined;
    const label = `${browser.name} for ${owner.username}: ${scene.scene}`;
    const visitor = browser.visitor();
    switch (scene.scene) {
      case 'password': {
        const typed = chance.happens(0.85) ? owner.password : 'wrong';
        const { username } = owner;
        const run = (ports: Ports) => givePassword(ports, visitor, id, { username, password: typed });
        return { label: `${label} ${typed === 'wrong' ? typed : 'right'}`, typed, run };
      }
      case 'code': {
        if (scene.standing === 'dead')
          return { label: `${label} again`, run: (ports) => retryMethod(ports, visitor, id) };
        if (chance.happens(0.2) && scene.others.length > 0) {
          const other = chance.pick(scene.others).id;
          return { label: `${label} other`, run: (ports) => pickMethod(ports, visitor, id, other) };
        }
        const typed = this.#codeFor(actor, owner, scene.method.kind);
        return {
          label: `${label} ${typed}`,
          typed,
          code: typed,
          run: (ports) => giveCode(ports, visitor, id, typed),
        };
      }
      case 'set-up-totp': {
        if (scene.isDead)
          return { label: `${label} anew`, run: (ports) => renewEnrollment(ports, visitor, id) };
        const newKey = decodeBase32(scene.keyText);
        if (newKey === undefined) throw new Error('a page shows a key that is none');
        const typed = chance.happens(0.8) ? codeAt(newKey, this.#clock.nowMs) : '000000';
        return {
          label: `${label} ${typed}`,
          typed,
          newKey,
          run: (ports) => proveTotp(ports, visitor, id, typed),
        };
      }
      case 'backup':
        if (chance.happens(0.4))
          return { label: `${label} kept`, run: (ports) => confirmBackup(ports, visitor, id) };
        return { label: `${label} shown`, run: (ports) => this.#takePaper(ports, browser, owner, id) };
      case 'continue':
        return { label, run: (ports) => fetchSession(ports, visitor, id) };
      case 'done':
        return { label: `${label}, out`, run: (ports) => leave(ports, browser) };
      case 'change-password':
      case 'no-method-left':
      case 'over':
        browser.signInId = undefined;
        return undefined;
    }
  }

  #codeFor(actor: Actor, owner: Owner, kind: string): string {
    const chance = this.#chance;
    const guess = String(chance.below(1_000_000)).padStart(6, '0');
    if (actor.isAttacker) {
      if (this.#overheard.length > 0 && chance.happens(0.6)) return chance.pick(this.#overheard.slice(-6));
      return kind === 'recovery-code' ? 'A0-0000-0000-0000-0000' : guess;
    }
    const isRight = chance.happens(0.8);
    const paper = chance.happens(0.2) ? owner.paper[0] : owner.paper.shift();
    if (kind === 'recovery-code') return (isRight ? paper : undefined) ?? 'A0-0000-0000-0000-0000';
    if (!isRight || owner.key === undefined) return guess;
    const code = codeAt(owner.key, this.#clock.nowMs, chance.pick([-1, 0, 0, 0, 1]));
    this.#overheard.push(code);
    return code;
  }

  async #takePaper(ports: Ports, browser: Browser, owner: Owner, id: string): Promise<unknown> {
    const number = this.#actions;
    const issued = await issueRecoveryCodes(ports, browser.visitor(), id);
    // Of sets that were made at the same moment the one that was bound last counts.
    if (issued.outcome === 'issued' && owner.paperFrom === number) owner.paper = [...issued.codes];
    return issued;
  }

  /** Starts a request; it goes on as the schedule lets it. */
  #start(label: string, browser: Browser, about: Partial<Pick<Action, 'typed' | 'newKey'>>, run: Run): void {
    this.#actions += 1;
    const action: Action = {
      ...{
        number: this.#actions,
        label: `#${this.#actions} ${label}`,
        counted: 0,
        compared: 0,
        lastCompared: undefined,
      },
      browserKey: browser.key === undefined ? undefined : hex(hashOfToken(browser.key)),
      ...{ typed: about.typed, newKey: about.newKey, isAttack: browser.name.startsWith('thief') },
      applied: new Set(),
    };
    this.#running += 1;
    this.#tell(action.label);
    run(this.#portsOf(action)).then(
      (result) => this.#ended(action, browser, result),
      (error: unknown) => this.#failed(action, error),
    );
  }

  #ended(action: Action, browser: Browser, result: unknown): void {
    this.#running -= 1;
    const { outcome = 'done', sessionToken, reason } = (result ?? {}) as Told;
    this.#tell(`  = #${action.number} ${outcome} ${reason ?? ''}`);
    if (typeof sessionToken === 'string') {
      browser.sessionToken = sessionToken;
      this.#signIns += 1;
    }
    try {
      this.#watch.answered(action, outcome);
    } catch (error) {
      this.#failure ??= error;
    }
  }

  #failed(action: Action, error: unknown): void {
    this.#running -= 1;
    const code = error instanceof SecondringError ? error.code : undefined;
    this.#tell(`  = #${action.number} fault ${code}`);
    const isExpected = isOver(code) || code === 'store-unavailable' || code === 'busy';
    if (!isExpected) this.#failure ??= error;
  }

  /** The ports as one action has them: every use of the store waits for its turn, and the watch sees it. */
  #portsOf(action: Action): Ports {
    const { store, slowHash } = this.#ports;
    const request = <Value>(name: string, isCommit: boolean, run: () => Promise<Value>) =>
      this.#schedule.request(`#${action.number} ${name}`, isCommit, run);
    const watched = async (changes: readonly Change[]) => {
      const committed = await store.commit(changes);
      if (committed.committed) this.#applied(action, changes);
      return committed;
    };
    const scheduled = new Proxy(store, {
      get: (target, name: keyof Store) => {
        if (name === 'commit') {
          return (changes: readonly Change[]) =>
            request(`commits ${changes.map(({ change }) => change).join(' ')}`, true, () => watched(changes));
        }
        if (name === 'challenge') {
          return async (id: string) => {
            const view = await request(name, false, () => store.challenge(id));
            if (view === undefined) return undefined;
            const openTotp = () => {
              this.#compares(action, view.challenge.accountId);
              return view.openTotp();
            };
            return { ...view, openTotp };
          };
        }
        return (...values: unknown[]) =>
          request(name, false, () => (target[name] as (...all: unknown[]) => Promise<unknown>)(...values));
      },
    });
    const compared: SlowHash = {
      ...slowHash,
      verify: (...given) => {
        this.#compares(action, undefined, given[0]);
        return slowHash.verify(...given);
      },
      verifyNothing: (...given) => {
        this.#compares(action, undefined, given[0]);
        return slowHash.verifyNothing(...given);
      },
    };
    return { ...this.#ports, store: scheduled, slowHash: compared };
  }

  #compares(action: Action, accountId: string | undefined, secret?: string): void {
    try {
      this.#watch.compares(action, accountId, secret);
    } catch (error) {
      this.#failure ??= error;
    }
  }

  #applied(action: Action, changes: readonly Change[]): void {
    try {
      this.#watch.applied(action, changes);
    } catch (error) {
      this.#failure ??= error;
    }
  }

  /** Two days later, with nothing broken, whoever has what it takes gets in. */
  async #expectWelcome(owner: Owner): Promise<void> {
    this.#clock.nowMs += 48 * hour;
    const browser = new Browser(`${owner.username} at last`);
    browser.owner = owner;
    if (owner.isTaken) return;
    const person = { name: browser.name, isAttacker: false, goesFor: [owner], browsers: [browser] };
    for (let questions = 0; questions < mostQuestions; questions += 1) {
      const scene = await look(this.#ports, browser);
      if (scene?.scene === 'done' || scene?.scene === 'no-method-left') return;
      if (scene?.scene === 'code' && scene.standing === 'locked') return;
      if (scene === undefined) this.#begin(person, browser);
      else await this.#answer(person, browser, scene);
      await this.#calm();
      this.#clock.nowMs += minute;
    }
    throw new Error(`${owner.username} does not get in any more`);
  }

  async #answer(person: Actor, browser: Browser, scene: Scene): Promise<void> {
    const { owner, signInId: id = '' } = browser;
    if (owner === undefined) return;
    if (scene.scene === 'code' && scene.method.kind === 'totp' && owner.key !== undefined) {
      const typed = codeAt(owner.key, this.#clock.nowMs);
      const { standing } = scene;
      if (typeof standing === 'object') throw new Error(`${owner.username} waits until ${standing.untilMs}`);
      this.#start(`${browser.name}: ${typed}`, browser, { typed }, (ports) =>
        giveCode(ports, browser.visitor(), id, typed),
      );
      return;
    }
    if (scene.scene === 'password') {
      const typed = owner.password;
      this.#start(`${browser.name}: password`, browser, { typed }, (ports) =>
        givePassword(ports, browser.visitor(), id, { username: owner.username, password: typed }),
      );
      return;
    }
    if (scene.scene === 'backup' && owner.paper.length > 0) {
      this.#start(`${browser.name}: kept`, browser, {}, (ports) =>
        confirmBackup(ports, browser.visitor(), id),
      );
      return;
    }
    if (scene.scene === 'backup') {
      this.#start(`${browser.name}: paper`, browser, {}, (ports) =>
        this.#takePaper(ports, browser, owner, id),
      );
      return;
    }
    const move = this.#moveOf(person, browser, scene);
    if (move !== undefined) this.#start(move.label, browser, move, move.run);
  }
}

type Run = (ports: Ports) => Promise<unknown>;

interface Move {
  readonly label: string;
  readonly typed?: string;
  /** What others can see and type over. */
  readonly code?: string;
  readonly newKey?: Uint8Array;
  readonly run: Run;
}

interface Told {
  readonly outcome?: string;
  readonly sessionToken?: unknown;
  readonly reason?: unknown;
}

/** The scene that a browser has before it; undefined when there is none. */
async function look(ports: Ports, browser: Browser): Promise<Scene | undefined> {
  if (browser.signInId === undefined) return undefined;
  try {
    const view = await loadSignIn(ports, browser.visitor(), browser.signInId);
    return await lookAt(ports, browser.visitor(), view, 'Simulated');
  } catch (error) {
    const code = error instanceof SecondringError ? error.code : undefined;
    if (!isOver(code)) throw error;
    browser.signInId = undefined;
    return undefined;
  }
}

/** Whether a fault says that a sign-in is not there any more: one begins again. */
function isOver(code: string | undefined): boolean {
  return code === 'sign-in-unknown' || code === 'sign-in-expired' || code === 'set-up-expired';
}

async function leave(ports: Ports, browser: Browser): Promise<void> {
  const session = await sessionOf(ports, browser.visitor());
  if (session !== undefined) await signOut(ports, session, browser.visitor());
  browser.signInId = undefined;
}

async function removeExpired({ store, nowMs }: Ports): Promise<void> {
  if (await store.hasExpired(nowMs())) await store.commit([{ change: 'expired.remove', nowMs: nowMs() }]);
}

const ignore = () => undefined;
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Hashing is not what is tried here. */
const quickHash: SlowHash = {
  ensureRoom: () => undefined,
  hash: async (secret) => quick(secret),
  verify: async (secret, stored) => quick(secret) === stored,
  verifyNothing: async () => false,
};

function quick(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
