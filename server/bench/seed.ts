// People for the bench: accounts with an authenticator app and recovery codes, made through the same use cases as
// real ones.

import { createHash } from 'node:crypto';
import type { Ports } from '#core/ports.ts';
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

export interface BenchPerson {
  readonly username: string;
  /** TOTP key in hexadecimal. */
  readonly key: string;
}

/** A panel, as it is registered. */
export interface BenchClient {
  readonly id: string;
  readonly secret: string;
  readonly redirectUri: string;
}

export const benchPassword = 'correct horse battery staple';

/** How many are seeded side by side, so that their commits share transactions. */
const atOnce = 64;

/** Makes so many people. */
export async function seed(ports: Ports, count: number): Promise<readonly BenchPerson[]> {
  await createProvider(ports, 'Bench');
  const companyId = await createCompany(ports, { name: 'Bench' });
  const people: BenchPerson[] = [];
  for (let first = 0; first < count; first += atOnce) {
    const indexes = Array.from({ length: Math.min(atOnce, count - first) }, (_, index) => first + index);
    people.push(
      ...(await Promise.all(indexes.map((index) => seedOne(ports, companyId, `person-${index}@bench.test`)))),
    );
  }
  return people;
}

/** Registers a panel. */
export async function seedClient(ports: Ports): Promise<BenchClient> {
  const id = 'bench-panel';
  const redirectUri = 'https://panel.bench.test/callback';
  const { clientSecret } = await createApplication(ports, {
    clientId: id,
    name: 'Panel',
    secondFactor: 'required',
    redirectUris: [redirectUri],
  });
  return { id, secret: clientSecret, redirectUri };
}

async function seedOne(ports: Ports, companyId: string, username: string): Promise<BenchPerson> {
  await createAccount(ports, { companyId, username, password: benchPassword });
  const address = createHash('sha256').update(username).digest('hex').slice(0, 8);
  const stranger: Visitor = {
    browserKey: undefined,
    sessionToken: undefined,
    address,
    userAgent: 'bench',
    language: 'en',
  };
  const { signIn, browserKey } = await begin(ports, stranger, {});
  const visitor: Visitor = { ...stranger, browserKey };
  await givePassword(ports, visitor, signIn.id, { username, password: benchPassword });
  const scene = await lookAt(ports, visitor, await loadSignIn(ports, visitor, signIn.id), 'Bench');
  if (scene.scene !== 'set-up-totp') throw new Error(`expected to set up an app, but came to ${scene.scene}`);
  const key = decodeBase32(scene.keyText);
  if (key === undefined) throw new Error('the key is no base32');
  await proveTotp(ports, visitor, signIn.id, codeOf(key, ports.nowMs()));
  await issueRecoveryCodes(ports, visitor, signIn.id);
  const { outcome } = await confirmBackup(ports, visitor, signIn.id);
  if (outcome !== 'advanced') throw new Error(`seeding ended in ${outcome}`);
  return { username, key: Buffer.from(key).toString('hex') };
}

/** The code of a key at a time. */
export function codeOf(key: Uint8Array, nowMs: number): string {
  return totpCode(key, stepAt(nowMs, defaultTotpParameters), defaultTotpParameters);
}
