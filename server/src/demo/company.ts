// The demo's provider, company, logins and application, made once through the same use cases as the real ones. No
// login is born with a sign-in method: each sets up its own at its first sign-in.

import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ports } from '#core/ports.ts';
import { createAccount, createApplication, createCompany, createProvider } from '#flows/arrange.ts';

export const demoLogins = [
  'employee@demo.test',
  'fresh@demo.test',
  'shared@demo.test',
  'administrator@demo.test',
  'agent@demo.test',
  'operator@demo.test',
] as const;

export interface SeededDemo {
  readonly password: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Makes the demo's data, or finds what an earlier start made. */
export async function seedDemo(ports: Ports, dataFolder: string, panelUrl: string): Promise<SeededDemo> {
  const file = join(dataFolder, 'demo.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as SeededDemo;

  const password = readablePassword();
  await createProvider(ports, 'Demo Telecom');
  const companyId = await createCompany(ports, { name: 'Bakkerij De Korenaar' });
  for (const username of demoLogins) await createAccount(ports, { companyId, username, password });
  const clientId = 'uc-panel';
  const { clientSecret } = await createApplication(ports, {
    clientId,
    name: 'UC panel',
    secondFactor: 'required',
    redirectUris: [`${panelUrl}/callback`],
    postLogoutRedirectUris: [`${panelUrl}/`],
    homeUrl: `${panelUrl}/`,
  });
  const seeded: SeededDemo = { password, clientId, clientSecret };
  mkdirSync(dataFolder, { recursive: true });
  writeFileSync(file, JSON.stringify(seeded), { mode: 0o600 });
  return seeded;
}

/** Twelve letters and digits that nobody mistakes for one another, in groups of four. */
function readablePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('');
  return [group(), group(), group()].join('-');
}
