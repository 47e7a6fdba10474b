// What a fault test begins with: a database with a company and people in it, some of whom have an authenticator app, an
// address that stays the same whichever process serves it, and a look at the tables from behind.

import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readConfiguration } from '#config/configuration.ts';
import type { Ports } from '#core/ports.ts';
import { createSlowHash } from '#custody/slow-hash.ts';
import { decodeBase32 } from '#factors/totp/base32.ts';
import { defaultTotpParameters, stepAt, totpCode } from '#factors/totp/totp.ts';
import { createAccount, createApplication, createCompany, createProvider } from '#flows/arrange.ts';
import { begin } from '#flows/begin-sign-in.ts';
import { proveTotp } from '#flows/enroll-totp.ts';
import { givePassword } from '#flows/give-password.ts';
import { confirmBackup, issueRecoveryCodes } from '#flows/issue-recovery-codes.ts';
import { loadSignIn } from '#flows/load-sign-in.ts';
import { lookAt } from '#flows/look-at-sign-in.ts';
import type { Visitor } from '#flows/visitor.ts';
import { openPorts } from '../../src/service.ts';
import { type Engine, freshPostgresDatabase, temporaryFolder } from '../support/each-engine.ts';
import { Person } from '../support/person.ts';
import { openRawDatabase, type RawDatabase } from '../support/raw-database.ts';
import { password } from '../support/service-under-test.ts';
import { openTcpFront, type TcpFront } from '../support/tcp-front.ts';

/** How far back an app may be that was set up with the people: its first code is one of long ago. */
const setUpAgoMs = 60 * 60 * 1000;

export interface FaultWorld {
  readonly engine: Engine;
  /** Where people go; `front.to` says which process answers. */
  readonly origin: string;
  readonly front: TcpFront;
  readonly databaseUrl: string;
  /** The folder of everything, the database's included where it is a file. */
  readonly folder: string;
  /** What every process of the service is started with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Looks into the tables from behind; nothing is held open, so that a start finds what a crash left. */
  look<Found>(work: (raw: RawDatabase) => Promise<Found>): Promise<Found>;
  /** People who never signed in. */
  readonly fresh: Person[];
  /** People with an authenticator app. */
  readonly enrolled: Person[];
  readonly panel: { readonly clientId: string; readonly clientSecret: string; readonly url: string };
  close(): Promise<void>;
}

export interface Population {
  readonly fresh: number;
  readonly enrolled: number;
  /** A database folder of the caller's, on a disk of its own. */
  readonly folder?: string;
  /** A PostgreSQL of the caller's own. */
  readonly postgresUrl?: string;
  /** The way to PostgreSQL, if it is not the direct one. */
  readonly through?: (databaseUrl: string) => Promise<string>;
  /** Where the clock of the people who are set up stands. */
  readonly nowMs?: () => number;
}

/** Makes a database, fills it and closes it again: what serves it is started by the test. */
export async function openFaultWorld(engine: Engine, population: Population): Promise<FaultWorld> {
  const folder = temporaryFolder();
  const postgres = engine === 'postgres' ? await freshPostgresDatabase(population.postgresUrl) : undefined;
  const direct = postgres?.url ?? `sqlite:${join(population.folder ?? folder.path, 'secondring.db')}`;
  const front = await openTcpFront();
  const origin = `http://localhost:${front.port}`;
  const environment = (databaseUrl: string) => ({
    SECONDRING_PUBLIC_URL: origin,
    SECONDRING_DATABASE_URL: databaseUrl,
    SECONDRING_DATA: folder.path,
    SECONDRING_MASTER_KEY: masterKey,
  });
  const masterKey = randomBytes(32).toString('base64');
  const nowMs = population.nowMs ?? Date.now;
  const clock = { nowMs, advance: noTime, set: noTime, toNextStep: noTime };
  const people = (names: readonly string[], ids: readonly string[]) =>
    names.map((name, place) => new Person({ origin, clock }, name, ids[place] ?? ''));
  try {
    const configuration = readConfiguration({ environment: environment(direct), readFile: () => '' });
    // Everybody has the same password, so that one slow hash serves all.
    const passwordHash = await createSlowHash({ places: 2, waitingLimit: 1 }).hash(password);
    const ports = await openPorts(configuration, {
      nowMs: () => nowMs() - setUpAgoMs,
      slowHash: oneHash(passwordHash),
      log: quiet,
    });
    const made = await populate(ports, population);
    await ports.store.close();
    const databaseUrl = (await population.through?.(direct)) ?? direct;
    const enrolled = people(made.enrolled.names, made.enrolled.ids);
    for (const [place, person] of enrolled.entries()) person.totpKey = made.keys[place];
    return {
      ...{ engine, origin, front, databaseUrl, folder: folder.path, enrolled, panel: made.panel },
      environment: environment(databaseUrl),
      fresh: people(made.fresh.names, made.fresh.ids),
      async look(work) {
        const raw = await openRawDatabase(direct);
        try {
          return await work(raw);
        } finally {
          await raw.close();
        }
      },
      async close() {
        await front.close();
        await postgres?.drop();
        folder.remove();
      },
    };
  } catch (error) {
    await front.close();
    await postgres?.drop();
    folder.remove();
    throw error;
  }
}

/** Faults are tried in real time. */
function noTime(): never {
  throw new Error('the clock of a process of its own cannot be moved from here');
}

const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore };
function ignore(): void {}

function oneHash(passwordHash: string): Ports['slowHash'] {
  return {
    ensureRoom: () => undefined,
    hash: async () => passwordHash,
    verify: async () => true,
    verifyNothing: async () => false,
  };
}

async function populate(ports: Ports, population: Population) {
  await createProvider(ports, 'Test Telecom');
  const companyId = await createCompany(ports, { name: 'Bakkerij Proef' });
  const url = 'http://localhost:9';
  const clientId = 'panel';
  const { clientSecret } = await createApplication(ports, {
    ...{ clientId, name: 'Panel', secondFactor: 'required', redirectUris: [`${url}/callback`] },
  });
  const make = async (kind: string, count: number) => {
    const names = Array.from({ length: count }, (_, place) => `${kind}-${place}@proef.test`);
    const ids = await Promise.all(
      names.map((username) => createAccount(ports, { companyId, username, password })),
    );
    return { names, ids };
  };
  const enrolled = await make('enrolled', population.enrolled);
  const fresh = await make('fresh', population.fresh);
  const keys = await Promise.all(enrolled.names.map((name) => setUp(ports, name)));
  return { enrolled, fresh, keys, panel: { clientId, clientSecret, url } };
}

/** Sets up an app for somebody the way they would, without a browser. Their paper is thrown away. */
async function setUp(ports: Ports, username: string): Promise<Uint8Array> {
  const address = createHash('sha256').update(username).digest('hex').slice(0, 8);
  const stranger: Visitor = {
    browserKey: undefined,
    sessionToken: undefined,
    address,
    userAgent: 'test',
    language: 'en',
  };
  const { signIn, browserKey } = await begin(ports, stranger, {});
  const visitor = { ...stranger, browserKey };
  await givePassword(ports, visitor, signIn.id, { username, password });
  const scene = await lookAt(ports, visitor, await loadSignIn(ports, visitor, signIn.id), 'Test');
  const key = scene.scene === 'set-up-totp' ? decodeBase32(scene.keyText) : undefined;
  if (key === undefined) throw new Error(`expected to set up an app, but came to ${scene.scene}`);
  const code = totpCode(key, stepAt(ports.nowMs(), defaultTotpParameters), defaultTotpParameters);
  await proveTotp(ports, visitor, signIn.id, code);
  await issueRecoveryCodes(ports, visitor, signIn.id);
  const { outcome } = await confirmBackup(ports, visitor, signIn.id);
  if (outcome !== 'advanced') throw new Error(`setting up ended in ${outcome}`);
  return key;
}
