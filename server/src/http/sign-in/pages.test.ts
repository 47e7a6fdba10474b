// What the pages say of a sign-in's state: the time that is left, what stayed behind in an app, and what helps when
// codes are locked.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authenticator } from '#core/authenticator.ts';
import type { SignInView } from '#core/ports.ts';
import { otpRule } from '#core/throttle.ts';
import { askedElsewhere, enrolledPerson, newPerson, questionOn } from '#test/support/person.ts';
import { onEachEngine } from '#test/support/service-under-test.ts';
import { messagesFor } from '#ui/messages/messages.ts';
import { renderScene } from './pages.ts';

const minute = 60 * 1000;
const { locked } = messagesFor('en').code;

onEachEngine('what the sign-in pages say', (running) => {
  test('the set-up says how long there is, and afterwards what to remove from the app', async () => {
    const service = running();
    const person = await newPerson(service, 'slow');
    const setUp = await person.givePassword(await person.open());
    assert.match(setUp.text, /You have \d+ minutes\. Need longer/);
    service.clock.advance(4 * minute);
    assert.match((await person.open(setUp.url)).text, /You have [56] minutes\./);
    service.clock.advance(6 * minute);
    const expired = await person.open(setUp.url);
    assert.equal(expired.status, 410);
    assert.match(expired.text, /Remove Test Telecom from it first/);
  });

  test('an app that works is not to be removed, and one that was never shown neither', async () => {
    const service = running();
    const person = await newPerson(service, 'kept');
    const begun = await person.open();
    const withApp = await person.setUpApp(await person.givePassword(await person.open()));
    assert.equal(questionOn(withApp), 'backup');
    service.clock.advance(10 * minute);
    for (const { url } of [begun, withApp]) {
      const expired = await person.open(url);
      assert.equal(expired.status, 410);
      assert.match(expired.text, /<h1>That took too long<\/h1>/);
      assert.doesNotMatch(expired.text, /Remove/);
    }
  });

  test('a recovery code does lift the lock of the app’s codes, as the page says', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'locked');
    let page = await askedElsewhere(person);
    for (let wrong = 1; wrong <= otpRule.limit; wrong += 1) {
      page = await askedElsewhere(person);
      await person.giveCode(page, person.wrongCode());
      service.clock.advance(60 * minute);
    }
    page = await askedElsewhere(person);
    assert.ok(page.text.includes(locked['recovery-code']));
    const recovery = await person.submit(page, '/method', { authenticator: hiddenOn(page.text) });
    const done = await person.giveCode(recovery, person.nextRecoveryCode());
    assert.equal(questionOn(done), 'done');
    assert.match(done.text, /Lost your phone\? Call support to link a new one\./);
    const again = await person.giveCode(await askedElsewhere(person));
    assert.equal(questionOn(again), 'done');
    assert.doesNotMatch(again.text, /Lost your phone/);
  });
});

function hiddenOn(text: string): string {
  return /name="authenticator" value="([^"]+)"/.exec(text)?.[1] ?? '';
}

/** A page of codes that are locked, with these other methods. */
function lockedPage(kinds: readonly Authenticator['kind'][]): string {
  const methodOf = (kind: Authenticator['kind'], id: string): Authenticator => ({
    ...{ id, kind, accountId: 'a', companyId: 'c', label: '', position: 0, boundAtMs: 0 },
    ...{ lastUsedAtMs: undefined, unusedCodes: undefined, keptAtMs: undefined },
  });
  const assets = { css: '/a.css', script: '/a.js', icon: '/a.svg' };
  const others = kinds.map((kind, index) => methodOf(kind, `other-${index}`));
  return String(
    renderScene(
      { scene: 'code', method: methodOf('totp', 'asked'), others, standing: 'locked' },
      {
        page: { language: 'en', providerName: 'Noordtel', path: '/', assets },
        // Nothing else of the view is on this page.
        view: { signIn: { id: '1' }, account: { username: 'anna' } } as unknown as SignInView,
        nowMs: 0,
        applications: [],
        mistake: undefined,
      },
    ),
  );
}

for (const [kinds, sentence, offered] of [
  [['totp', 'recovery-code'], locked['recovery-code'], ['other-1']],
  [['phone', 'passkey'], locked.others, ['other-1']],
  [['totp', 'app'], locked.support, []],
  [[], locked.support, []],
] as const) {
  test(`locked codes beside ${kinds.join(' and ') || 'nothing'}: only what is not locked too is offered`, () => {
    const page = lockedPage(kinds);
    assert.ok(page.includes(sentence), page);
    const ids = [...page.matchAll(/name="authenticator" value="([^"]+)"/g)].map(([, id]) => id);
    assert.deepEqual(ids, offered);
  });
}
