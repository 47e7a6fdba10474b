// B23 and B24. Requests that are made to break the parser: bodies of the wrong kind or without end, headers and cookies
// of megabytes, names that reach into the prototype of every object, requests that are none. Each is refused with its
// own status, nothing changes, nothing is told about the inside, and the next request of anybody is served.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enrolledPerson, formAt, newPerson, questionOn } from '../support/person.ts';
import {
  changesSince,
  onEachEngine,
  password,
  type ServiceUnderTest,
} from '../support/service-under-test.ts';
import { formHeaders, type RawHeaders, rawBytes, rawRequest } from './raw-request.ts';

const megabyte = 2 ** 20;

onEachEngine('B23 and B24 malformed requests', (running) => {
  test('bodies that are no form of ours', async () => {
    const service = running();
    const person = await newPerson(service, 'bodies');
    const url = formAt(await person.open(), 'password');
    const cookie = person.browser.cookieHeader(new URL(url));
    const named = `username=${encodeURIComponent(person.username)}&password=${encodeURIComponent(password)}`;
    const bodies: readonly (readonly [name: string, body: string | Buffer, statuses: readonly number[]])[] = [
      ['empty', '', [422]],
      ['a megabyte in one field', `password=${'x'.repeat(megabyte)}`, [413]],
      ['ten thousand fields', Array.from({ length: 1500 }, (_, at) => `f${at}=1`).join('&'), [400]],
      ['twenty-one fields', Array.from({ length: 21 }, (_, at) => `f${at}=1`).join('&'), [400]],
      ['a field twice', `${named}&username=other`, [400]],
      ['broken percents', '%=%&%zz=%1', [422]],
      ['bytes that are no UTF-8', Buffer.from([0x75, 0x3d, 0xff, 0xfe, 0xc0, 0x80]), [422]],
      ['only separators', '&'.repeat(5000), [422]],
      ['depth', `username${'[a]'.repeat(3000)}=1`, [422]],
      ['JSON', JSON.stringify({ username: person.username, password }), [422]],
      ['NUL', '\0'.repeat(100), [422]],
    ];
    const before = await service.tables();
    for (const [name, body, statuses] of bodies) {
      const answer = await rawRequest(url, { method: 'POST', headers: formHeaders(url, cookie, body), body });
      assert.ok(statuses.includes(answer.status), `${name}: ${answer.status}`);
      tellsNothing(answer.text);
    }
    assert.deepEqual(await changesSince(service, before), []);
    assert.equal(questionOn(await person.givePassword(await person.open())), 'set-up');
  });

  test('a body without an end, or longer than it says', async () => {
    const service = running();
    const person = await newPerson(service, 'lengths');
    const url = formAt(await person.open(), 'password');
    const before = await service.tables();
    const head = (more: string) =>
      [
        `POST ${new URL(url).pathname} HTTP/1.1`,
        `host: ${new URL(url).host}`,
        `origin: ${service.origin}`,
        `cookie: ${person.browser.cookieHeader(new URL(url))}`,
        'content-type: application/x-www-form-urlencoded',
        'connection: close',
        `${more}\r\n\r\n`,
      ].join('\r\n');
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    const chunked = await rawBytes(service.origin, head('transfer-encoding: chunked') + chunk.repeat(4));
    assert.match(chunked, /^HTTP\/1\.1 4\d\d /);
    const both = await rawBytes(
      service.origin,
      `${head('content-length: 5\r\ntransfer-encoding: chunked')}0\r\n\r\nGET /sign-in HTTP/1.1\r\n\r\n`,
    );
    assert.match(both, /^HTTP\/1\.1 400 /);
    assert.equal(both.match(/HTTP\/1\.1/g)?.length, 1, 'a request was smuggled in');
    for (const length of ['-1', '1e3', '0x10', '5, 6', 'many']) {
      const answer = await rawBytes(service.origin, `${head(`content-length: ${length}`)}hello`);
      assert.match(answer, /^HTTP\/1\.1 400 /, length);
    }
    assert.deepEqual(await changesSince(service, before), []);
  });

  test('headers and cookies without measure', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'headers');
    const page = await person.givePassword(await person.open());
    const { host } = new URL(service.origin);
    const own = person.browser.cookieHeader(new URL(page.url));
    const floods: readonly (readonly [name: string, headers: RawHeaders])[] = [
      ['a cookie of 64 kB', [['cookie', `big=${'x'.repeat(64 * 1024)}`]]],
      ['a header of a megabyte', [['x-big', 'x'.repeat(megabyte)]]],
      ['thousands of headers', Array.from({ length: 5000 }, (_, at) => [`x-${at}`, 'x'] as const)],
    ];
    for (const [name, headers] of floods) {
      const answer = await tolerant(service, page.url, [['host', host], ...headers]);
      assert.equal(answer, 431, name);
    }
    const longAddress = await tolerant(service, `${service.origin}/sign-in/${'x'.repeat(64 * 1024)}`, [
      ['host', host],
    ]);
    assert.equal(longAddress, 431);
    // Cookies of others on this host are no obstacle, whatever they look like.
    const strange = `a; =b; ;;; __proto__=1; constructor=2; x=${'y'.repeat(1000)}; ${own}; "q"=1; ${'z'.repeat(3000)}`;
    const served = await rawRequest(page.url, {
      method: 'GET',
      headers: [
        ['host', host],
        ['cookie', strange],
      ],
    });
    assert.equal(served.status, 200);
    assert.equal(questionOn(await person.giveCode(page)), 'done');
  });

  test('requests that are none', async () => {
    const service = running();
    const before = await service.tables();
    for (const bytes of [
      'hello\r\n\r\n',
      '\0\0\0\0\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'GET / HTTP/9.9\r\n\r\n',
      'GET\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      `GET ${'/'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
      `GET /sign-in HTTP/1.1\r\nhost: ${new URL(service.origin).host}\r\nbad header\r\n\r\n`,
      `GET /sign-in HTTP/1.1\r\nhost : ${new URL(service.origin).host}\r\n\r\n`,
    ]) {
      const answer = await rawBytes(service.origin, Buffer.from(bytes, 'latin1'));
      assert.match(answer, /^HTTP\/1\.1 4\d\d |^$/, JSON.stringify(bytes.slice(0, 40)));
    }
    assert.deepEqual(await changesSince(service, before), []);
    assert.equal(questionOn(await (await newPerson(service, 'after-none')).open()), 'password');
  });

  test('addresses that are none of ours', async () => {
    const service = running();
    const { host } = new URL(service.origin);
    const before = await service.tables();
    for (const path of [
      '//sign-in',
      '/sign-in/../sign-in',
      '/sign-in/%2e%2e/%2e%2e/etc/passwd',
      '/sign-in/%00',
      '/sign-in/%',
      '/sign-in/%ff',
      '/assets/../../package.json',
      '/assets/%2e%2e/%2e%2e/package.json',
      '/sign-in;x=1',
      '/SIGN-IN',
      '/sign-in/x/y/z',
      '/__proto__',
      '/constructor/prototype',
      '/sign-in/__proto__',
      '/sign-in/constructor',
      '/oidc/interaction/__proto__',
      '/oidc/interaction/x/y',
      '/oidc/',
      '/oidc/authorize/__proto__',
      '/oidc/token',
    ]) {
      const odd = await rawBytes(
        service.origin,
        `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
      );
      assert.match(odd, /^HTTP\/1\.1 4\d\d /, `${path}: ${odd.slice(0, 200)}`);
      tellsNothing(odd);
    }
    assert.deepEqual(await changesSince(service, before), []);
  });

  test('names that reach into the prototype', async () => {
    const service = running();
    const person = await newPerson(service, 'prototype');
    const page = await person.open();
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'];
    const spellings = (name: string) => [name, `${name}[isAdmin]`, `${name}.isAdmin`, `a[${name}][isAdmin]`];
    for (const name of names.flatMap(spellings)) {
      const answer = await person.browser.post(formAt(page, 'password'), { [name]: 'yes' });
      assert.equal(answer.status, 422, name);
      const query = `${new URLSearchParams({ [name]: 'yes', lang: name })}`;
      assert.equal((await person.browser.get(`${page.url}?${query}`)).status, 200, name);
      const asked = await person.browser.get(`${service.origin}/oidc/authorize?${query}&client_id=${name}`);
      assert.equal(asked.status, 400, name);
      const odd = { 'accept-language': name, 'user-agent': name, [name.replaceAll(/\W/g, '-')]: name };
      assert.equal((await person.browser.get(page.url, odd)).status, 200, name);
    }
    assert.equal(({} as { readonly isAdmin?: unknown }).isAdmin, undefined);
    assert.deepEqual(Object.keys(Object.prototype), []);
    assert.equal(questionOn(await person.givePassword(page)), 'set-up');
  });
});

/** A status, also of a service that hangs up before everything was sent. */
async function tolerant(service: ServiceUnderTest, url: string, headers: RawHeaders): Promise<number> {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const { pathname } = new URL(url);
  const answer = await rawBytes(
    service.origin,
    `GET ${pathname} HTTP/1.1\r\n${lines}connection: close\r\n\r\n`,
  );
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}

function tellsNothing(text: string): void {
  assert.doesNotMatch(text, /node_modules|\.ts:\d+|\bat async\b|TypeError|node:internal/);
}
