// A1. A code of an authenticator app is used a second time. Whoever looks over a shoulder, or sits between the
// person and the page, has a code that is still inside its window when the owner is already in. Products that keep
// the code for a time shorter than its window, or that compare only with the last code and not with the last
// step, let it pass: Vault CVE-2025-6014, OpenBao CVE-2025-55003, Vikunja CVE-2026-33473, ZITADEL #6452. The code
// that set the app up is such a code, too.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedElsewhere, enrolledPerson, formAt, newPerson, questionOn } from '../support/person.ts';
import { onEachEngine } from '../support/service-under-test.ts';

const second = 1000;

onEachEngine('A1 a code used again', (running) => {
  for (const laterMs of [0, 1 * second, 24 * second, 29 * second]) {
    test(`${laterMs / second} s later, in another browser`, async () => {
      const person = await enrolledPerson(running(), `again-${laterMs}`);
      const code = person.freshCode();
      const first = await person.giveCode(await askedElsewhere(person), code);
      assert.equal(questionOn(first), 'done');

      running().clock.advance(laterMs);
      const answer = await person.giveCode(await askedElsewhere(person), code);
      assert.equal(answer.status, 422);
      assert.equal(questionOn(answer), 'code');
    });
  }

  test('the code that set the app up, at the first sign-in', async () => {
    const person = await newPerson(running(), 'set-up');
    const page = await person.setUpApp(await person.givePassword(await person.open()));
    assert.equal(questionOn(page), 'backup');

    const asked = await askedElsewhere(person);
    assert.equal((await person.giveCode(asked, person.code())).status, 422);
    assert.equal(questionOn(await person.giveCode(asked)), 'backup');
  });

  test('an older code of the same window after a newer one', async () => {
    const person = await enrolledPerson(running(), 'older');
    running().clock.toNextStep();
    const older = person.code(-1);
    assert.equal(questionOn(await person.signIn()), 'done');

    const asked = await askedElsewhere(person);
    assert.equal((await person.giveCode(asked, older)).status, 422);
  });

  test('in ten sign-ins at once: one gets in', async () => {
    const person = await enrolledPerson(running(), 'at-once');
    const asked = [];
    for (let count = 0; count < 10; count += 1) {
      const page = await askedElsewhere(person);
      asked.push({ browser: person.browser, action: formAt(page, 'code') });
    }
    const code = person.freshCode();
    await Promise.all(asked.map(({ browser, action }) => browser.post(action, { code })));
    const events = await running().rows(
      `select id from audit_leaves where account_id = '${person.accountId}' and event = 'sign-in.succeeded'`,
    );
    assert.equal(events.length, 2, 'one when the app was set up, one now');
  });
});
