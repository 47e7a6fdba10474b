// B4 and B6. A method is set up by somebody who proved only the password. In Keycloak (CVE-2026-3429) a session without
// the second step could set up a method of its own; ZITADEL (CVE-2026-32132) took a setup code after its time, Keycloak
// (CVE-2026-37982) a second time. Only an account that never had a method is set up on its password, only inside its
// own sign-in, once, and within ten minutes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultTotpParameters, stepAt, totpCode } from '#factors/totp/totp.ts';
import {
  askedElsewhere,
  enrolledPerson,
  formAt,
  keyOn,
  newPerson,
  type Person,
  questionOn,
} from '../support/person.ts';
import { changesSince, onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import { WebClient } from '../support/web-client.ts';

const minuteMs = 60 * 1000;

onEachEngine('B4 and B6 enrollment from outside', (running) => {
  test('with the password alone an account that has a method is not set up again', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'has-one');
    const page = await askedElsewhere(person);
    const before = await methodsOf(service, person);
    for (const action of ['authenticator-app', 'recovery-codes', 'backup', 'continue']) {
      await person.browser.post(formAt(page, action), { code: '123456', kept: 'yes' });
    }
    assert.deepEqual(await methodsOf(service, person), before);
    assert.equal(questionOn(await person.open(page.url)), 'code');
  });

  test('nor is one whose methods are all removed or used up: it is refused', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'used-up');
    await service.write(
      `update authenticators set state = 'removed' where account_id = '${person.accountId}' and kind = 'totp'`,
    );
    await service.write('update recovery_codes set used_at_ms = 1');
    const before = await methodsOf(service, person);
    const page = await askedElsewhere(person);
    assert.equal(questionOn(page), undefined, page.text);
    await person.browser.post(formAt(page, 'retry'));
    await person.browser.post(formAt(page, 'authenticator-app'), { code: '123456' });
    assert.deepEqual(await methodsOf(service, person), before);
  });

  test('a setup begun with a stolen password does not outlive the owner’s own', async () => {
    const service = running();
    const owner = await newPerson(service, 'virgin');
    const thief = new WebClient();
    owner.browser = thief;
    const opened = await owner.givePassword(await owner.open());
    const stolenKey = keyOn(opened);

    owner.browser = new WebClient();
    assert.equal(questionOn(await owner.signIn()), 'done');
    const before = await methodsOf(service, owner);
    service.clock.toNextStep();
    await thief.post(formAt(opened, 'authenticator-app'), { code: codeOf(service, stolenKey) });
    assert.deepEqual(await methodsOf(service, owner), before, 'a second app was bound on the password alone');
    assert.equal(thief.cookie(service.origin, 'secondring-session'), undefined);
  });

  test('of two setups at once one binds', async () => {
    const service = running();
    const person = await newPerson(service, 'two-setups');
    const setups = [];
    for (let count = 0; count < 2; count += 1) {
      const page = await askedElsewhere(person);
      setups.push({ browser: person.browser, page, code: codeOf(service, keyOn(page)) });
    }
    await Promise.all(
      setups.map(({ browser, page, code }) => browser.post(formAt(page, 'authenticator-app'), { code })),
    );
    const bound = (await methodsOf(service, person)).filter((row) => row.includes('totp'));
    assert.equal(bound.length, 1);
  });

  test('after ten minutes the right code binds nothing', async () => {
    const service = running();
    const person = await newPerson(service, 'late');
    const page = await person.givePassword(await person.open());
    const key = keyOn(page);
    service.clock.advance(10 * minuteMs);
    const answer = await person.browser.post(formAt(page, 'authenticator-app'), {
      code: codeOf(service, key),
    });
    assert.equal(answer.status, 410);
    assert.deepEqual(await methodsOf(service, person), []);
  });

  test('the setup code a second time, and a later code of the same key, bind nothing more', async () => {
    const service = running();
    const person = await newPerson(service, 'twice');
    const page = await person.givePassword(await person.open());
    const key = keyOn(page);
    const code = codeOf(service, key);
    const action = formAt(page, 'authenticator-app');
    await person.browser.post(action, { code });
    const before = await service.tables();
    await person.browser.post(action, { code });
    assert.deepEqual(await changesSince(service, before), []);
    service.clock.toNextStep();
    await person.browser.post(action, { code: codeOf(service, key) });
    assert.deepEqual(await changesSince(service, before), []);
  });

  test('the code of one setup is wrong in another, and five wrong ones end it', async () => {
    const service = running();
    const mine = await newPerson(service, 'setup-mine');
    const theirs = await newPerson(service, 'setup-theirs');
    const page = await mine.givePassword(await mine.open());
    const theirPage = await theirs.givePassword(await theirs.open());
    const action = formAt(page, 'authenticator-app');
    for (let tries = 1; tries <= 5; tries += 1) {
      const code = codeOf(service, keyOn(theirPage));
      assert.equal((await mine.browser.post(action, { code })).status, 422);
    }
    const right = codeOf(service, keyOn(page));
    assert.equal((await mine.browser.post(action, { code: right })).status, 422);
    assert.deepEqual(await methodsOf(service, mine), []);

    // A new key may be asked for; the old one is no use then either.
    const renewed = await mine.submit(await mine.open(page.url), '/retry');
    assert.notDeepEqual(keyOn(renewed), keyOn(page));
    assert.equal((await mine.browser.post(action, { code: right })).status, 422);
    assert.equal(questionOn(await mine.setUpApp(renewed)), 'backup');
  });
});

function codeOf(service: ServiceUnderTest, key: Uint8Array): string {
  return totpCode(key, stepAt(service.clock.nowMs(), defaultTotpParameters), defaultTotpParameters);
}

async function methodsOf(service: ServiceUnderTest, person: Person): Promise<readonly string[]> {
  const rows = await service.rows(
    `select id, kind, state from authenticators where account_id = '${person.accountId}' order by id`,
  );
  return rows.map((row) => JSON.stringify(row));
}
