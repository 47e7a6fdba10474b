// B12. Cross-site request forgery: another site sends a form in the name of whoever is signed in. Every route of the
// table that changes something is sent everything right, with only the sender wrong; then once with the sender right,
// so that the test is known to have aimed at something. No GET changes anything, or a picture on another site would.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Provider } from 'oidc-provider';
import type { StaffProcess } from '#core/ports.ts';
import type { SignInState } from '#core/sign-in.ts';
import { routesOf } from '#http/app.ts';
import type { Route } from '#http/route.ts';
import { formAt } from '../support/person.ts';
import { changesSince, onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import { rawRequest } from './raw-request.ts';
import { resetTokenOf } from './reset-link.ts';
import { type At, comeTo, everythingRight, rightFor } from './sign-in-states.ts';

/** In which state each route does something. A new route fails here until it is given one. */
const stateFor: Readonly<Record<string, SignInState>> = {
  '/sign-in/:id/password': 'password',
  '/sign-in/:id/new-password': 'change-password',
  '/forgot-password': 'factor',
  '/reset-password/:token': 'factor',
  '/sign-in/:id/code': 'factor',
  '/sign-in/:id/method': 'factor',
  '/sign-in/:id/retry': 'factor',
  '/sign-in/:id/authenticator-app': 'enrollment',
  '/sign-in/:id/recovery-codes': 'backup',
  '/sign-in/:id/backup': 'backup',
  '/sign-in/:id/continue': 'proven',
  '/sign-in/:id/start-over': 'factor',
  '/sign-out': 'done',
  '/helpdesk': 'password',
  '/company': 'password',
};

type Headers = Readonly<Record<string, string>>;
interface Sender {
  readonly headers: Headers;
  readonly status: number;
  readonly body?: (form: Readonly<Record<string, string>>) => string;
}

function wrongSenders(origin: string): Readonly<Record<string, Sender>> {
  const formType = 'application/x-www-form-urlencoded';
  const from = (sender: Headers): Sender => ({
    headers: { 'content-type': formType, ...sender },
    status: 403,
  });
  const as = (type: string, body: NonNullable<Sender['body']>): Sender => ({
    headers: { origin, 'sec-fetch-site': 'same-origin', 'content-type': type },
    status: 400,
    body,
  });
  const { port } = new URL(origin);
  return {
    'no origin': from({}),
    'no origin, but a referrer of ours': from({ referer: `${origin}/sign-in` }),
    'origin null': from({ origin: 'null' }),
    'an empty origin': from({ origin: '' }),
    'another site': from({ origin: 'https://evil.example' }),
    'another port': from({ origin: origin.replace(port, String(Number(port) - 1)) }),
    'another scheme': from({ origin: origin.replace('http:', 'https:') }),
    'a subdomain': from({ origin: origin.replace('//', '//www.') }),
    'our name within another': from({ origin: `${origin}.evil.example` }),
    'our address as a user': from({ origin: `${origin}@evil.example` }),
    'a slash at its end': from({ origin: `${origin}/` }),
    'two origins': from({ origin: `${origin}, https://evil.example` }),
    'cross-site, it says': from({ origin, 'sec-fetch-site': 'cross-site' }),
    'same-site, it says': from({ origin, 'sec-fetch-site': 'same-site' }),
    'from nowhere, it says': from({ origin, 'sec-fetch-site': 'none' }),
    'as plain text': as('text/plain', encoded),
    'as JSON': as('application/json', JSON.stringify),
    'as JSON that reads as a form': as('application/json', encoded),
    'as a multipart form': as('multipart/form-data; boundary=x', multipart),
    'as several types': as(`text/plain, ${formType}`, encoded),
  };
}

onEachEngine('B12 cross-site requests', (running) => {
  test('every route that changes something asks where a form comes from', async () => {
    const service = running();
    const posts = tableOf(service).filter(({ method }) => method === 'POST');
    assert.deepEqual(posts.map(({ path }) => path).toSorted(), Object.keys(stateFor).toSorted());
    for (const { path } of posts) {
      const at = await comeTo(service, stateFor[path] ?? 'password', path.replaceAll(/\W+/g, '-'));
      if (path.endsWith('/backup')) await at.person.takeRecoveryCodes(await at.person.open(at.page.url));
      const token = path.includes(':token') ? await resetTokenOf(service, at.person) : '';
      const url = addressOf(service, at, path).replace(':token', token);
      const form = rightFor(at, path.replace('/sign-in/:id/', ''));
      const before = await service.tables();
      for (const [name, { headers, status, body = encoded }] of Object.entries(
        wrongSenders(service.origin),
      )) {
        const cookie = at.person.browser.cookieHeader(new URL(url));
        const sent = body(form);
        const answer = await rawRequest(url, {
          method: 'POST',
          headers: [
            ['host', new URL(url).host],
            ['cookie', cookie],
            ['content-length', String(Buffer.byteLength(sent))],
            ...Object.entries(headers),
          ],
          body: sent,
        });
        assert.equal(answer.status, status, `${path}, ${name}`);
        assert.deepEqual(await changesSince(service, before), [], `${path}, ${name}`);
      }
      await at.person.browser.post(url, form);
      assert.notDeepEqual(
        await changesSince(service, before),
        [],
        `${path} does nothing in ${stateFor[path]}`,
      );
    }
  });

  test('no GET changes anything, but that which begins a sign-in', async () => {
    const service = running();
    // Where an application, or a page of ours for staff, sends the browser to sign in; that begins a sign-in, too.
    const beginners = ['/', '/sign-in', '/oidc/interaction/:uid', '/helpdesk', '/company'];
    const gets = tableOf(service).filter(({ method, path }) => method === 'GET' && !beginners.includes(path));
    assert.ok(gets.length >= 2);
    for (const state of [
      'password',
      'factor',
      'enrollment',
      'change-password',
      'backup',
      'proven',
      'done',
      'refused',
    ] as const) {
      const at = await comeTo(service, state, `get-${state}`);
      const token = state === 'factor' ? await resetTokenOf(service, at.person) : 'A'.repeat(43);
      const before = await service.tables();
      for (const { path } of gets) {
        for (let times = 0; times < 2; times += 1) {
          await at.person.browser.get(addressOf(service, at, path).replace(':token', token));
        }
      }
      const others = Object.keys(stateFor).filter(
        (one) => !beginners.includes(one) && !gets.some((get) => get.path === one),
      );
      for (const path of others) {
        const query = new URLSearchParams(everythingRight(at));
        const { status, location } = await at.person.browser.get(`${addressOf(service, at, path)}?${query}`);
        // What belongs to a page leads back to it and takes nothing along.
        const leads = path.startsWith('/sign-in/:id/');
        const expected = { status: leads ? 303 : 405, location: leads ? at.page.url : undefined };
        assert.deepEqual({ status, location }, expected, path);
      }
      assert.deepEqual(await changesSince(service, before), [], state);
    }
  });

  test('other methods are no way round', async () => {
    const service = running();
    const at = await comeTo(service, 'factor', 'methods');
    const url = formAt(at.page, 'code');
    const before = await service.tables();
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const answer = await at.person.browser.send(url, {
        method,
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-http-method-override': 'POST' },
        ...(method !== 'OPTIONS' && { body: encoded(everythingRight(at)) }),
      });
      assert.equal(answer.status, 405, method);
    }
    const override = { origin: 'https://evil.example', 'x-http-method-override': 'POST', 'x-method': 'POST' };
    await at.person.browser.get(`${url}?_method=POST&${encoded(everythingRight(at))}`, override);
    assert.deepEqual(await changesSince(service, before), []);
  });
});

function tableOf(service: ServiceUnderTest): readonly Route[] {
  return routesOf(service.ports, async () => ({}) as Provider, {} as StaffProcess);
}

function addressOf(service: ServiceUnderTest, at: At, path: string): string {
  return path.startsWith('/sign-in/:id')
    ? formAt(at.page, path.slice('/sign-in/:id/'.length)).replace(/\/$/, '')
    : `${service.origin}${path}`;
}

function encoded(form: Readonly<Record<string, string>>): string {
  return new URLSearchParams(form).toString();
}

function multipart(form: Readonly<Record<string, string>>): string {
  const parts = Object.entries(form).map(
    ([name, value]) => `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return `${parts.join('')}--x--\r\n`;
}
