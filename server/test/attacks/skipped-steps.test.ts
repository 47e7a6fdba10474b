// B1. A step is skipped by asking for a later one. In better-auth (GHSA-xg6x-h9c9-2m83) what a browser held after the
// password was a session already, and every page but the next one took it. Here every route that does something is
// asked in every state a sign-in can be in, with everything right in hand (password, code, identifiers): only the
// order is wrong. What is not in the table below must change nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Provider } from 'oidc-provider';
import type { StaffProcess } from '#core/ports.ts';
import type { SignInState } from '#core/sign-in.ts';
import { routesOf } from '#http/app.ts';
import { signInIdOf } from '../support/person.ts';
import { changesSince, onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import { WebClient } from '../support/web-client.ts';
import { attempt, comeTo, stateOf } from './sign-in-states.ts';

/** The documented transitions: what may be done in a state, and where it leads. All else leads nowhere. */
const transitions: Readonly<Record<SignInState, Readonly<Record<string, SignInState>>>> = {
  password: { password: 'factor' },
  factor: { code: 'done', method: 'factor', retry: 'factor' },
  enrollment: { 'authenticator-app': 'backup', retry: 'enrollment' },
  'change-password': { 'new-password': 'done' },
  // Codes may be shown again, which makes new ones; the state is left only with codes in hand.
  backup: { 'recovery-codes': 'backup' },
  proven: { continue: 'done' },
  done: {},
  refused: {},
  expired: {},
};
const states = Object.keys(transitions) as SignInState[];

onEachEngine('B1 skipped steps', (running) => {
  for (const state of states) {
    test(`in ${state}`, async () => {
      const service = running();
      const actions = signInActions(service);
      const missing = Object.keys(transitions[state]).filter((action) => !actions.includes(action));
      assert.deepEqual(missing, [], 'the table names routes that are not there');

      const refusing = await comeTo(service, state, `${state}-refusing`);
      for (const action of actions.filter((one) => !(one in transitions[state]))) {
        const before = await service.tables();
        await attempt(refusing, action);
        assert.deepEqual(await changesSince(service, before), [], `${action} changed something in ${state}`);
      }
      for (const [action, next] of Object.entries(transitions[state])) {
        const allowed = await comeTo(service, state, `${state}-${action}`);
        await attempt(allowed, action);
        assert.equal(await stateOf(service, allowed.page), next, `${action} in ${state}`);
      }
    });
  }

  test('starting over is possible while there is something to start over, and gives nothing', async () => {
    const service = running();
    for (const state of states) {
      const at = await comeTo(service, state, `over-${state}`);
      const before = await service.rows('select id from sign_ins');
      const sessions = await service.rows('select id from sessions');
      await attempt(at, 'start-over');
      const begun = (await service.rows('select id, state, account_id from sign_ins')).filter(
        ({ id }) => !before.some((one) => one['id'] === id),
      );
      const expected = state === 'expired' ? [] : [['password', null]];
      assert.deepEqual(
        begun.map((row) => [row['state'], row['account_id']]),
        expected,
        state,
      );
      assert.deepEqual(await service.rows('select id from sessions'), sessions);
    }
  });

  test('what a browser holds before done opens nothing', async () => {
    const service = running();
    await service.addApplication({ clientId: 'skipped', secondFactor: 'none', url: 'https://panel.example' });
    for (const state of [
      'password',
      'factor',
      'enrollment',
      'change-password',
      'backup',
      'proven',
    ] as const) {
      const { person, page } = await comeTo(service, state, `holds-${state}`);
      const key = person.browser.cookie(service.origin, 'secondring-browser') ?? '';
      assert.notEqual(key, '');
      for (const token of [key, signInIdOf(page)]) {
        const thief = new WebClient();
        for (const name of ['session', 'oidc-session']) {
          thief.setCookie(service.origin, `secondring-${name}`, token);
        }
        const query = new URLSearchParams({
          ...{ client_id: 'skipped', response_type: 'code', scope: 'openid', prompt: 'none' },
          ...{ redirect_uri: 'https://panel.example/callback', code_challenge_method: 'S256' },
          code_challenge: 'A'.repeat(43),
        });
        const { location } = await thief.get(`${service.origin}/oidc/authorize?${query}`);
        assert.equal(new URL(location ?? '').searchParams.get('error'), 'login_required');
        const info = await thief.get(`${service.origin}/oidc/userinfo`, { authorization: `Bearer ${token}` });
        assert.equal(info.status, 401);
      }
      assert.equal(person.browser.cookie(service.origin, 'secondring-session'), undefined);
    }
  });
});

/** What can be sent to a sign-in, read from the route table; starting over has a test of its own. */
function signInActions(service: ServiceUnderTest): readonly string[] {
  const paths = routesOf(service.ports, async () => ({}) as Provider, {} as StaffProcess)
    .filter(({ method, path }) => method === 'POST' && path.startsWith('/sign-in/:id/'))
    .map(({ path }) => path.slice('/sign-in/:id/'.length));
  assert.ok(paths.length >= 9, 'the route table was not read');
  return paths.filter((action) => action !== 'start-over');
}
