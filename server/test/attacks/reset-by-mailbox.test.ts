// B5. Who reads somebody's mail resets the password and is in. In most products a mailed link is a sign-in, or becomes
// one with the second factor that it lets its holder set up; and a stolen mailbox with a stolen old password are two
// proofs of one thing. Here the link lets a password be chosen that opens nothing: only a factor that the account
// already has puts it in force, whatever the application asks for, and until then the old one works on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectPanel, leftFor } from '../conformance/panel.ts';
import { askedElsewhere, enrolledPerson, newPerson, type Person, questionOn } from '../support/person.ts';
import { onEachEngine, password, type ServiceUnderTest } from '../support/service-under-test.ts';
import { WebClient } from '../support/web-client.ts';
import { askForLink, choose, chosenByMail, resetTokenOf } from './reset-link.ts';

const hour = 3_600_000;
const chosen = 'Twelve ducks on a slow train';

onEachEngine('B5 a reset from the mailbox alone', (running) => {
  test('the chosen password leads to the factor and no further, also where the panel asks for none', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'mailbox');
    const panel = await connectPanel(service, 'mailbox-none', 'none');
    const sessions = await sessionsOf(service, person);
    await chosenByMail(service, person, chosen);
    for (const url of [undefined, (await panel.begin()).url]) {
      const thief = new WebClient();
      person.browser = thief;
      const page = await person.givePassword(await person.open(url), chosen);
      assert.equal(questionOn(page), 'code');
      const id = page.url.split('/').at(-1);
      for (const action of [
        'continue',
        'backup',
        'recovery-codes',
        'authenticator-app',
        'new-password',
        'retry',
      ]) {
        await thief.post(`${service.origin}/sign-in/${id}/${action}`, {
          password: chosen,
          kept: 'yes',
          code: '123456',
        });
      }
      assert.equal(thief.cookie(service.origin, 'secondring-session'), undefined);
      assert.equal(questionOn(await person.open(page.url)), 'code');
    }
    assert.deepEqual(await sessionsOf(service, person), sessions);
  });

  test('until a factor is proven the old password works on, and with it nothing changes', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'works-on');
    await chosenByMail(service, person, chosen);
    person.browser = new WebClient();
    assert.equal(questionOn(await person.signIn()), 'done');
    person.browser = new WebClient();
    assert.equal(
      questionOn(await person.signIn()),
      'done',
      'the proof of the old password put nothing in force',
    );
  });

  test('a factor that a session proved before does not stand in for the proof', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'stepping-up');
    const panel = await connectPanel(service, 'stepping-up');
    const asked = await askedElsewhere(person);
    service.clock.advance(60_000);
    assert.equal(questionOn(await person.giveCode(asked)), 'done');
    await chosenByMail(service, person, chosen);
    // The session's password is too old for this panel, its factor is not: only the password is asked for.
    const page = await person.open((await panel.begin({ max_age: '30' })).url);
    assert.equal(questionOn(page), 'password');
    assert.equal(questionOn(await person.givePassword(page, chosen)), 'code');
  });

  test('with the factor the new password comes into force, and the old one is refused', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'in-force');
    await chosenByMail(service, person, chosen);
    person.browser = new WebClient();
    person.password = chosen;
    assert.equal(questionOn(await person.signIn()), 'done');
    person.browser = new WebClient();
    assert.equal((await person.givePassword(await person.open(), password)).status, 422);
    assert.equal(questionOn(await person.signIn()), 'done');
    assert.deepEqual(
      await service.rows(`select id from password_resets where account_id = '${person.accountId}'`),
      [],
    );
  });

  test('an account that has no factor yet gets no link: the mailbox would bind the first', async () => {
    const service = running();
    const person = await newPerson(service, 'factorless');
    const from = service.letters.length;
    await askForLink(service, person.username);
    const letter = await service.letterTo(person.username, from);
    assert.equal(letter.letter, 'password-reset-impossible');
    await service.outboxEmptied();
    assert.deepEqual(
      await service.rows(`select id from password_resets where account_id = '${person.accountId}'`),
      [],
    );
  });

  test('nor one whose last factor went after the link was mailed: nothing is enrolled', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'gone');
    await chosenByMail(service, person, chosen);
    await service.write(
      `update authenticators set state = 'removed' where account_id = '${person.accountId}'`,
    );
    person.browser = new WebClient();
    const page = await person.givePassword(await person.open(), chosen);
    assert.equal(questionOn(page), undefined);
    assert.match(page.text, /support/);
  });

  test('a link is over after an hour, and a chosen password after a day', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'late');
    const late = await resetTokenOf(service, person);
    service.clock.advance(hour);
    assert.equal((await choose(service, late, chosen)).status, 410);
    await chosenByMail(service, person, chosen);
    service.clock.advance(24 * hour);
    person.browser = new WebClient();
    assert.equal((await person.givePassword(await person.open(), chosen)).status, 422);
    assert.equal(questionOn(await person.signIn()), 'done');
  });

  test('a sign-in with a chosen password is over when another one is chosen', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'overtaken');
    const [first, second] = [await resetTokenOf(service, person), await resetTokenOf(service, person)];
    assert.equal((await choose(service, first, chosen)).status, 303);
    assert.equal(
      (await choose(service, second, 'Seven geese by the harbour')).status,
      410,
      'its link is void',
    );
    const page = await askedWith(person, chosen);
    await chosenByMail(service, person, 'Seven geese by the harbour');
    assert.equal((await person.giveCode(page)).status, 410);
    person.browser = new WebClient();
    assert.equal(questionOn(await person.signIn()), 'done', 'the old password is still in force');
  });
});

onEachEngine('H-07 the old password after the change', (running) => {
  test('sessions, tokens and sign-ins of before are over, wherever they are', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'elsewhere');
    const panel = await connectPanel(service, 'elsewhere');
    const begun = await panel.begin();
    const inPanel = new WebClient();
    person.browser = inPanel;
    const answered = await person.signIn(begun.url);
    const tokens = await panel.finish(begun, leftFor(answered));
    await panel.userInfo(tokens);
    const other = new WebClient();
    person.browser = other;
    await person.signIn();
    const pending = await askedElsewhere(person);
    const pendingBrowser = person.browser;

    await chosenByMail(service, person, chosen);
    person.browser = new WebClient();
    const inForce = await person.finish(await askedWith(person, chosen));
    assert.equal(questionOn(inForce), 'done');

    await assert.rejects(panel.userInfo(tokens));
    for (const browser of [inPanel, other]) {
      person.browser = browser;
      assert.equal(questionOn(await person.open()), 'password');
    }
    person.browser = pendingBrowser;
    assert.equal((await person.open(pending.url)).status, 410);
    assert.equal((await sessionsOf(service, person)).length, 1, 'the one that put it in force');
  });

  test('the session of the very browser that puts it in force ends, too, and another begins', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'same-browser');
    const asked = await askedElsewhere(person);
    service.clock.advance(60_000);
    await person.giveCode(asked);
    const [old] = await sessionsOf(service, person).then((rows) => rows.slice(-1));
    await chosenByMail(service, person, chosen);
    const panel = await connectPanel(service, 'same-browser');
    const page = await person.open((await panel.begin({ max_age: '30' })).url);
    await person.giveCode(await person.givePassword(page, chosen));
    const live = await sessionsOf(service, person);
    assert.equal(live.length, 1);
    assert.notEqual(live[0]?.['id'], old?.['id']);
  });

  test('the owner is told in the same commit, with what to do', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'told');
    const from = service.letters.length;
    await chosenByMail(service, person, chosen);
    person.browser = new WebClient(person.browser.headers);
    assert.equal(questionOn(await person.finish(await askedWith(person, chosen))), 'done');
    const told = await service.letterTo(person.username, from + 1);
    assert.equal(told.letter, 'password-changed');
    const [event] = await service.rows(
      `select canonical from audit_leaves where account_id = '${person.accountId}' and event = 'password.changed'`,
    );
    assert.match(String(event?.['canonical']), /"how","mail"/);
  });
});

async function askedWith(person: Person, typed: string) {
  person.browser = new WebClient();
  const page = await person.givePassword(await person.open(), typed);
  assert.equal(questionOn(page), 'code', page.text);
  return page;
}

async function sessionsOf(service: ServiceUnderTest, { accountId }: Person) {
  return service.rows(`select id from sessions where account_id = '${accountId}' and ended_at_ms is null`);
}
