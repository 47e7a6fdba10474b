// B2. Session fixation. The attacker plants a cookie in the victim's browser (from a subdomain, over http, on a shared
// computer), lets the victim sign in, and uses the value they know. So whatever was there before never becomes the
// session: a sign-in brings a new token, and the session the browser had until then ends.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enrolledPerson, newPerson, questionOn, signInIdOf } from '../support/person.ts';
import { onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import { WebClient } from '../support/web-client.ts';

const planted = 'cGxhbnRlZC1ieS1zb21lYm9keS1lbHNlLXBsYW50ZWQ';
const cookies = ['secondring-session', 'secondring-oidc-session', 'secondring-browser'] as const;

onEachEngine('B2 a fixed session', (running) => {
  test('planted cookies do not become a session, and their owner gets nothing', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'victim');
    for (const name of cookies) person.browser.setCookie(service.origin, name, planted);
    const last = await person.signIn();
    assert.equal(questionOn(last), 'done');
    assert.notEqual(person.browser.cookie(service.origin, 'secondring-session'), planted);

    const attacker = new WebClient();
    for (const name of cookies) attacker.setCookie(service.origin, name, planted);
    const seen = await attacker.get(last.url);
    assert.notEqual(questionOn(seen), 'done', seen.text);
    assert.ok(!seen.text.includes(person.username));
    assert.equal(await sessionsWith(service, planted), 0);
  });

  test('a sign-in that the attacker began is not where the victim types', async () => {
    const service = running();
    const attacker = new WebClient();
    const begun = await attacker.follow(await attacker.get(`${service.origin}/sign-in`));
    const person = await newPerson(service, 'led-there');
    await person.open();
    assert.equal((await person.browser.get(begun.url)).status, 403);

    // With the attacker's browser key planted as well it is theirs on both sides: the session still is not.
    const key = attacker.cookie(service.origin, 'secondring-browser') ?? '';
    person.browser.setCookie(service.origin, 'secondring-browser', key);
    const last = await person.finish(await person.open(begun.url));
    assert.equal(questionOn(last), 'done');
    const seen = await attacker.get(begun.url);
    assert.notEqual(questionOn(seen), 'done');
    assert.ok(!seen.text.includes(person.username));
  });

  test('each sign-in brings a new token, and the one the browser had is dead', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'again');
    const tokens: string[] = [];
    for (let times = 0; times < 3; times += 1) {
      assert.equal(questionOn(await person.signIn()), 'done');
      tokens.push(person.browser.cookie(service.origin, 'secondring-session') ?? '');
    }
    assert.equal(new Set(tokens).size, 3);
    const sessions = await service.rows(
      `select end_reason from sessions where account_id = '${person.accountId}' order by created_at_ms`,
    );
    // One is of the browser the app was set up in, one of this browser, however often it signed in.
    assert.deepEqual(
      sessions.map((row) => row['end_reason']),
      [null, null],
    );
    const last = tokens.pop();
    for (const token of tokens) {
      person.browser.setCookie(service.origin, 'secondring-session', token);
      assert.notEqual(questionOn(await person.open()), 'done');
      const signedOut = await person.browser.post(`${service.origin}/sign-out`);
      assert.equal(signedOut.status, 303);
    }
    assert.notEqual(last, undefined);
    const [row] = await service.rows(
      `select count(*) as number from sessions where account_id = '${person.accountId}' and ended_at_ms is null`,
    );
    assert.equal(Number(row?.['number']), 2, 'a dead token signs nobody out');
  });

  test('a token is not in the store, and the page of one sign-in is not shown for another’s session', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'own-page');
    const last = await person.signIn();
    const token = person.browser.cookie(service.origin, 'secondring-session') ?? '';
    assert.equal(await sessionsWith(service, token), 0);

    const other = await enrolledPerson(service, 'other-page');
    await other.signIn();
    other.browser.setCookie(
      service.origin,
      'secondring-browser',
      person.browser.cookie(service.origin, 'secondring-browser') ?? '',
    );
    assert.equal(signInIdOf(last), signInIdOf(await other.browser.get(last.url)));
    assert.notEqual(questionOn(await other.browser.get(last.url)), 'done');
  });
});

/** How many rows of any table hold a value as it is. */
async function sessionsWith(service: ServiceUnderTest, value: string): Promise<number> {
  return Object.values(await service.tables())
    .flat()
    .filter((row) => row.includes(value)).length;
}
