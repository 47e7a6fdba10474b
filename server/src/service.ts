// The composition of the service, seen by every command, test and bench: it opens what is outside (store, keys, clock, hashing,
// log), gives it to the flows as ports, and listens.

import { randomBytes, randomFillSync } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleepFor } from 'node:timers/promises';
import pino from 'pino';
import { createMailer } from '#channels/mail/mailer.ts';
import type { Configuration } from '#config/configuration.ts';
import { SecondringError } from '#core/errors.ts';
import type { Deliverers, Log, Ports, StoreHealth } from '#core/ports.ts';
import { commonPasswords } from '#custody/common-passwords.ts';
import { loadMasterKey } from '#custody/master-key-file.ts';
import { createSlowHash } from '#custody/slow-hash.ts';
import { answerRequests } from '#flows/forget-password.ts';
import { findPanelsToTell } from '#flows/tell-panels.ts';
import { createDoor } from '#http/door.ts';
import { createListener, type Listener } from '#http/listener.ts';
import type { Route } from '#http/route.ts';
import { startExpiry } from '#jobs/expiry.ts';
import { startOutbox } from '#jobs/outbox.ts';
import { type Every, startSequencer } from '#jobs/sequencer.ts';
import { startSigningKeyWatch } from '#jobs/signing-keys.ts';
import { createServiceFigures } from '#operation/figures-of-service.ts';
import { createReadiness } from '#operation/readiness.ts';
import { type OpenedStore, openStore } from '#store/open-store.ts';
import { checkStaffRole } from '#store/staff-role.ts';
import { arrangeStaffProcess, type StaffOutside } from './staff-arrangement.ts';

/** Hashes that may wait for a place; beyond it a sign-in is answered 503. About two seconds' worth on two cores. */
const hashesWaiting = 200;
/** Answers to floods of wrong passwords that may be held back at a time. */
const answersDelayed = 2000;
const randomPoolBytes = 4096;
/** Who asks whether this process is ready gets so long to hear that it no longer is, and to send people elsewhere. */
const farewellMs = 5000;
const standardOutput = 1;
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
const maximumHeaderBytes = 16 * 1024;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

export interface Service {
  readonly publicUrl: string;
  readonly ports: Ports;
  /** The address that is listened on. */
  readonly address: AddressInfo;
  /** What a job does every half minute. */
  readonly refreshSigningKeys: () => Promise<void>;
  readonly version: string;
  /** As it was at the start. */
  readonly health: StoreHealth;
  /** The figures, as Prometheus reads them. */
  figures(): Promise<string>;
  /** Says that it is not ready, finishes what is being answered, then closes the store. */
  close(): Promise<void>;
}

/** Everything outside that a service can be given otherwise: a clock and the like, by tests and the bench. */
export type Outside = Partial<Pick<Ports, 'nowMs' | 'random' | 'sleep' | 'slowHash' | 'log' | 'mailer'>>;

/** Opens the store of a configuration: its schema brought up to date, its master key checked. */
export function openConfiguredStore(configuration: Configuration, nowMs: () => number): Promise<OpenedStore> {
  return openStore({
    databaseUrl: configuration.databaseUrl,
    nowMs,
    loadKeys: ({ empty, embedded }) =>
      loadMasterKey({
        value: configuration.masterKey,
        filePath: configuration.masterKeyFile,
        storeIsEmpty: empty,
        mayCreate: embedded,
      }),
  });
}

/** Opens the ports of a configuration, without listening. */
export async function openPorts(configuration: Configuration, outside: Outside = {}): Promise<Ports> {
  const nowMs = outside.nowMs ?? Date.now;
  const log = outside.log ?? createLog(configuration);
  const opened = await openConfiguredStore(configuration, nowMs);
  if (opened.migrated.length > 0)
    log.info({ migrations: opened.migrated }, 'the schema was brought up to date');
  if (opened.masterKeySource === 'created') {
    log.warn(
      { file: configuration.masterKeyFile },
      'a master key was made: keep a copy of it in a safe place',
    );
  }
  const { store } = opened;
  const { smtpUrl, mailFrom: from, publicUrl } = configuration;
  const providerName = async () => (await store.providerName()) ?? 'Secondring';
  return {
    store,
    peppers: store,
    commonPasswords,
    mailer:
      outside.mailer ??
      (smtpUrl === undefined ? undefined : createMailer({ smtpUrl, from, publicUrl, providerName })),
    slowHash:
      outside.slowHash ?? createSlowHash({ places: availableParallelism(), waitingLimit: hashesWaiting }),
    log,
    nowMs,
    random: outside.random ?? createRandomPool(),
    sleep: outside.sleep ?? createBoundedSleep(),
  };
}

/** What a service can be given besides. */
export interface Additions extends StaffOutside {
  /** The timer of what is done every second; in tests, virtual. */
  readonly every?: Every;
  /** Routes beside the service's own, under the same checks. */
  readonly more?: readonly Route[];
}

/**
 * Starts the service. What the ports hold open is closed when that fails.
 * @throws SecondringError `configuration-invalid` when the address is taken
 */
export async function startService(
  configuration: Configuration,
  ports: Ports,
  additions: Additions = {},
): Promise<Service> {
  try {
    return await listen(configuration, ports, additions);
  } catch (error) {
    await ports.store.close();
    throw error;
  }
}

async function listen(
  configuration: Configuration,
  ports: Ports,
  { every, more = [], ...timers }: Additions,
): Promise<Service> {
  const { publicUrl, trustedProxies, supportPhone, listen: target } = configuration;
  const providerName = (await ports.store.providerName()) ?? 'Secondring';
  if (configuration.staffDatabaseUrl !== undefined) await checkStaffRole(configuration.staffDatabaseUrl);
  const health = await ports.store.health();
  const { nowMs, log } = ports;
  const readiness = createReadiness({
    look: () => ports.store.health(),
    nowMs,
    elapsedMs: () => performance.now(),
    log,
  });
  const server = createServer({
    maxHeaderSize: maximumHeaderBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
  });
  const door = createDoor(server);
  const { engine } = health;
  const measured = createServiceFigures(ports, { version, engine, requestsRunning: door.running });
  const staff = arrangeStaffProcess(configuration, measured.ports, timers);
  const { listener, refreshSigningKeys, tellPanel } = await createListener({
    ports: measured.ports,
    staff,
    publicUrl,
    providerName,
    supportPhone,
    trustedProxies,
    more,
    askReadiness: readiness.ask,
    onAnswered(answered) {
      measured.answered(answered);
      log.debug({ ...answered, durationMs: Math.round(answered.durationMs) }, 'answered');
    },
  });
  server.on('request', (request, response) => {
    door.enter(response);
    listener(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(target, error)));
    server.listen(target.port, target.host, resolve);
  });
  const stopExpiry = startExpiry(measured.ports);
  const stopKeyWatch = startSigningKeyWatch(refreshSigningKeys, log);
  const stopSequencer = startSequencer(measured.ports, `${new URL(publicUrl).host}/audit`, every);
  const outbox = startOutbox(measured.ports, deliverersOf(measured.ports, tellPanel));
  return {
    publicUrl,
    ports: measured.ports,
    refreshSigningKeys,
    address: server.address() as AddressInfo,
    version,
    health,
    figures: () => measured.text(readiness),
    async close() {
      stopExpiry();
      stopKeyWatch();
      if (readiness.stop()) await sleepFor(farewellMs);
      await door.close();
      await staff.close();
      await outbox.stop();
      await stopSequencer();
      measured.stop();
      await ports.store.close();
    },
  };
}

/** Who delivers each kind of what leaves the house. */
function deliverersOf(ports: Ports, tellPanel: Listener['tellPanel']): Deliverers {
  return {
    mail: async ({ id, payload }) => {
      if (ports.mailer === undefined) throw new Error('mail is not set up any more');
      return ports.mailer.send(payload, id);
    },
    'password-reset': answerRequests(ports),
    'sessions-ended': findPanelsToTell(ports),
    'back-channel-logout': tellPanel,
  };
}

function cannotListen({ host, port }: Configuration['listen'], cause: Error): SecondringError {
  return new SecondringError('configuration-invalid', `Cannot listen on ${host}:${port}.`, {
    cause,
    hint: 'Stop what listens there, or choose another address with SECONDRING_LISTEN or PORT.',
  });
}

/** Waiting for answers that are made to come late; who comes when too many wait already is asked to come back. */
function createBoundedSleep(): Ports['sleep'] {
  let sleeping = 0;
  return async (ms) => {
    if (sleeping >= answersDelayed) {
      throw new SecondringError('busy', 'Too many answers are being delayed.', { retryAfterSeconds: 5 });
    }
    sleeping += 1;
    await sleepFor(ms).finally(() => {
      sleeping -= 1;
    });
  };
}

/** Random bytes from a pool: many identifiers are made a request, and asking the system for each costs more. */
function createRandomPool(): Ports['random'] {
  const pool = Buffer.alloc(randomPoolBytes);
  let taken = pool.length;
  return (length) => {
    if (length > pool.length) return randomBytes(length);
    if (taken + length > pool.length) {
      randomFillSync(pool);
      taken = 0;
    }
    const bytes = Buffer.from(pool.subarray(taken, taken + length));
    pool.fill(0, taken, taken + length);
    taken += length;
    return bytes;
  };
}

function createLog({ logLevel }: Configuration): Log {
  return pino(
    { level: logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: writeLine },
  );
}

/** Writes to the standard output. A log without room or without a reader costs its lines, and never the service. */
function writeLine(line: string): void {
  const bytes = Buffer.from(line);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(standardOutput, bytes, written);
  } catch {
    // There is nowhere to say it.
  }
}
