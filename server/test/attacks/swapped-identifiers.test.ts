// B3. Somebody else's identifier in one's own step. In GitLab (CVE-2026-0723) a forged response completed another
// person's second step; the general form is step one as A and step two as B. Whose sign-in it is stands in its row
// alone: nothing that a request says can change it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  askedElsewhere,
  enrolledPerson,
  formAt,
  newPerson,
  type Person,
  questionOn,
} from '../support/person.ts';
import {
  changesSince,
  onEachEngine,
  password,
  type ServiceUnderTest,
} from '../support/service-under-test.ts';

onEachEngine('B3 swapped identifiers', (running) => {
  test('another person’s method cannot be picked', async () => {
    const service = running();
    const [mine, theirs] = await two(service, 'picked');
    const page = await askedElsewhere(mine);
    const before = await service.tables();
    for (const authenticator of [
      ...(await idsOf(service, 'authenticators', theirs)),
      ...(await idsOf(service, 'enrollments', theirs)),
      theirs.accountId,
      '',
    ]) {
      await mine.browser.post(formAt(page, 'method'), { authenticator });
      assert.deepEqual(await changesSince(service, before), [], authenticator);
    }
  });

  test('a removed method of one’s own cannot be picked', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'removed');
    const page = await askedElsewhere(person);
    const [paper] = await idsOf(service, 'authenticators', person, `and kind = 'recovery-code'`);
    await service.write(`update authenticators set state = 'removed' where id = '${paper}'`);
    const before = await service.tables();
    await person.browser.post(formAt(page, 'method'), { authenticator: paper ?? '' });
    assert.deepEqual(await changesSince(service, before), []);
  });

  test('another person’s code, right in their sign-in at this moment, is wrong in mine', async () => {
    const service = running();
    const [mine, theirs] = await two(service, 'code');
    const theirPage = await askedElsewhere(theirs);
    const page = await askedElsewhere(mine);
    const code = theirs.freshCode();
    assert.equal((await mine.browser.post(formAt(page, 'code'), { code })).status, 422);
    const paper = await mine.submit(page, '/method', {
      authenticator: (await idsOf(service, 'authenticators', mine, `and kind = 'recovery-code'`))[0] ?? '',
    });
    const theirPaper = theirs.recoveryCodes[0] ?? '';
    assert.equal((await mine.browser.post(formAt(paper, 'code'), { code: theirPaper })).status, 422);
    assert.equal(questionOn(await theirs.giveCode(theirPage, code)), 'done');
  });

  test('another browser’s sign-in answers nothing and changes nothing, in any step', async () => {
    const service = running();
    const [mine, theirs] = await two(service, 'browser');
    const fresh = await newPerson(service, 'browser-new');
    const pages = [
      await theirs.open(),
      await askedElsewhere(theirs),
      await fresh.givePassword(await fresh.open()),
    ];
    await mine.open();
    const before = await service.tables();
    for (const page of pages) {
      assert.equal((await mine.browser.get(page.url)).status, 403);
      for (const action of ['password', 'code', 'method', 'retry', 'authenticator-app', 'recovery-codes']) {
        const form = { username: mine.username, password, code: theirs.code() };
        assert.equal((await mine.browser.post(formAt(page, action), form)).status, 403, action);
      }
      for (const action of ['backup', 'continue', 'start-over']) {
        assert.equal((await mine.browser.post(formAt(page, action))).status, 403, action);
      }
    }
    assert.deepEqual(await changesSince(service, before), []);
  });

  test('the password of another person in a sign-in that has its account changes nothing', async () => {
    const service = running();
    const [mine, theirs] = await two(service, 'account');
    const page = await askedElsewhere(mine);
    const before = await service.tables();
    await mine.browser.post(formAt(page, 'password'), { username: theirs.username, password });
    assert.deepEqual(await changesSince(service, before), []);
    assert.equal(questionOn(await mine.giveCode(page)), 'done');
    const [session] = await service.rows(
      'select account_id from sessions order by created_at_ms desc limit 1',
    );
    assert.equal(session?.['account_id'], mine.accountId);
  });

  test('two passwords in one sign-in at once: one account comes in, and the other’s code is no use', async () => {
    const service = running();
    const [mine, theirs] = await two(service, 'race');
    const page = await mine.open();
    const { browser } = mine;
    await Promise.all(
      [mine, theirs].map(({ username }) => browser.post(formAt(page, 'password'), { username, password })),
    );
    const [row] = await service.rows(
      `select account_id from sign_ins where id = '${page.url.split('/').at(-1)}'`,
    );
    const [inside, outside] = row?.['account_id'] === mine.accountId ? [mine, theirs] : [theirs, mine];
    const action = formAt(page, 'code');
    assert.equal((await browser.post(action, { code: outside.freshCode() })).status, 422);
    assert.equal((await browser.post(action, { code: inside.freshCode() })).status, 303);
  });
});

async function two(service: ServiceUnderTest, name: string): Promise<readonly [Person, Person]> {
  return [await enrolledPerson(service, `${name}-mine`), await enrolledPerson(service, `${name}-theirs`)];
}

async function idsOf(
  service: ServiceUnderTest,
  table: string,
  { accountId }: Person,
  which = '',
): Promise<readonly string[]> {
  const rows = await service.rows(`select id from ${table} where account_id = '${accountId}' ${which}`);
  assert.ok(rows.length > 0);
  return rows.map((row) => String(row['id']));
}
