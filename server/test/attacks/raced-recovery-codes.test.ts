// B11. Recovery codes raced and used again. One code in many sign-ins at once must give one session, or ten codes on
// paper are as many sessions as the attacker has connections; and what is left in the store after each must still be
// codes (in better-auth, PR 7231, the first use changed how the rest were kept).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedElsewhere, enrolledPerson, formAt, type Person, questionOn } from '../support/person.ts';
import { onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import type { WebAnswer } from '../support/web-client.ts';
import { burst } from './burst.ts';
import { tallyOf } from './tally.ts';

const signInsAtOnce = 5;
const timesEach = 10;

onEachEngine('B11 recovery codes raced', (running) => {
  test('each of ten codes gives one session, in fifty requests over five sign-ins, and none afterwards', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'paper');
    const codes = [...person.recoveryCodes];
    const hashes = await unusedOf(service, person);
    assert.equal(hashes.length, 10);
    for (const [index, code] of codes.entries()) {
      const before = await tallyOf(service, person);
      const shots = [];
      for (let count = 0; count < signInsAtOnce; count += 1) {
        const page = await atPaper(person);
        const shot = { url: formAt(page, 'code'), browser: person.browser, form: { code } };
        for (let times = 0; times < timesEach; times += 1) shots.push(shot);
      }
      await burst(shots);
      // The last code leaves no backup: a new set comes before the session.
      const isLast = index === codes.length - 1;
      assert.equal((await tallyOf(service, person)).gotIn, before.gotIn + (isLast ? 0 : 1));

      // The others are as they were, to the byte.
      const left = await unusedOf(service, person);
      assert.equal(left.length, codes.length - 1 - index);
      assert.ok(left.every((row) => hashes.includes(row)));
      // Five tries an hour, ten a day: the lost ones count.
      service.clock.advance(24 * 60 * 60 * 1000);
      if (left.length === 0) break;
      const page = await atPaper(person);
      assert.equal((await person.browser.post(formAt(page, 'code'), { code })).status, 422);
      service.clock.advance(24 * 60 * 60 * 1000);
    }
    assert.equal((await tallyOf(service, person)).gotIn, codes.length);
  });

  test('a code of the set before is none any more', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'sets');
    const old = person.nextRecoveryCode();
    // Without codes that can be used, the next sign-in makes new ones.
    await service.write(
      `update recovery_codes set used_at_ms = 1 where authenticator_id in
       (select id from authenticators where account_id = '${person.accountId}')`,
    );
    const page = await askedElsewhere(person);
    assert.equal(questionOn(await person.finish(page)), 'done');
    assert.ok(!person.recoveryCodes.includes(old));
    const again = await atPaper(person);
    assert.equal((await person.browser.post(formAt(again, 'code'), { code: old })).status, 422);
    const right = await person.giveCode(await atPaper(person), person.nextRecoveryCode());
    assert.equal(questionOn(right), 'done');
  });
});

async function atPaper(person: Person): Promise<WebAnswer> {
  const page = await askedElsewhere(person);
  if (questionOn(page) === 'recovery-code') return page;
  const authenticator = /name="authenticator" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  return person.submit(page, '/method', { authenticator });
}

async function unusedOf(service: ServiceUnderTest, person: Person): Promise<readonly string[]> {
  const rows = await service.rows(
    `select selector, hash from recovery_codes join authenticators on authenticators.id = authenticator_id
     where account_id = '${person.accountId}' and used_at_ms is null`,
  );
  return rows.map((row) => JSON.stringify(row));
}
