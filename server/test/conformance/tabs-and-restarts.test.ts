// What people do that no protocol draws: two panels in two tabs of one browser, a reload, the back button, a double
// click, a service that is restarted while somebody looks for their phone. Each tab ends where it was going.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enrolledPerson, formAt, newPerson, questionOn } from '../support/person.ts';
import { onEachEngine } from '../support/service-under-test.ts';
import { answerIn, connectPanel, leftFor } from './panel.ts';

onEachEngine('tabs, reloads and restarts', (running) => {
  test('two panels in two tabs, step by step in turn: each gets its own answer', async () => {
    const service = running();
    const [left, right] = [await connectPanel(service, 'left'), await connectPanel(service, 'right')];
    const person = await enrolledPerson(service, 'two-tabs');
    const [inLeft, inRight] = [await left.begin(), await right.begin()];
    const leftTab = await person.open(inLeft.url);
    const rightTab = await person.open(inRight.url);
    assert.notEqual(leftTab.url, rightTab.url);
    const leftAsked = await person.givePassword(leftTab);
    const rightAsked = await person.givePassword(rightTab);
    const leftTokens = await left.finish(inLeft, leftFor(await person.giveCode(leftAsked)));
    const rightTokens = await right.finish(inRight, leftFor(await person.giveCode(rightAsked)));
    assert.equal(leftTokens.claims()?.aud, 'left');
    assert.equal(rightTokens.claims()?.aud, 'right');
    assert.equal((await right.userInfo(rightTokens)).sub, person.accountId);
  });

  test('the tab that waits is let through by the other one’s sign-in when it begins anew', async () => {
    const service = running();
    const [left, right] = [await connectPanel(service, 'done-first'), await connectPanel(service, 'then')];
    const person = await enrolledPerson(service, 'then');
    await left.signIn(person);
    const begun = await right.begin();
    await right.finish(begun, leftFor(await person.open(begun.url)));
  });

  test('one panel in two tabs: each state goes with its own tab', async () => {
    const service = running();
    const panel = await connectPanel(service, 'same');
    const person = await enrolledPerson(service, 'same-panel');
    const [first, second] = [await panel.begin(), await panel.begin()];
    const firstTab = await person.open(first.url);
    const secondTab = await person.open(second.url);
    const secondAnswer = leftFor(await person.finish(secondTab));
    await panel.finish(second, secondAnswer);
    const firstAnswer = leftFor(await person.finish(firstTab));
    assert.equal(new URL(firstAnswer).searchParams.get('state'), first.state);
    await panel.finish(first, firstAnswer);
  });

  test('a panel exchanges its code after another tab signed in again: the session is the same one', async () => {
    const service = running();
    const [left, right] = [await connectPanel(service, 'late'), await connectPanel(service, 'early')];
    const person = await enrolledPerson(service, 'late');
    const [inLeft, inRight] = [await left.begin(), await right.begin()];
    const [leftTab, rightTab] = [await person.open(inLeft.url), await person.open(inRight.url)];
    const leftAnswer = leftFor(await person.finish(leftTab));
    const rightAnswer = leftFor(await person.finish(rightTab));
    await right.finish(inRight, rightAnswer);
    const tokens = await left.finish(inLeft, leftAnswer);
    assert.equal((await left.userInfo(tokens)).sub, person.accountId);
  });

  test('a double click on the last button: whichever answer the browser keeps leads into the panel', async () => {
    const service = running();
    const panel = await connectPanel(service, 'double-click');
    const person = await enrolledPerson(service, 'double-click');
    const begun = await panel.begin();
    const page = await person.givePassword(await person.open(begun.url));
    const form = { code: person.freshCode() };
    const click = () => person.browser.post(formAt(page, 'code'), form);
    const answers = await Promise.all([click(), click()]);
    for (const answer of answers) {
      const end = await person.browser.follow(answer, service.origin);
      assert.equal(end.status < 400, true, `${end.status} ${end.text}`);
      assert.ok(end.location !== undefined || questionOn(end) === 'done', end.text);
    }
    const left = answers.find(({ location }) => location?.includes('/oidc/authorize/') === true);
    assert.ok(left, 'one of the two was the first');
  });

  test('a restart between any two steps loses nothing', async () => {
    const service = running();
    const panel = await connectPanel(service, 'restarted');
    const person = await newPerson(service, 'restarted');
    const begun = await panel.begin();
    let page = await person.open(begun.url);
    while (page.location === undefined) {
      await service.restart();
      page = await person.answer(page);
    }
    await service.restart();
    const tokens = await panel.finish(begun, page.location);
    await service.restart();
    assert.equal((await panel.userInfo(tokens)).sub, person.accountId);
    const again = await panel.begin({ prompt: 'none' });
    await panel.finish(again, leftFor(await person.open(again.url)));
  });

  test('a reload of a page asks the same again', async () => {
    const service = running();
    const panel = await connectPanel(service, 'reloaded');
    const person = await enrolledPerson(service, 'reloaded');
    const begun = await panel.begin();
    const page = await person.open(begun.url);
    assert.equal(questionOn(await person.open(page.url)), 'password');
    const asked = await person.givePassword(page);
    assert.equal(questionOn(await person.open(asked.url)), 'code');
    // The form of the page before, sent again with the back button: what was proven stays proven.
    const back = await person.browser.post(formAt(page, 'password'), {
      username: person.username,
      password: 'x',
    });
    assert.equal(back.location, asked.url);
    await panel.finish(begun, leftFor(await person.giveCode(asked)));
  });

  test('back and reload after all is done: a page that says so, and no second session', async () => {
    const service = running();
    const panel = await connectPanel(service, 'afterwards');
    const person = await enrolledPerson(service, 'afterwards');
    const begun = await panel.begin();
    const asked = await person.givePassword(await person.open(begun.url));
    await panel.finish(begun, leftFor(await person.giveCode(asked)));
    const sessions = await service.rows('select id from sessions');
    assert.equal(questionOn(await person.open(asked.url)), 'done');
    for (const action of ['password', 'code', 'continue', 'backup']) {
      const answer = await person.browser.post(formAt(asked, action), { code: person.code() });
      const page = await person.browser.follow(answer, service.origin);
      assert.equal(page.location, undefined, action);
      assert.equal(questionOn(page), 'done', action);
    }
    assert.deepEqual(await service.rows('select id from sessions'), sessions);
    // The panel’s own address again begins anew, and ends without a question.
    const again = await person.open(begun.url);
    assert.ok(answerIn(again).has('code'));
  });

  test('a form’s address, reloaded or typed, leads back to the page it belongs to', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'typed-address');
    const asked = await person.givePassword(await person.open());
    const wrong = await person.giveCode(asked, person.wrongCode());
    assert.equal(wrong.status, 422);
    for (const action of ['code', 'password', 'retry', 'start-over']) {
      const address = formAt(asked, action);
      const answer = await person.browser.get(`${address}?code=000000`);
      assert.equal(answer.status, 303, action);
      assert.equal(new URL(answer.location ?? '', address).href, asked.url, action);
    }
    assert.equal(questionOn(await person.open(asked.url)), 'code');
    const nothing = await person.browser.get(formAt(asked, 'nothing'));
    assert.equal(nothing.status, 404);
  });

  test('a sign-in that was signed out of is over; one that nobody finished took too long', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'over');
    const unfinished = await person.givePassword(await person.open());
    const done = await person.signIn();
    assert.equal(questionOn(done), 'done');
    await person.browser.post(`${service.origin}/sign-out`, {});
    const over = await person.open(done.url);
    assert.equal(over.status, 410);
    assert.match(over.text, /<h1>This sign-in is over<\/h1>/);
    assert.match(over.text, /<a class="primary" href="\/sign-in">Start again<\/a>/);
    service.clock.advance(10 * 60 * 1000);
    assert.match((await person.open(done.url)).text, /<h1>This sign-in is over<\/h1>/);
    const expired = await person.open(unfinished.url);
    assert.equal(expired.status, 410);
    assert.match(expired.text, /<h1>That took too long<\/h1>/);
  });

  test('a request that is too old says so to nobody else', async () => {
    const service = running();
    const panel = await connectPanel(service, 'too-old');
    const person = await enrolledPerson(service, 'too-old');
    const begun = await panel.begin();
    const asked = await person.givePassword(await person.open(begun.url));
    service.clock.advance(10 * 60 * 1000);
    const answer = await person.browser.post(formAt(asked, 'code'), { code: person.code() });
    assert.equal(answer.status, 410);
    assert.equal(answer.location, undefined);
  });
});
