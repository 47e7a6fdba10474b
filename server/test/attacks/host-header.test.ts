// B18. The Host header, or one of those a proxy adds, decides what the service writes into links. In ZITADEL
// (CVE-2025-64101) a reset link pointed to the host of X-Forwarded-Host. Links and the issuer come from the
// configuration; another host is not served at all, and forwarded headers of strangers change nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesSince, onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import { type RawHeaders, rawBytes, rawRequest } from './raw-request.ts';

const evil = 'evil.example';
/** A page, the beginning of a sign-in, and each of the OIDC library's own addresses. */
const paths = [
  '/',
  '/sign-in',
  '/signed-out',
  '/nowhere',
  '/.well-known/openid-configuration',
  '/oidc/jwks',
  '/oidc/authorize?client_id=unknown',
  '/oidc/sign-out',
  '/oidc/userinfo',
];

onEachEngine('B18 the host header', (running) => {
  test('another host is not served, and nothing is begun for it', async () => {
    const service = running();
    const { host, port } = new URL(service.origin);
    const hosts = [
      evil,
      `${evil}:${port}`,
      `${host}.${evil}`,
      `${host}@${evil}`,
      `${evil}#${host}`,
      `localhost:${Number(port) - 1}`,
      'localhost',
      `127.0.0.1:${port}`,
      `[::1]:${port}`,
      `${host}.`,
      ` ${host}, ${evil}`,
      `${host} ${evil}`,
      '',
      '/',
      '\\',
      '%',
      `${host}%00`,
    ];
    const before = await service.tables();
    for (const path of paths) {
      for (const odd of hosts) {
        const answer = await rawRequest(service.origin + path, { method: 'GET', headers: [['host', odd]] });
        assert.equal(answer.status, 421, `${path}, ${odd}`);
        assert.ok(!everythingIn(answer).includes(evil), `${path}, ${odd}`);
      }
    }
    assert.deepEqual(await changesSince(service, before), []);
  });

  test('of two hosts the other is not used, and without one nothing is served', async () => {
    const service = running();
    const { host } = new URL(service.origin);
    const before = await service.tables();
    for (const lines of [`host: ${host}\r\nhost: ${evil}`, `host: ${evil}\r\nhost: ${host}`]) {
      const request = `GET /signed-out HTTP/1.1\r\n${lines}\r\nconnection: close\r\n\r\n`;
      const answer = await rawBytes(service.origin, request);
      assert.match(answer, /^HTTP\/1\.1 (?:200|400|421) /, lines);
      assert.ok(!answer.includes(evil), lines);
    }
    const without = await rawBytes(service.origin, 'GET /sign-in HTTP/1.1\r\nconnection: close\r\n\r\n');
    assert.match(without, /^HTTP\/1\.1 4(?:00|21) /);
    const old = await rawBytes(service.origin, 'GET /sign-in HTTP/1.0\r\n\r\n');
    assert.match(old, /^HTTP\/1\.1 421 /);
    assert.deepEqual(await changesSince(service, before), []);
  });

  test('a host in the request line is not a second way, not even into a link', async () => {
    const service = running();
    const { host } = new URL(service.origin);
    const targets = [
      `http://${evil}/sign-in`,
      `http://${evil}/nowhere`,
      `//${evil}/`,
      `/\\${evil}/`,
      `///${evil}`,
    ];
    for (const target of targets) {
      const request = `GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
      const answer = await rawBytes(service.origin, request);
      const leading = [...answer.matchAll(/(?:href|action|src)="([^"]*)"|location: (\S+)/g)].filter(
        ([, link, location]) => new URL(link ?? location ?? '', service.origin).origin !== service.origin,
      );
      assert.deepEqual(
        leading.map(([link]) => link),
        [],
        target,
      );
    }
  });

  test('what a proxy would say is not believed of a stranger', async () => {
    const service = running();
    const forwarded: RawHeaders = [
      ['x-forwarded-host', evil],
      ['x-forwarded-server', evil],
      ['x-forwarded-proto', 'https'],
      ['x-forwarded-port', '443'],
      ['x-forwarded-prefix', `/${evil}`],
      ['x-original-url', `/${evil}`],
      ['x-rewrite-url', `/${evil}`],
      ['x-host', evil],
      ['forwarded', `for=1.2.3.4;host=${evil};proto=https`],
    ];
    for (const path of paths) {
      const plain = await seen(service, path, []);
      assert.deepEqual(await seen(service, path, forwarded), plain, path);
    }
    await seen(service, '/sign-in', [['x-forwarded-for', '203.0.113.9']]);
    const noted = await service.rows(`select fields from audit_personal where fields like '%203.0.113.9%'`);
    assert.deepEqual(noted, []);
  });
});

async function seen(service: ServiceUnderTest, path: string, headers: RawHeaders): Promise<string> {
  const { host } = new URL(service.origin);
  const answer = await rawRequest(service.origin + path, {
    method: 'GET',
    headers: [['host', host], ...headers],
  });
  // What differs from one request to the next: identifiers and secrets that were made for it.
  return everythingIn(answer)
    .replaceAll(/"date":"[^"]*"/g, '')
    .replaceAll(/\/sign-in\/[\w-]+/g, '/sign-in/*')
    .replaceAll(/secondring-[\w-]+=[^;"]*/g, 'cookie')
    .replaceAll(/value=\\?"[0-9a-f]{48}\\?"/g, 'xsrf')
    .replaceAll(/expires=[^";]*/g, 'expires');
}

function everythingIn(answer: {
  readonly status: number;
  readonly headers: object;
  readonly text: string;
}): string {
  return JSON.stringify([answer.status, answer.headers, answer.text]);
}
