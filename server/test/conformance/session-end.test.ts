// Signing out (OIDC RP-Initiated Logout 1.0): it ends the one row that is the truth, and with it everything that was
// given on its strength, in every tab and for every panel. Only whoever has the session can end it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enrolledPerson, type Person, questionOn } from '../support/person.ts';
import { onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import { formAction, WebClient } from '../support/web-client.ts';
import {
  answerIn,
  confirmSignOut as confirm,
  connectPanel,
  leftFor,
  type Panel,
  type Tokens,
} from './panel.ts';

onEachEngine('signing out', (running) => {
  test('at a panel: asked once, then over, here and in the other tab, and back at the panel', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'panel');
    const tab = await person.signIn();
    assert.equal(questionOn(await person.open(tab.url)), 'done');
    const panel = await connectPanel(service, 'panel');
    const other = await connectPanel(service, 'panel-other');
    const [tokens, theirs] = [await panel.signIn(person), await other.signIn(person)];

    const asked = await person.open(panel.signOutUrl(tokens));
    assert.equal(asked.status, 200);
    assert.equal((await panel.userInfo(tokens)).sub, person.accountId, 'asking alone ends nothing');
    const left = await confirm(person, asked);
    assert.equal(new URL(leftFor(left)).href, `${panel.url}/signed-out`);

    assert.notEqual(questionOn(await person.open(tab.url)), 'done');
    await isOver(service, person, panel, tokens);
    await isOver(service, person, other, theirs);
    const [session] = await service.rows(
      `select end_reason from sessions where account_id = '${person.accountId}' order by created_at_ms desc limit 1`,
    );
    assert.equal(session?.['end_reason'], 'signed-out');
  });

  test('on our own page: the panels’ tokens end, too', async () => {
    const { service, person, panel, tokens } = await signedIn(running(), 'own');
    const answer = await person.browser.post(`${service.origin}/sign-out`);
    assert.equal(answer.location, `${service.origin}/signed-out`);
    for (const name of ['secondring-session', 'secondring-oidc-session']) {
      assert.equal(person.browser.cookie(service.origin, name), undefined);
    }
    await isOver(service, person, panel, tokens);
  });

  test('a copy of the cookies is worth nothing afterwards', async () => {
    const { service, person, panel } = await signedIn(running(), 'copied');
    const copy = new WebClient();
    for (const name of ['secondring-session', 'secondring-oidc-session', 'secondring-browser']) {
      copy.setCookie(service.origin, name, person.browser.cookie(service.origin, name) ?? '');
    }
    await person.browser.post(`${service.origin}/sign-out`);
    const begun = await panel.begin({ prompt: 'none' });
    const answer = await copy.follow(await copy.get(begun.url), service.origin);
    assert.equal(answerIn(answer).get('error'), 'login_required');
  });

  test('staying is possible, and nothing has ended then', async () => {
    const { person, panel, tokens } = await signedIn(running(), 'stays');
    await person.open(panel.signOutUrl(tokens));
    assert.equal((await panel.userInfo(tokens)).sub, person.accountId);
    const begun = await panel.begin({ prompt: 'none' });
    assert.ok(answerIn(await person.open(begun.url)).has('code'));
  });

  test('the form is of this browser’s session: another’s, none or a made-up one ends nothing', async () => {
    const { service, person, panel, tokens } = await signedIn(running(), 'forged');
    const attacker = await signedIn(service, 'forger');
    const theirPage = await attacker.person.open(attacker.panel.signOutUrl(attacker.tokens));
    const xsrf = /name="xsrf" value="([^"]*)"/.exec(theirPage.text)?.[1] ?? '';
    await person.open(panel.signOutUrl(tokens));
    const action = formAction(theirPage, '/confirm');
    for (const form of [{}, { xsrf }, { xsrf: '' }, { xsrf: 'undefined' }]) {
      const answer = await person.browser.post(action, { ...form, logout: 'yes' });
      assert.equal(answer.status, 400);
    }
    assert.equal((await panel.userInfo(tokens)).sub, person.accountId);
  });

  test('afterwards the browser goes nowhere but where the panel registered', async () => {
    const { person, panel, tokens } = await signedIn(running(), 'addresses');
    for (const address of [
      'https://evil.example/',
      `${panel.url}/signed-out/`,
      `${panel.url}/signed-out?x=1`,
      `${panel.url}.evil.example/signed-out`,
      'javascript:alert(1)',
    ]) {
      const url = new URL(panel.signOutUrl(tokens));
      url.searchParams.set('post_logout_redirect_uri', address);
      const page = await person.open(url.href);
      assert.equal(page.status, 400, address);
      assert.ok(!/(?:href|action)="[^"]*(?:evil|javascript)/.test(page.text), address);

      // Without a hint the panel is not known, and the address counts for nothing.
      url.searchParams.delete('id_token_hint');
      const unknown = await person.open(url.href);
      assert.ok(!/(?:href|action)="[^"]*(?:evil|javascript)/.test(unknown.text), `${address} without a hint`);
    }
  });

  test('a hint of another kind, or changed, is refused', async () => {
    const { person, panel, tokens } = await signedIn(running(), 'hints');
    const [header = '', payload = '', signature = ''] = (tokens.id_token ?? '').split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const hint of [
      'x',
      `${none}.${payload}.`,
      `${header}.${Buffer.from('{"aud":"hints"}').toString('base64url')}.${signature}`,
      tokens.access_token,
    ]) {
      const url = new URL(panel.signOutUrl(tokens));
      url.searchParams.set('id_token_hint', hint);
      assert.equal((await person.open(url.href)).status, 400, hint);
    }
  });

  test('the account disabled: its tokens end with the next request', async () => {
    const { service, person, panel, tokens } = await signedIn(running(), 'disabled');
    await service.write(`update accounts set status = 'disabled' where id = '${person.accountId}'`);
    await isOver(service, person, panel, tokens);
  });

  test('in another language: the page of the library changes, stays changed, and still leads back', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'language');
    const panel = await connectPanel(service, 'language');
    const tokens = await panel.signIn(person);
    const asked = await person.open(panel.signOutUrl(tokens));
    assert.match(asked.text, /<html lang="en"/);
    const link = /href="([^"]*lang=nl)"/.exec(asked.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const inDutch = await person.open(new URL(link, asked.url).href);
    assert.match(inDutch.text, /<html lang="nl"/);
    assert.match(
      inDutch.text,
      /bij Panel language en bij alle andere panelen/,
      'it knows still which panel asked',
    );
    const left = await confirm(person, inDutch);
    assert.equal(new URL(leftFor(left)).href, `${panel.url}/signed-out`);
    assert.match((await person.open()).text, /<html lang="nl"/, 'and so does the next page');
    const refused = await person.open(`${service.origin}/oidc/authorize?client_id=nobody&lang=en`);
    assert.match(refused.text, /<html lang="en"/);
  });
});

async function signedIn(service: ServiceUnderTest, name: string) {
  const panel = await connectPanel(service, name);
  const person = await enrolledPerson(service, name);
  return { service, panel, person, tokens: await panel.signIn(person) };
}

/** Presses the button that signs out. */
async function isOver(
  service: ServiceUnderTest,
  person: Person,
  panel: Panel,
  tokens: Tokens,
): Promise<void> {
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const info = await fetch(`${service.origin}/oidc/userinfo`, { headers });
  assert.equal(info.status, 401);
  const begun = await panel.begin({ prompt: 'none' });
  assert.equal(answerIn(await person.open(begun.url)).get('error'), 'login_required');
}
