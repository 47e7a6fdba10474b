// B17 and O-01. The service is made to send a browser, with a code in hand, to a place of the attacker's, because the
// address only looks like a registered one: by prefix, by pattern, after decoding, by another parser's opinion. An
// address counts when it is the registered one to the byte; everything else is a page of ours and never a redirect.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectPanel, type Panel } from '../conformance/panel.ts';
import { enrolledPerson } from '../support/person.ts';
import { changesSince, onEachEngine } from '../support/service-under-test.ts';

/** Each is the registered https://NAME.example/callback with one thing wrong. */
const mutations: readonly ((url: string) => string)[] = [
  () => 'https://evil.example/callback',
  () => ' ',
  () => '/callback',
  () => '//evil.example/callback',
  () => '\\\\evil.example\\callback',
  () => 'javascript:alert(1)',
  () => 'data:text/html,x',
  (url) => `${url}/`,
  (url) => `${url}/..`,
  (url) => `${url}/../evil`,
  (url) => `${url}/%2e%2e/evil`,
  (url) => `${url}?`,
  (url) => `${url}?next=https://evil.example`,
  (url) => `${url}#`,
  (url) => `${url}#x`,
  (url) => `${url}%00`,
  (url) => `${url}%0d%0aset-cookie:x=1`,
  (url) => `${url}\r\nlocation: https://evil.example`,
  (url) => `${url}\t`,
  (url) => ` ${url}`,
  (url) => `${url} https://evil.example`,
  (url) => `${url};evil`,
  (url) => url.slice(0, -1),
  (url) => url.toUpperCase(),
  (url) => url.replace('callback', 'Callback'),
  (url) => url.replace('callback', '%63allback'),
  (url) => url.replace('https:', 'http:'),
  (url) => url.replace('https:', 'HTTPS:'),
  (url) => url.replace('https:', 'https:/'),
  (url) => url.replace('https://', 'https:\\\\'),
  (url) => url.replace('https://', 'https:///'),
  (url) => url.replace('.example', '.example:443'),
  (url) => url.replace('.example', '.example:8443'),
  (url) => url.replace('.example', '.example.'),
  (url) => url.replace('.example', '.example.evil.example'),
  (url) => url.replace('.example', '.example@evil.example'),
  (url) => url.replace('.example', '.example%40evil.example'),
  (url) => url.replace('.example', '.example\\@evil.example'),
  (url) => url.replace('.example/', '.example\\.evil.example/'),
  (url) => url.replace('https://', 'https://www.'),
  (url) => url.replace('https://', 'https://evil.example/?'),
  (url) => url.replace('https://', 'https://evil.example#'),
  (url) => url.replace('https://', 'https://user:password@'),
  (url) => url.replace('example', 'exаmple'),
  (url) => url.replace('example', 'ｅxample'),
  (url) => url.replace('/callback', '//callback'),
  (url) => url.replace('/callback', '/./callback'),
  (url) => url.replace('/callback', '/x/../callback'),
];

onEachEngine('B17 open redirect', (running) => {
  test('an address that is not registered to the byte is a page, for who is signed in and for who is not', async () => {
    const service = running();
    const panel = await connectPanel(service, 'redirected');
    const person = await enrolledPerson(service, 'redirected');
    for (const isSignedIn of [false, true]) {
      if (isSignedIn) await panel.signIn(person);
      const before = await service.tables();
      for (const address of mutations.map((mutate) => mutate(panel.redirectUri))) {
        for (const prompt of ['', 'none']) {
          const { url } = await panel.begin({ redirect_uri: address, ...(prompt !== '' && { prompt }) });
          const answer = await person.browser.get(url);
          assert.equal(answer.status, 400, address);
          assert.equal(answer.location, undefined, address);
          for (const target of targetsOn(answer.text)) {
            // The language links repeat the question to ourselves, and so lead nowhere else.
            assert.equal(new URL(target, service.origin).origin, service.origin, `${address}: ${target}`);
          }
        }
      }
      assert.deepEqual(
        (await changesSince(service, before)).filter((row) => !row.includes('"Session"')),
        [],
      );
    }
  });

  test('of two addresses none is used, and of two clients neither', async () => {
    const service = running();
    const panel = await connectPanel(service, 'doubled');
    const person = await enrolledPerson(service, 'doubled');
    for (const [name, value] of [
      ['redirect_uri', 'https://evil.example/'],
      ['client_id', 'other'],
    ] as const) {
      const { url } = await panel.begin();
      for (const twice of [`${url}&${name}=${value}`, url.replace('?', `?${name}=${value}&`)]) {
        const { location } = await person.browser.get(twice);
        // The only registered address may be told what was wrong; nobody is told anything else.
        if (location === undefined) continue;
        assert.ok(location.startsWith(`${panel.redirectUri}?`), location);
        assert.equal(new URL(location).searchParams.get('error'), 'invalid_request');
      }
    }
  });

  test('another client’s registered address is not one of this client’s', async () => {
    const service = running();
    const [mine, theirs] = [await connectPanel(service, 'mine'), await connectPanel(service, 'theirs')];
    const person = await enrolledPerson(service, 'crossed');
    const { url } = await mine.begin({ redirect_uri: theirs.redirectUri });
    assert.equal((await person.browser.get(url)).status, 400);
    const unknown = await mine.begin({ client_id: 'nobody' });
    assert.equal((await person.browser.get(unknown.url)).status, 400);
  });

  test('our own pages lead nowhere else, whatever they are told', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'own-pages');
    const evil = 'https://evil.example/';
    const names = [
      'return_to',
      'rd',
      'next',
      'redirect',
      'redirect_uri',
      'continue',
      'url',
      'target',
      'lang',
    ];
    const query = new URLSearchParams(Object.fromEntries(names.map((name) => [name, evil])));
    const page = await person.open(`${service.origin}/sign-in?${query}`);
    const tampered = `${page.url}?${query}`;
    for (const url of [tampered, `${service.origin}/signed-out?${query}`, `${service.origin}/?${query}`]) {
      const answer = await person.browser.get(url);
      assert.ok(!(answer.location ?? service.origin).includes('evil'), url);
      assert.ok(!answer.text.includes('evil'), url);
    }
    const last = await person.finish(page);
    assert.ok(!last.text.includes('evil'));
  });

  test('a form of a sign-in ends at us or at the panel it is for, says its policy', async () => {
    const service = running();
    const panel: Panel = await connectPanel(service, 'policy');
    await connectPanel(service, 'policy-other');
    const person = await enrolledPerson(service, 'policy');
    const page = await person.open((await panel.begin()).url);
    const policy = page.headers.get('content-security-policy') ?? '';
    const formAction = /form-action ([^;]*)/.exec(policy)?.[1];
    assert.equal(formAction, `'self' ${panel.url}`);
  });
});

/** Every address that a page leads to, loads or sends to. */
function targetsOn(text: string): readonly string[] {
  const found = [...text.matchAll(/(?:href|action|src|content)="([^"]*)"/g)];
  return found.map(([, target = '']) => target.replaceAll('&amp;', '&'));
}
