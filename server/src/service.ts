// The composition of the service, seen by every command, test and bench: it opens what is outside (store, keys, clock, hashing,
// log), gives it to the flows as ports, and listens.

import { randomBytes, randomFillSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleepFor } from 'node:timers/promises';
import pino from 'pino';
import type { Configuration } from '#config/configuration.ts';
import { SecondringError } from '#core/errors.ts';
import type { Log, Ports } from '#core/ports.ts';
import { loadMasterKey } from '#custody/master-key-file.ts';
import { createSlowHash } from '#custody/slow-hash.ts';
import { createListener } from '#http/listener.ts';
import { startExpiry } from '#jobs/expiry.ts';
import { startSigningKeyWatch } from '#jobs/signing-keys.ts';
import { type OpenedStore, openStore } from '#store/open-store.ts';

/** Hashes that may wait for a place; beyond it a sign-in is answered 503. About two seconds' worth on two cores. */
const hashesWaiting = 200;
/** Answers to floods of wrong passwords that may be held back at a time. */
const answersDelayed = 2000;
const randomPoolBytes = 4096;
/** What is not answered by then is cut off. */
const closeTimeoutMs = 10_000;
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
const maximumHeaderBytes = 16 * 1024;

export interface Service {
  readonly publicUrl: string;
  readonly ports: Ports;
  /** The address that is listened on. */
  readonly address: AddressInfo;
  /** What a job does every half minute. */
  readonly refreshSigningKeys: () => Promise<void>;
  /** Finishes what is being answered, then closes the store. */
  close(): Promise<void>;
}

/** Everything outside that a service can be given otherwise: a clock and the like, by tests and the bench. */
export type Outside = Partial<Pick<Ports, 'nowMs' | 'random' | 'sleep' | 'slowHash' | 'log'>>;

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
  return {
    store: opened.store,
    peppers: opened.store,
    slowHash:
      outside.slowHash ?? createSlowHash({ places: availableParallelism(), waitingLimit: hashesWaiting }),
    log,
    nowMs,
    random: outside.random ?? createRandomPool(),
    sleep: outside.sleep ?? createBoundedSleep(),
  };
}

/**
 * Starts the service. What the ports hold open is closed when that fails.
 * @throws SecondringError `configuration-invalid` when the address is taken
 */
export async function startService(configuration: Configuration, ports: Ports): Promise<Service> {
  try {
    return await listen(configuration, ports);
  } catch (error) {
    await ports.store.close();
    throw error;
  }
}

async function listen(configuration: Configuration, ports: Ports): Promise<Service> {
  const { publicUrl, trustedProxies, listen: target } = configuration;
  const providerName = (await ports.store.providerName()) ?? 'Secondring';
  const { listener, refreshSigningKeys } = await createListener({
    ...{ ports, publicUrl, providerName, trustedProxies },
  });
  const server = createServer(
    { maxHeaderSize: maximumHeaderBytes, headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs },
    listener,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(target, error)));
    server.listen(target.port, target.host, resolve);
  });
  const stopExpiry = startExpiry(ports);
  const stopKeyWatch = startSigningKeyWatch(refreshSigningKeys, ports.log);
  return {
    publicUrl,
    ports,
    refreshSigningKeys,
    address: server.address() as AddressInfo,
    async close() {
      stopExpiry();
      stopKeyWatch();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const lastCall = setTimeout(() => server.closeAllConnections(), closeTimeoutMs);
      await closed;
      clearTimeout(lastCall);
      await ports.store.close();
    },
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
  return pino({ level: logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}
