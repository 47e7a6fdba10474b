// B4 at the password: who stole the password that the provider wants changed chooses the next one. A change that is
// demanded comes after a factor wherever the account ever had one; a session that was left open is not enough either.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectPanel } from '../conformance/panel.ts';
import { enrolledPerson, formAt, type Person, questionOn } from '../support/person.ts';
import { onEachEngine, password, type ServiceUnderTest } from '../support/service-under-test.ts';
import { WebClient } from '../support/web-client.ts';

const next = 'Twelve ducks on a slow train';

onEachEngine('a password that has to be changed', (running) => {
  test('the thief of the password is asked for the factor first, also by a panel that asks for none', async () => {
    const service = running();
    const person = await demanded(service, 'thief');
    const panel = await connectPanel(service, 'demanded-none', 'none');
    for (const url of [undefined, (await panel.begin()).url]) {
      const thief = new WebClient();
      person.browser = thief;
      const page = await person.givePassword(await person.open(url));
      assert.equal(questionOn(page), 'code');
      await thief.post(formAt(page, 'new-password'), { password: next });
      assert.equal(questionOn(await person.open(page.url)), 'code');
    }
    person.browser = new WebClient();
    assert.equal((await person.givePassword(await person.open(), next)).status, 422);
  });

  test('the owner changes it after the factor, is in, and is told', async () => {
    const service = running();
    const person = await demanded(service, 'owner');
    const from = service.letters.length;
    const page = await person.giveCode(await person.givePassword(await person.open()));
    assert.equal(questionOn(page), 'new-password');
    for (const bad of ['short', password, 'password1', person.username]) {
      const { status } = await person.browser.post(formAt(page, 'new-password'), { password: bad });
      assert.equal(status, 422, bad);
    }
    person.password = next;
    assert.equal(questionOn(await person.submit(page, '/new-password', { password: next })), 'done');
    assert.equal((await service.letterTo(person.username, from)).letter, 'password-changed');
    person.browser = new WebClient();
    assert.equal((await person.givePassword(await person.open(), password)).status, 422);
    assert.equal(questionOn(await person.signIn()), 'done', 'nothing is demanded any more');
  });

  test('a new account changes the first password before its first method is bound', async () => {
    const service = running();
    const username = 'new-demanded@proef.test';
    await service.addAccount(username, { mustChangePassword: true });
    const browser = new WebClient();
    const open = await browser.follow(await browser.get(`${service.origin}/sign-in`));
    const page = await browser.follow(await browser.post(formAt(open, 'password'), { username, password }));
    assert.equal(questionOn(page), 'new-password');
    assert.equal((await browser.get(`${page.url}`)).status, 200);
    const set = await browser.follow(await browser.post(formAt(page, 'new-password'), { password: next }));
    assert.equal(questionOn(set), 'set-up');
  });

  test('two choose at once in two sign-ins: one password is in force, and the other is told', async () => {
    const service = running();
    const person = await demanded(service, 'two');
    const pages = [];
    for (let count = 0; count < 2; count += 1) {
      person.browser = new WebClient();
      const page = await person.giveCode(await person.givePassword(await person.open()));
      pages.push({
        browser: person.browser,
        url: formAt(page, 'new-password'),
        password: `${next} ${count}`,
      });
    }
    await Promise.all(pages.map((one) => one.browser.post(one.url, { password: one.password })));
    const [row] = await service.rows(
      `select password_revision from accounts where id = '${person.accountId}'`,
    );
    assert.equal(Number(row?.['password_revision']), 1);
  });

  test('a session that was left open is asked for everything again', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'left-open');
    const panel = await connectPanel(service, 'left-open');
    await person.signIn();
    service.clock.advance(10 * 60_000);
    await service.write(`update accounts set must_change_password = 1 where id = '${person.accountId}'`);
    const page = await person.open((await panel.begin({ max_age: '60' })).url);
    assert.equal(questionOn(page), 'password');
    assert.equal(questionOn(await person.givePassword(page)), 'code');
  });
});

async function demanded(service: ServiceUnderTest, name: string): Promise<Person> {
  const person = await enrolledPerson(service, name);
  await service.write(`update accounts set must_change_password = 1 where id = '${person.accountId}'`);
  return person;
}
