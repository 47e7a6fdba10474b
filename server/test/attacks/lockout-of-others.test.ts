// A8. The lock as a weapon: whoever knows a name locks its owner out. So nothing that can be done without the
// password may move a counter of the second step; and with it only short codes lock, while paper stays open.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otpRule } from '#core/throttle.ts';
import { askedElsewhere, enrolledPerson, formAt, questionOn } from '../support/person.ts';
import { onEachEngine } from '../support/service-under-test.ts';
import { WebClient } from '../support/web-client.ts';
import { codeCounterOf } from './tally.ts';

const hourMs = 60 * 60 * 1000;

onEachEngine('A8 locking somebody out', (running) => {
  test('without the password no counter of the second step moves, and the owner gets in', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'owner');
    const owned = await askedElsewhere(person);
    const countersOf = () =>
      service.rows(`select key, count from tries where key like '%${person.accountId}%' order by key`);
    const before = await countersOf();
    const ownBrowser = person.browser;
    const attacker = new WebClient();
    const begun = await attacker.follow(await attacker.get(`${service.origin}/sign-in`));
    for (let tries = 0; tries < 40; tries += 1) {
      for (const page of [begun, owned]) {
        await attacker.post(formAt(page, 'password'), { username: person.username, password: `${tries}` });
        await attacker.post(formAt(page, 'code'), { code: '123456', username: person.username });
        await attacker.post(formAt(page, 'authenticator-app'), { code: '123456' });
        await attacker.post(formAt(page, 'retry'));
      }
      service.clock.advance(20 * 1000);
    }
    assert.deepEqual(await countersOf(), before);
    assert.equal(questionOn(await person.open(owned.url)), undefined, 'ten minutes are over');

    // The wait after wrong passwords belongs to a name and a network; the owner shares the attacker's here.
    service.clock.advance(hourMs);
    person.browser = ownBrowser;
    assert.equal(questionOn(await person.signIn()), 'done');
  });

  test('with the password the codes lock, a recovery code gets in and lifts the lock', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'locked');
    for (let tries = 0; tries < otpRule.limit; tries += 1) {
      service.clock.advance(hourMs);
      const url = formAt(await askedElsewhere(person), 'code');
      await person.browser.post(url, { code: person.wrongCode() });
    }
    const locked = await askedElsewhere(person);
    assert.match(locked.text, /locked/);
    assert.equal((await person.browser.post(formAt(locked, 'code'), { code: person.code() })).status, 422);

    const authenticator = /name="authenticator" value="([^"]+)"/.exec(locked.text)?.[1] ?? '';
    const paper = await person.submit(locked, '/method', { authenticator });
    assert.equal(questionOn(paper), 'recovery-code');
    assert.equal(questionOn(await person.giveCode(paper, person.nextRecoveryCode())), 'done');
    assert.equal(await codeCounterOf(service, person), 0);
    assert.equal(questionOn(await person.giveCode(await askedElsewhere(person))), 'done');
  });

  test('wrong recovery codes keep nobody from using their app', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'paper');
    const page = await askedElsewhere(person);
    const authenticator = /name="authenticator" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const statuses: number[] = [];
    for (let tries = 0; tries < 8; tries += 1) {
      await person.browser.post(formAt(page, 'method'), { authenticator });
      const wrong = `${person.recoveryCodes[0]?.slice(0, 2)}-0000-0000-0000-0000`;
      statuses.push((await person.browser.post(formAt(page, 'code'), { code: wrong })).status);
    }
    assert.deepEqual(statuses, [422, 422, 422, 422, 422, 429, 429, 429]);
    assert.equal(questionOn(await person.giveCode(await askedElsewhere(person))), 'done');
  });
});
