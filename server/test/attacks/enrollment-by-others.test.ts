// F9 and N4. Somebody with a role sets up, changes or brings back a method of somebody else. The matrix is generated:
// every route of the service, by everybody there is (a stranger, a colleague, an administrator of the victim's
// company, an agent of the provider), with everything that names the victim in every place it could be looked for.
// Afterwards every row of the victim that is or makes key material is as it was.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Provider } from 'oidc-provider';
import type { StaffProcess } from '#core/ports.ts';
import { grantRole } from '#flows/arrange.ts';
import { routesOf } from '#http/app.ts';
import type { Route } from '#http/route.ts';
import { askedElsewhere, enrolledPerson, newPerson, type Person, signInIdOf } from '../support/person.ts';
import { onEachEngine, password, type ServiceUnderTest } from '../support/service-under-test.ts';
import { type WebAnswer, WebClient } from '../support/web-client.ts';

const roles = ['stranger', 'employee', 'administrator', 'agent'] as const;
type Role = (typeof roles)[number];

/** Whose rows are key material, and what of a row says whose it is. */
const keyMaterial: Readonly<Record<string, string>> = {
  accounts: 'id',
  authenticators: 'account_id',
  enrollments: 'account_id',
  sessions: 'account_id',
  staff_roles: 'account_id',
};

onEachEngine('F9 and N4 enrollment by others', (running) => {
  for (const role of roles) {
    test(`no route lets a ${role} touch the key material of somebody else`, async () => {
      const service = running();
      const actor = await actorOf(service, role);
      // One with methods, one with a method that was removed, one who never had any.
      const victims = [
        await enrolledPerson(service, `victim-of-${role}`),
        await withRemovedMethod(service, `removed-of-${role}`),
        await newPerson(service, `virgin-of-${role}`),
      ];
      const targets = [];
      for (const victim of victims) {
        const page = await askedElsewhere(victim);
        const before = await materialOf(service, victim);
        targets.push({ victim, signInId: signInIdOf(page), before });
      }
      const routes = routesOf(service.ports, async () => ({}) as Provider, {} as StaffProcess);
      assert.ok(routes.length >= 25, `${routes.length} routes were read`);
      for (const path of ['/helpdesk', '/company']) {
        for (const method of ['GET', 'POST']) {
          assert.ok(routes.some((route) => route.path === path && route.method === method));
        }
      }

      for (const { victim, signInId } of targets) {
        const everything = await everythingAbout(service, victim, signInId);
        for (const id of [signInId, ...(await ownSignIns(service, actor))]) {
          for (const route of routes) await send(service, actor.browser, route, id, everything);
        }
      }
      for (const { victim, before } of targets) {
        assert.deepEqual(await materialOf(service, victim), before, victim.username);
      }
    });
  }

  test('the comparison sees what it is there to see', async () => {
    const service = running();
    const victim = await enrolledPerson(service, 'seen');
    const before = await materialOf(service, victim);
    for (const [harm, undo] of [
      [`update authenticators set state = 'removed'`, `update authenticators set state = 'active'`],
      [
        `update accounts set password_hash = 'x' || password_hash`,
        `update accounts set password_hash = substr(password_hash, 2)`,
      ],
      [`update recovery_codes set used_at_ms = 1`, `update recovery_codes set used_at_ms = null`],
    ]) {
      await service.write(harm ?? '');
      assert.notDeepEqual(await materialOf(service, victim), before, harm);
      await service.write(undo ?? '');
      assert.deepEqual(await materialOf(service, victim), before, undo);
    }
  });

  test('staff of both kinds look at a victim, and the page has one form that leads somewhere else than out', async () => {
    const service = running();
    const victim = await newPerson(service, 'only-looked-at');
    for (const [role, path] of [
      ['agent', '/helpdesk'],
      ['administrator', '/company'],
    ] as const) {
      const { browser } = await actorOf(service, role, 'looking');
      const page = await browser.post(`${service.origin}${path}`, { username: victim.username });
      assert.equal(page.status, 200);
      const forms = [...page.text.matchAll(/<form method="post" action="([^"]+)"/g)].map(
        ([, action]) => action,
      );
      assert.deepEqual(forms, [path, '/sign-out']);
      const fields = [...page.text.matchAll(/<(?:input|select|textarea)\b[^>]*name="([^"]+)"/g)].map(
        ([, name]) => name,
      );
      assert.deepEqual(fields, ['username']);
    }
  });
});

/** Sends one route everything; what it answers does not matter, what it did is compared afterwards. */
async function send(
  service: ServiceUnderTest,
  browser: WebClient,
  { method, path }: Route,
  id: string,
  everything: Readonly<Record<string, string>>,
): Promise<void> {
  // Signing out would leave the rest of the matrix to a stranger, who has a row of their own in it.
  if (path === '/sign-out') return;
  const url = `${service.origin}${path.replace(/:\w+/, id)}`;
  const answer =
    method === 'GET'
      ? await browser.get(`${url}?${new URLSearchParams(everything)}`)
      : await browser.post(url, everything);
  assert.ok(answer.status < 500, `${method} ${path}: ${answer.status}`);
}

/** Sign-ins of the actor's own: one that waits for a password, and one that waits for what comes after it. */
async function ownSignIns(service: ServiceUnderTest, { browser, person }: Actor): Promise<readonly string[]> {
  const begin = () => browser.get(`${service.origin}/sign-in`);
  const idIn = ({ location = '' }: WebAnswer) => new URL(location).pathname.slice('/sign-in/'.length);
  const fresh = idIn(await begin());
  const own = idIn(await begin());
  if (person === undefined) return [fresh];
  const fields = { username: person.username, password };
  await browser.post(`${service.origin}/sign-in/${own}/password`, fields);
  return [fresh, own];
}

interface Actor {
  readonly browser: WebClient;
  readonly person: Person | undefined;
}

/** Somebody of a role, at work: signed in with two factors, their staff page open. */
async function actorOf(service: ServiceUnderTest, role: Role, name = 'acting'): Promise<Actor> {
  if (role === 'stranger') return { browser: new WebClient(), person: undefined };
  const person = await newPerson(service, `${name}-${role}`);
  if (role !== 'employee') await grantRole(service.ports, { username: person.username, role });
  await person.signIn();
  return { browser: person.browser, person };
}

async function withRemovedMethod(service: ServiceUnderTest, name: string): Promise<Person> {
  const person = await enrolledPerson(service, name);
  await service.write(
    `update authenticators set state = 'removed', secret = null
     where account_id = '${person.accountId}' and kind = 'totp'`,
  );
  return person;
}

/** All rows of somebody that are key material or lead to it, each as text. */
async function materialOf(service: ServiceUnderTest, { accountId }: Person): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [table, column] of Object.entries(keyMaterial)) {
    const rows = await service.rows(`select * from ${table} where ${column} = '${accountId}'`);
    found.push(...rows.map((row) => `${table} ${textOf(row)}`));
  }
  const codes = await service.rows(
    `select recovery_codes.* from recovery_codes join authenticators on authenticators.id = authenticator_id
     where account_id = '${accountId}'`,
  );
  found.push(...codes.map((row) => `recovery_codes ${textOf(row)}`));
  for (const table of ['data_keys', 'signing_keys']) {
    const rows = await service.rows(`select * from ${table}`);
    found.push(...rows.map((row) => `${table} ${textOf(row)}`));
  }
  return found.toSorted();
}

function textOf(row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(row, (_, value: unknown) => (value instanceof Uint8Array ? [...value] : value));
}

/** Everything that names the victim and everything that would be worth setting, as many fields as a form may have. */
async function everythingAbout(
  service: ServiceUnderTest,
  victim: Person,
  signInId: string,
): Promise<Readonly<Record<string, string>>> {
  const [method] = await service.rows(
    `select id, enrollment_id from authenticators where account_id = '${victim.accountId}' and kind = 'totp'`,
  );
  return {
    username: victim.username,
    // Staff do not know it; with it they would be the person, as far as a password goes.
    password: `not ${password}`,
    code: victim.totpKey === undefined ? '123456' : victim.code(),
    authenticator: String(method?.['id'] ?? 'none'),
    enrollment: String(method?.['enrollment_id'] ?? 'none'),
    account: victim.accountId,
    accountId: victim.accountId,
    account_id: victim.accountId,
    sub: victim.accountId,
    signIn: signInId,
    kind: 'totp',
    secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    number: '+31612345678',
    state: 'active',
    action: 'enroll',
    kept: 'yes',
    role: 'agent',
    company: service.companyId,
  };
}
