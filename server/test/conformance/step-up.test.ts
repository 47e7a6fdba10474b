// One session for all panels: a second panel asks nothing, one that wants more asks only for what is missing, and what
// is proven then is the same session, under a new token, so that no other panel notices.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enrolledPerson, formAt, newPerson, type Person, questionOn } from '../support/person.ts';
import { onEachEngine, password, type ServiceUnderTest } from '../support/service-under-test.ts';
import { formAction } from '../support/web-client.ts';
import { answerIn, connectPanel, leftFor } from './panel.ts';

const minute = 60_000;

onEachEngine('single sign-on and step-up', (running) => {
  test('a second panel asks nothing', async () => {
    const service = running();
    const [first, second] = [await connectPanel(service, 'sso-one'), await connectPanel(service, 'sso-two')];
    const person = await enrolledPerson(service, 'sso');
    await first.signIn(person);
    const begun = await second.begin();
    const tokens = await second.finish(begun, leftFor(await person.open(begun.url)));
    assert.equal(tokens.claims()?.sub, person.accountId);
  });

  test('a panel that wants a factor after one that did not asks for the factor alone', async () => {
    const { service, person, easy } = await atTheEasyPanel(running(), 'only-factor');
    const hard = await connectPanel(service, 'only-factor-hard');
    const [before] = await sessionsOf(service, person);
    const oldToken = tokenOf(service, person);
    const begun = await hard.begin();
    const page = await person.open(begun.url);
    assert.equal(questionOn(page), 'code');
    const tokens = await hard.finish(begun, leftFor(await person.giveCode(page)));
    assert.deepEqual(tokens.claims()?.['amr'], ['pwd', 'otp', 'mfa']);

    const sessions = await sessionsOf(service, person);
    assert.equal(sessions.length, 2, 'one of the browser the app was set up in, and this one');
    assert.equal(sessions[0]?.['id'], before?.['id']);
    assert.notEqual(tokenOf(service, person), oldToken, 'under a new token');
    assert.equal((await easy.panel.userInfo(easy.tokens)).sub, person.accountId, 'the first panel goes on');
    person.browser.setCookie(service.origin, 'secondring-session', oldToken);
    const again = await hard.begin({ prompt: 'none' });
    assert.equal(
      answerIn(await person.open(again.url)).get('error'),
      'login_required',
      'the old one is dead',
    );
  });

  test('a password that is too old for max_age is asked for alone when the factor is fresh', async () => {
    const service = running();
    const panel = await connectPanel(service, 'only-password');
    const person = await enrolledPerson(service, 'only-password');
    const begun = await panel.begin();
    const page = await person.givePassword(await person.open(begun.url));
    service.clock.advance(5 * minute);
    await panel.finish(begun, leftFor(await person.giveCode(page)));

    const again = await panel.begin({ max_age: '120' });
    const asked = await person.open(again.url);
    assert.equal(questionOn(asked), 'password');
    assert.match(asked.text, new RegExp(`value="${person.username}"[^>]* readonly`));
    const answer = await person.givePassword(asked);
    const tokens = await panel.finish(again, leftFor(answer));
    assert.deepEqual(tokens.claims()?.['amr'], ['pwd', 'otp', 'mfa']);
  });

  test('whoever is asked once more for their password cannot give somebody else’s', async () => {
    const service = running();
    const panel = await connectPanel(service, 'own-password');
    const person = await enrolledPerson(service, 'own-password');
    const other = await enrolledPerson(service, 'own-password-other');
    const begun = await panel.begin();
    const page = await person.givePassword(await person.open(begun.url));
    service.clock.advance(5 * minute);
    await panel.finish(begun, leftFor(await person.giveCode(page)));
    const again = await panel.begin({ max_age: '120' });
    const asked = await person.open(again.url);
    const answer = await person.submit(asked, '/password', { username: other.username, password });
    const tokens = await panel.finish(again, leftFor(answer));
    assert.equal(tokens.claims()?.sub, person.accountId, 'the name that came along counts for nothing');
  });

  test('“not you?” leaves the session’s account behind and asks for a name', async () => {
    const { service, person } = await atTheEasyPanel(running(), 'not-me');
    const other = await enrolledPerson(service, 'not-me-other');
    const hard = await connectPanel(service, 'not-me-hard');
    const begun = await hard.begin();
    const page = await person.open(begun.url);
    const anew = await person.submit(page, '/start-over');
    assert.doesNotMatch(anew.text, / readonly/);
    other.browser = person.browser;
    const tokens = await hard.finish(begun, leftFor(await other.finish(anew)));
    assert.equal(tokens.claims()?.sub, other.accountId);
    const [left] = await sessionsOf(service, person);
    assert.equal(left?.['end_reason'], 'replaced', 'one browser, one session');
  });

  test('a session that was left open sets up no first method without its password', async () => {
    const service = running();
    const easy = await connectPanel(service, 'left-open-easy', 'none');
    const hard = await connectPanel(service, 'left-open-hard');
    const person = await newPerson(service, 'left-open');
    await easy.signIn(person);
    service.clock.advance(6 * minute);
    const begun = await hard.begin();
    const page = await person.open(begun.url);
    assert.equal(questionOn(page), 'password');
    // With the cookie alone there is no way past it.
    const skipped = await person.browser.post(formAt(page, 'authenticator-app'), { code: '000000' });
    assert.equal(questionOn(await person.browser.follow(skipped, service.origin)), 'password');
    await hard.finish(begun, leftFor(await person.finish(page)));
  });

  test('a session that led nowhere for an hour asks again, and ends nothing at its panels', async () => {
    const service = running();
    const panel = await connectPanel(service, 'idle');
    const person = await enrolledPerson(service, 'idle');
    const tokens = await panel.signIn(person);
    service.clock.advance(4 * minute);
    assert.equal((await panel.userInfo(tokens)).sub, person.accountId);
    service.clock.advance(56 * minute);
    const begun = await panel.begin();
    assert.equal(questionOn(await person.open(begun.url)), 'password');
  });

  test('two tabs come for their session at the same moment: both get in, and the browser has a session', async () => {
    const { service, person, easy } = await atTheEasyPanel(running(), 'both-tabs');
    const begun = await Promise.all([easy.panel.begin({ max_age: '0' }), easy.panel.begin({ max_age: '0' })]);
    service.clock.advance(2000);
    const pages = [await person.open(begun[0].url), await person.open(begun[1].url)];
    const answers = await Promise.all(
      pages.map((page) => person.browser.post(formAction(page, '/password'), { password })),
    );
    for (const answer of answers) {
      assert.equal(answer.status, 303);
      const token = /secondring-session=([^;]+)/.exec(answer.headers.getSetCookie().join())?.[1] ?? '';
      person.browser.setCookie(service.origin, 'secondring-session', token);
      const silent = await easy.panel.begin();
      assert.ok(answerIn(await person.open(silent.url)).has('code'));
    }
  });
});

/** A person who came in with a password alone, where that is enough. */
async function atTheEasyPanel(service: ServiceUnderTest, name: string) {
  const panel = await connectPanel(service, `${name}-easy`, 'none');
  const person = await enrolledPerson(service, name);
  return { service, person, easy: { panel, tokens: await panel.signIn(person) } };
}

function sessionsOf(service: ServiceUnderTest, person: Person) {
  return service.rows(
    `select id, end_reason from sessions where account_id = '${person.accountId}' order by created_at_ms desc`,
  );
}

function tokenOf(service: ServiceUnderTest, person: Person): string {
  return person.browser.cookie(service.origin, 'secondring-session') ?? '';
}
