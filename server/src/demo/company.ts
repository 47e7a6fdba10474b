// The demo's provider, company, logins and application, made once through the same use cases as the real ones. No
// login is born with a sign-in method: each sets up its own at its first sign-in.

import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ports } from '#core/ports.ts';
import {
  createAccount,
  createApplication,
  createCompany,
  createProvider,
  grantRole,
} from '#flows/arrange.ts';
import type { PanelKind } from './panel-pages.ts';

/** The logins, each with whom it plays. */
export const demoLogins = {
  'fresh@demo.test': 'somebody new, whom nothing but you signs in',
  'employee@demo.test': 'somebody who works at the bakery',
  'shared@demo.test': 'the shop’s login, used by several people',
  'administrator@demo.test': 'who looks after the bakery’s telephones',
  'agent@demo.test': 'support of the provider',
  'operator@demo.test': 'who runs the service',
} as const;

/** The panels: what people call them, and the port after the service's that they listen on. */
export const demoPanels = [
  { kind: 'uc-panel', name: 'UC panel', portOffset: 1 },
  { kind: 'company-panel', name: 'Company panel', portOffset: 2 },
] as const;

export interface SeededDemo {
  readonly password: string;
  /** Of each panel the secret of its client, whose id is the panel's kind. */
  readonly clientSecrets: Readonly<Record<PanelKind, string>>;
}

/** Makes the demo's data, or finds what an earlier start made. */
export async function seedDemo(
  ports: Ports,
  dataFolder: string,
  urlOf: (panel: PanelKind) => string,
): Promise<SeededDemo> {
  const file = join(dataFolder, 'demo.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as SeededDemo;

  const password = readablePassword();
  await createProvider(ports, 'Demo Telecom');
  const companyId = await createCompany(ports, { name: 'Bakkerij De Korenaar' });
  for (const username of Object.keys(demoLogins)) {
    await createAccount(ports, { companyId, username, password, address: username });
  }
  await grantRole(ports, { username: 'agent@demo.test', role: 'agent' });
  await grantRole(ports, { username: 'administrator@demo.test', role: 'administrator' });
  const clientSecrets = { 'uc-panel': '', 'company-panel': '' };
  for (const { kind, name } of demoPanels) {
    const url = urlOf(kind);
    const { clientSecret } = await createApplication(ports, {
      clientId: kind,
      name,
      secondFactor: 'required',
      redirectUris: [`${url}/callback`],
      postLogoutRedirectUris: [`${url}/`],
      backchannelLogoutUri: `${url}/back-channel-logout`,
      homeUrl: `${url}/`,
    });
    clientSecrets[kind] = clientSecret;
  }
  const seeded: SeededDemo = { password, clientSecrets };
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
