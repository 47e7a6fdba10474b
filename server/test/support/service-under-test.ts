// The real service for tests that come in from outside: every layer as in production, on an engine of the caller's
// choice and a port of the kernel's. Only what a test has to hold in its hand is its own: the clock of the whole
// process, the waiting, the log, what hashing costs, and a look into the tables from behind.

import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, mock } from 'node:test';
import { setTimeout as sleepFor } from 'node:timers/promises';
import pg from 'pg';
import pino from 'pino';
import { readConfiguration } from '#config/configuration.ts';
import type { Letter } from '#core/letter.ts';
import type { Log, Mailer, Ports, SlowHash, Store } from '#core/ports.ts';
import { createSlowHash } from '#custody/slow-hash.ts';
import { createAccount, createApplication, createCompany, createProvider } from '#flows/arrange.ts';
import { openPorts, type Service, startService } from '../../src/service.ts';
import { type Engine, engines, freshPostgresDatabase, postgresUrl, temporaryFolder } from './each-engine.ts';
import { makeStaffRole, type StaffRole } from './staff-role.ts';

/** Five seconds into a step of authenticator apps, so that a test can say when the next one begins. */
const beginning = Date.UTC(2031, 4, 5, 12, 0, 5);
const portTries = 5;
const shownOfRow = 300;
const second = 1000;
/** Length of a step of authenticator apps. */
export const stepMs = 30 * second;

export const password = 'Nine horses, 4 staples & a battery';

/** What stands for a row in comparisons and searches. */
type Row = Readonly<Record<string, unknown>>;

export interface Clock {
  nowMs(): number;
  /** Time is the whole process's: the OIDC library and the panels of a test live in it, too. */
  advance(ms: number): void;
  set(nowMs: number): void;
  /** To the beginning of the next step of authenticator apps. */
  toNextStep(): void;
}

export interface Options {
  /** Puts something between the flows and the store: a fault, a pause. */
  readonly wrapStore?: (store: Store) => Store;
  /** The provider has set up no mail. */
  readonly hasNoMail?: boolean;
  /** Hashing as in production; without it hashing is quick, and only counted. */
  readonly hashesSlowly?: boolean;
}

export interface ServiceUnderTest {
  readonly engine: Engine;
  readonly origin: string;
  readonly clock: Clock;
  readonly companyId: string;
  readonly masterKey: string;
  /** How long the service wanted to wait, each time; nothing really waited. */
  readonly sleeps: readonly number[];
  /** Every line of the log, at level debug. */
  readonly logLines: readonly string[];
  readonly ports: Ports;
  /** What was mailed, in the order in which it was. */
  readonly letters: readonly Letter[];
  /** Resolves with the first letter to an address that is at this place or after it, once it was mailed. */
  letterTo(address: string, from?: number): Promise<Letter>;
  /** Resolves when nothing waits to be delivered. */
  outboxEmptied(): Promise<void>;
  /** What is to be done later, unless it is called off. */
  pending(): readonly { readonly ms: number; readonly work: () => void }[];
  /** How many passwords and recovery codes were compared, whether there was one to compare with or not. */
  comparisons(): number;
  /** Begins what the service does every second; by itself it would come between two looks at the tables. */
  secondPasses(): void;
  addAccount(username: string, fields?: { readonly mustChangePassword?: boolean }): Promise<string>;
  addApplication(
    application: Pick<
      Parameters<typeof createApplication>[1],
      'clientId' | 'secondFactor' | 'backchannelLogoutUri'
    > & {
      readonly url: string;
    },
  ): Promise<{ readonly id: string; readonly clientSecret: string }>;
  /** As Prometheus reads them. */
  figures(): Promise<string>;
  rows(sql: string): Promise<readonly Row[]>;
  /** Writes behind the service's back: states that no page leads to yet, and what only an operator may do. */
  write(sql: string): Promise<void>;
  /** Each table as text, row by row; two of them are compared to say that nothing has changed. */
  tables(): Promise<Readonly<Record<string, readonly string[]>>>;
  /** The files of the database (SQLite), as they are on disk. */
  files(): readonly Buffer[];
  /** Ends the process's part and starts it again on the same database, key and port. */
  restart(): Promise<void>;
  /** What a job of the service does every half minute. */
  refreshSigningKeys(): Promise<void>;
  readonly databaseUrl: string;
  /** The same on another database; the tables that are looked at stay those of the first one. */
  moveTo(databaseUrl: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A group of tests on each engine, with one service for all of them: each makes its own people.
 * @param declare declares the tests; what it is given gives them the service once they run
 */
export function onEachEngine(
  name: string,
  declare: (running: () => ServiceUnderTest) => void,
  options: Options = {},
): void {
  for (const engine of engines) {
    describe(`${name}, on ${engine}`, () => {
      let service: ServiceUnderTest | undefined;
      before(async () => {
        service = await startServiceUnderTest(engine, options);
      });
      after(() => service?.close());
      declare(() => {
        if (service === undefined) throw new Error('the service did not start');
        return service;
      });
    });
  }
}

/** Starts the service with a provider and a company. */
async function startServiceUnderTest(engine: Engine, options: Options = {}): Promise<ServiceUnderTest> {
  const clock = takeOverTime();
  const folder = temporaryFolder();
  const sqlite = join(folder.path, 'secondring.db');
  const postgres = engine === 'postgres' ? await freshPostgresDatabase() : undefined;
  const masterKey = randomBytes(32).toString('base64');
  const sleeps: number[] = [];
  const logLines: string[] = [];
  const post = postOffice();
  const hashing = counted(options.hashesSlowly ? slowHashing() : quickHashing());
  const outside = {
    nowMs: clock.nowMs,
    slowHash: hashing.slowHash,
    log: recordingLog(logLines),
    sleep: async (ms: number) => void sleeps.push(ms),
    ...(options.hasNoMail !== true && { mailer: post.mailer }),
  };
  let databaseUrl = postgres?.url ?? `sqlite:${sqlite}`;
  let everySecond: () => void = () => undefined;
  const every = (_ms: number, work: () => void) => {
    everySecond = work;
    return () => undefined;
  };
  let staffRole: StaffRole | undefined;
  const later: StaffLater = { begun: [] };
  const open = async (port: number): Promise<Service> => {
    const configure = () =>
      readConfiguration({
        environment: {
          SECONDRING_PUBLIC_URL: `http://localhost:${port}`,
          SECONDRING_LISTEN: `127.0.0.1:${port}`,
          SECONDRING_DATABASE_URL: databaseUrl,
          SECONDRING_DATA: folder.path,
          SECONDRING_MASTER_KEY: masterKey,
          SECONDRING_LOG_LEVEL: 'debug',
          // The role is of the database that was there first; one that the service moves to has none.
          ...(staffRole && databaseUrl === postgres?.url && { SECONDRING_STAFF_DATABASE_URL: staffRole.url }),
        },
        readFile: () => '',
      });
    const ports = await openPorts(configure(), outside);
    if ((await ports.store.providerName()) === undefined) await createProvider(ports, 'Test Telecom');
    const wrapped = { ...ports, store: options.wrapStore?.(ports.store) ?? ports.store };
    // As an operator does: the role is made once the tables are there, and named at the next start.
    if (postgres !== undefined) staffRole ??= await makeStaffRole(postgres.url);
    return startService(configure(), wrapped, { every, later: laterByHand(later) }).catch(
      async (error: unknown) => {
        await ports.store.close();
        throw error;
      },
    );
  };
  let service = await onFreePort(open);
  const companyId = await createCompany(service.ports, {
    name: 'Bakkerij Proef',
    authenticatorAppsPerAccount: 2,
  });
  const database = postgres ? await behindPostgres(postgres.url) : behindSqlite(sqlite);

  const restart = async () => {
    await service.close();
    service = await open(service.address.port);
  };

  return {
    engine,
    clock,
    companyId,
    masterKey,
    sleeps,
    logLines,
    origin: service.publicUrl,
    get ports() {
      return service.ports;
    },
    pending: () => later.begun,
    comparisons: hashing.comparisons,
    secondPasses: () => everySecond(),
    letters: post.letters,
    letterTo: post.letterTo,
    async outboxEmptied() {
      while ((await database.rows('select id from outbox')).length > 0) await sleepFor(5);
    },
    addAccount: (username, fields = {}) =>
      createAccount(service.ports, { companyId, username, password, address: username, ...fields }),
    addApplication: ({ url, ...application }) =>
      createApplication(service.ports, {
        ...application,
        name: `Panel ${application.clientId}`,
        redirectUris: [`${url}/callback`],
        postLogoutRedirectUris: [`${url}/signed-out`],
        homeUrl: `${url}/`,
      }),
    figures: () => service.figures(),
    rows: database.rows,
    write: async (sql) => void (await database.rows(sql)),
    async tables() {
      const names = (await database.rows(database.tableNames)).map((row) => String(row['name']));
      const read = async (name: string) =>
        [name, (await database.rows(`select * from ${name}`)).map(textOf).toSorted()] as const;
      const found = [];
      for (const name of names.toSorted()) found.push(await read(name));
      return Object.fromEntries(found);
    },
    files: () => (engine === 'postgres' ? [] : ['', '-wal'].map((end) => readFileSync(`${sqlite}${end}`))),
    restart,
    refreshSigningKeys: () => service.refreshSigningKeys(),
    databaseUrl,
    async moveTo(url) {
      databaseUrl = url;
      await restart();
    },
    async close() {
      await service.close();
      await database.close();
      await postgres?.drop();
      await staffRole?.drop(postgresUrl ?? '');
      folder.remove();
      mock.timers.reset();
    },
  };
}

/** Takes letters, and tells who waits for one. */
function postOffice() {
  const letters: Letter[] = [];
  const arrived = new EventEmitter();
  arrived.setMaxListeners(0);
  const mailer: Mailer = {
    async send(letter) {
      letters.push(letter);
      arrived.emit('letter');
      return 'delivered';
    },
  };
  const letterTo = async (address: string, from = 0): Promise<Letter> => {
    for (;;) {
      const found = letters.slice(from).find((letter) => letter.address === address);
      if (found !== undefined) return found;
      await once(arrived, 'letter');
    }
  };
  return { letters, mailer, letterTo };
}

/** Which rows came, went or changed since the tables were read, shortened for people. */
export async function changesSince(
  service: ServiceUnderTest,
  before: Readonly<Record<string, readonly string[]>>,
): Promise<readonly string[]> {
  const changes: string[] = [];
  for (const [table, rows] of Object.entries(await service.tables())) {
    const [old, now] = [new Set(before[table]), new Set(rows)];
    changes.push(...[...now.difference(old)].map((row) => `+ ${table} ${row}`.slice(0, shownOfRow)));
    changes.push(...[...old.difference(now)].map((row) => `- ${table} ${row}`.slice(0, shownOfRow)));
  }
  return changes;
}

/** What the service wants done later, in the hand of the test. */
interface StaffLater {
  begun: { readonly ms: number; readonly work: () => void }[];
}

function laterByHand(later: StaffLater) {
  return (ms: number, work: () => void) => {
    const one = { ms, work };
    later.begun.push(one);
    return () => {
      later.begun = later.begun.filter((other) => other !== one);
    };
  };
}

function takeOverTime(): Clock {
  mock.timers.enable({ apis: ['Date'], now: beginning });
  const set = (nowMs: number) => mock.timers.setTime(nowMs);
  return {
    nowMs: () => Date.now(),
    advance: (ms) => set(Date.now() + ms),
    set,
    toNextStep: () => set((Math.floor(Date.now() / stepMs) + 1) * stepMs),
  };
}

/** Between asking the kernel for a free port and using it, another program may take it: then try the next. */
async function onFreePort(open: (port: number) => Promise<Service>): Promise<Service> {
  for (let tries = 1; ; tries += 1) {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const address = probe.address();
    probe.close();
    await once(probe, 'close');
    if (address === null || typeof address === 'string') throw new Error('no port');
    try {
      return await open(address.port);
    } catch (error) {
      const isTaken = ((error as Error).cause as { code?: unknown } | undefined)?.code === 'EADDRINUSE';
      if (!isTaken || tries === portTries) throw error;
    }
  }
}

function recordingLog(lines: string[]): Log {
  return pino({ level: 'debug', base: null }, { write: (line: string) => void lines.push(line) });
}

function counted(slowHash: SlowHash): { readonly slowHash: SlowHash; readonly comparisons: () => number } {
  let comparisons = 0;
  return {
    comparisons: () => comparisons,
    slowHash: {
      ensureRoom: (network) => slowHash.ensureRoom(network),
      hash: (secret) => slowHash.hash(secret),
      verify(secret, stored, network) {
        comparisons += 1;
        return slowHash.verify(secret, stored, network);
      },
      verifyNothing(secret, network) {
        comparisons += 1;
        return slowHash.verifyNothing(secret, network);
      },
    },
  };
}

function slowHashing(): SlowHash {
  return createSlowHash({ places: 2, waitingLimit: 200 });
}

/** No protection at all: one SHA-256 with a salt, for tests in which hashing is not what is tried. */
function quickHashing(): SlowHash {
  const hashed = (salt: string, secret: string) =>
    `quick$${salt}$${createHash('sha256').update(salt).update(secret).digest('hex')}`;
  return {
    ensureRoom: () => undefined,
    hash: async (secret) => hashed(randomBytes(8).toString('hex'), secret),
    verify: async (secret, stored) => hashed(stored.split('$')[1] ?? '', secret) === stored,
    verifyNothing: async () => false,
  };
}

interface Behind {
  readonly tableNames: string;
  readonly rows: (sql: string) => Promise<readonly Row[]>;
  readonly close: () => Promise<void>;
}

function behindSqlite(path: string): Behind {
  const database = new DatabaseSync(path, { timeout: 5 * second });
  return {
    tableNames: `select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`,
    rows: async (sql) => database.prepare(sql).all() as Row[],
    close: async () => database.close(),
  };
}

async function behindPostgres(url: string): Promise<Behind> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    tableNames: `select table_name as name from information_schema.tables where table_schema = 'public'`,
    rows: async (sql) => (await client.query(sql)).rows,
    close: () => client.end(),
  };
}

function textOf(row: Row): string {
  const plain = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  ]);
  return JSON.stringify(Object.fromEntries(plain));
}
