// The floor: the least that Node can do for a sign-in. The same statements on the same engine with the same fsyncs,
// the same hashes, MACs and ciphers, for the same number of clients at a time, and nothing around them: no HTTP, no
// pages, no decisions. It is what our figures are a ratio of.

import { createDecipheriv, createHmac, createSecretKey, hash, randomBytes, randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { createSlowHash } from '#custody/slow-hash.ts';
import { migrate } from '#store/migrate.ts';
import * as authenticators from '#store/queries/authenticators.ts';
import * as custody from '#store/queries/custody.ts';
import * as people from '#store/queries/people.ts';
import * as sessions from '#store/queries/sessions.ts';
import * as signIns from '#store/queries/sign-ins.ts';
import { openSqlite } from '#store/sqlite.ts';
import { compile, type Statement, type Value, valuesOf } from '#store/statement.ts';

type Values = Readonly<Record<string, Value>>;

export interface Floor {
  readonly signInsPerSecond: number;
  readonly cpuMsPerSignIn: number;
}

export interface FloorSlices {
  /** Measures for so long. */
  slice(durationMs: number): Promise<Floor>;
  close(): void;
}

/** Prepares the floor on the embedded engine; it is measured in slices, in turn with what is compared to it. */
export async function prepareFloor(input: {
  readonly folder: string;
  readonly clients: number;
  readonly isHashing: boolean;
}): Promise<FloorSlices> {
  const path = join(input.folder, `floor-${randomUUID()}.db`);
  const engine = openSqlite(path, 'everything');
  await migrate(engine, 0);
  await engine.close();
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
  const slowHash = createSlowHash({ places: availableParallelism(), waitingLimit: 100 });
  const phc = input.isHashing ? await slowHash.hash('password') : '';
  const verify = input.isHashing ? () => slowHash.verify('password', phc, '') : undefined;
  const bare = createBare(database);
  for (let client = 0; client < input.clients; client++) bare.seed(client);
  return {
    async slice(durationMs) {
      const startedAt = performance.now();
      const cpuBefore = process.cpuUsage();
      let rounds = 0;
      while (performance.now() - startedAt < durationMs) {
        await bare.round(input.clients, verify);
        rounds += 1;
      }
      const seconds = (performance.now() - startedAt) / 1000;
      const cpu = process.cpuUsage(cpuBefore);
      const count = rounds * input.clients;
      return { signInsPerSecond: count / seconds, cpuMsPerSignIn: (cpu.user + cpu.system) / 1000 / count };
    },
    close: () => database.close(),
  };
}

function createBare(database: DatabaseSync) {
  const prepared = new Map<Statement, { statement: StatementSync; compiled: ReturnType<typeof compile> }>();
  const ready = (statement: Statement) => {
    let found = prepared.get(statement);
    if (found === undefined) {
      const compiled = compile(statement.sql, '?');
      found = { compiled, statement: database.prepare(compiled.text) };
      prepared.set(statement, found);
    }
    return found;
  };
  const run = (statement: Statement, values: Values) => {
    const found = ready(statement);
    found.statement.run(...valuesOf(found.compiled, values));
  };
  const read = (statement: Statement, values: Values) => {
    const found = ready(statement);
    return found.statement.all(...valuesOf(found.compiled, values));
  };
  const key = createSecretKey(randomBytes(32));
  const nonce = randomBytes(12);
  const sealed = randomBytes(20);
  const nowMs = 1_000_000;
  let serial = 0;
  let step = 0;

  /** All clients' lists in one transaction, as group commit has it. */
  function commit(clients: number, list: (client: number) => void): void {
    database.exec('begin immediate');
    for (let client = 0; client < clients; client++) {
      database.exec('savepoint list');
      list(client);
      database.exec('release list');
    }
    database.exec('commit');
  }

  function each(clients: number, work: (client: number) => void): void {
    for (let client = 0; client < clients; client++) work(client);
  }

  const mac = () => createHmac('sha256', key).update(sealed).digest();

  function openSecret(): void {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
    decipher.setAAD(nonce);
    decipher.update(sealed);
    createHmac('sha256', key).update(sealed).digest();
  }

  function audit(event: string, client: number): void {
    const id = randomBytes(16).toString('base64url');
    const salt = randomBytes(16);
    const fields = JSON.stringify([
      ['address', '10.0.0.1'],
      ['userAgent', 'Mozilla/5.0 (X11; Linux x86_64)'],
    ]);
    const commitment = hash('sha256', fields, 'base64url');
    const canonical = JSON.stringify({
      version: 1,
      id,
      atMs: nowMs,
      event,
      accountId: `a${client}`,
      personal: commitment,
    });
    const leafHash = hash('sha256', canonical, 'buffer');
    run(custody.appendLeaf, {
      id,
      atMs: nowMs,
      event,
      companyId: 'c',
      accountId: `a${client}`,
      canonical,
      leafHash,
    });
    run(custody.appendPersonal, { leafId: id, salt, fields });
  }

  function seed(client: number): void {
    const [account, enrollment] = [`a${client}`, `e${client}`];
    if (client === 0) {
      run(people.createCompany, { id: 'c', name: 'c', authenticatorAppsPerAccount: 1, nowMs });
    }
    const name = `person-${client}@bench.test`;
    run(people.createAccount, {
      id: account,
      companyId: 'c',
      username: name,
      usernameKey: name,
      passwordHash: '',
      mustChangePassword: 0,
      address: null,
      addressMask: null,
      nowMs,
    });
    run(authenticators.beginEnrollment, {
      id: enrollment,
      companyId: 'c',
      accountId: account,
      signInId: 's',
      kind: 'totp',
      secret: sealed,
      createdAtMs: nowMs,
      expiresAtMs: nowMs,
    });
    run(authenticators.bindAuthenticator, {
      id: `t${client}`,
      companyId: 'c',
      accountId: account,
      enrollmentId: enrollment,
      kind: 'totp',
      label: '',
      position: 1,
      secret: sealed,
      lastStep: 0,
      driftSteps: 0,
      boundAtMs: nowMs,
      boundLeafHash: sealed,
      bindingMac: sealed,
    });
  }

  async function round(clients: number, verify: (() => Promise<boolean>) | undefined): Promise<void> {
    serial += 1;
    step += 1;
    const id = (client: number) => `${serial}-${client}-0123456789abcd`;
    const challengeId = (client: number) => `c${id(client)}`;
    const expiresAtMs = nowMs + 600_000;
    const advance = (client: number, revision: number, state: string) =>
      run(signIns.advanceSignIn, {
        id: id(client),
        revision,
        state,
        accountId: `a${client}`,
        companyId: 'c',
        proofs: '[]',
        challengeId: challengeId(client),
        enrollmentId: null,
        passwordRevision: 0,
        passwordResetId: null,
        sessionId: null,
        rowMac: mac(),
        nowMs,
      });
    const count = (triesKey: string) =>
      run(signIns.beginTries, {
        key: triesKey,
        count: 1,
        startedAtMs: nowMs,
        notBeforeMs: nowMs,
        expiresAtMs: null,
      });
    const browserKeyHash = hash('sha256', randomBytes(32), 'buffer');

    // begin and sign-in page
    each(clients, () => read(people.application, { id: 'secondring' }));
    commit(clients, (client) =>
      run(signIns.beginSignIn, {
        id: id(client),
        revision: 0,
        state: 'password',
        browserKeyHash,
        applicationId: 'secondring',
        accountId: null,
        companyId: null,
        wants: '{}',
        interaction: null,
        proofs: '[]',
        challengeId: null,
        enrollmentId: null,
        passwordRevision: null,
        createdAtMs: nowMs,
        expiresAtMs,
        rowMac: mac(),
        originMac: mac(),
      }),
    );
    each(clients, (client) => read(signIns.signIn, { id: id(client) }));

    // password
    each(clients, (client) => {
      read(signIns.signIn, { id: id(client) });
      read(signIns.tries, {
        keys: JSON.stringify([`password:${client}`, `name:${client}`, `address:${client}`]),
      });
    });
    commit(clients, (client) => count(`password:${client}`));
    each(clients, (client) =>
      read(people.accountByUsernameKey, { usernameKey: `person-${client}@bench.test` }),
    );
    if (verify !== undefined) await Promise.all(Array.from({ length: clients }, verify));
    each(clients, (client) => read(authenticators.authenticators, { accountId: `a${client}` }));
    commit(clients, (client) => {
      advance(client, 1, 'factor');
      run(signIns.crowdOutSignIns, { accountId: `a${client}`, exceptId: id(client), keep: 9, nowMs });
      run(signIns.issueChallenge, {
        id: challengeId(client),
        signInId: id(client),
        accountId: `a${client}`,
        authenticatorId: `t${client}`,
        kind: 'totp',
        issuedAtMs: nowMs,
        expiresAtMs,
      });
      audit('password.accepted', client);
      run(signIns.resetTries, { key: `password:${client}` });
    });

    // code page
    each(clients, (client) => {
      read(signIns.signIn, { id: id(client) });
      read(signIns.challenge, { id: challengeId(client) });
      openSecret();
      read(authenticators.authenticators, { accountId: `a${client}` });
      read(signIns.tries, { keys: JSON.stringify([`otp:${client}`]) });
    });

    // code
    each(clients, (client) => {
      read(signIns.signIn, { id: id(client) });
      read(signIns.challenge, { id: challengeId(client) });
      openSecret();
      read(signIns.tries, { keys: JSON.stringify([`otp:${client}`]) });
    });
    commit(clients, (client) => {
      count(`otp:${client}`);
      run(signIns.countChallengeTry, { id: challengeId(client), limit: 3, nowMs });
    });
    each(clients, (client) => {
      for (let candidate = 0; candidate < 3; candidate++) createHmac('sha1', key).update(nonce).digest();
      read(authenticators.authenticators, { accountId: `a${client}` });
    });
    const token = randomBytes(32).toString('base64url');
    commit(clients, (client) => {
      advance(client, 2, 'done');
      run(signIns.consumeChallenge, { id: challengeId(client), nowMs });
      run(signIns.resetTries, { key: `otp:${client}` });
      audit('factor.accepted', client);
      run(sessions.beginSession, {
        id: `s${id(client)}`,
        tokenHash: hash('sha256', token + client, 'buffer'),
        signInId: id(client),
        companyId: 'c',
        accountId: `a${client}`,
        proofs: '[]',
        createdAtMs: nowMs,
        expiresAtMs,
        rowMac: mac(),
      });
      audit('sign-in.succeeded', client);
      run(authenticators.advanceAuthenticator, { id: `t${client}`, lastStep: step, driftSteps: 0, nowMs });
    });

    // done page
    each(clients, (client) => {
      read(signIns.signIn, { id: id(client) });
      read(sessions.session, { tokenHash: hash('sha256', token + client, 'buffer'), nowMs, seenAfterMs: 0 });
      read(people.applications, {});
    });
  }

  return { seed, round };
}
