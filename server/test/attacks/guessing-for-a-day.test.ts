// A3. Patient guessing. The attacker has the password and tries codes day and night, as fast as the service lets
// anybody, beginning anew whenever a sign-in is over. Without a throttle on the second step, or with one that is
// shared with the password's, a six-digit code falls within hours (usd-2021-0016, AIL CVE-2026-56450, Vaultwarden
// CVE-2026-27801).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otpRule } from '#core/throttle.ts';
import { askedElsewhere, enrolledPerson, formAt, type Person, questionOn } from '../support/person.ts';
import { onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import { tallyOf } from './tally.ts';

const dayMs = 24 * 60 * 60 * 1000;
const pauseMs = 4 * 60 * 1000;

onEachEngine('A3 guessing for a day', (running) => {
  test('twenty codes are compared, and then none until another way in was proven', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'patient');
    const before = await tallyOf(service, person);

    await guessForADay(service, person);
    const first = await tallyOf(service, person);
    assert.equal(first.evaluated - before.evaluated, otpRule.limit);
    assert.equal(first.gotIn, before.gotIn);
    assert.equal(first.locks, 1);

    // The owner comes with a code from paper, which begins a new cycle; the attacker goes on.
    const page = await person.submit(await askedElsewhere(person), '/method', {
      authenticator: await methodOf(service, person, 'recovery-code'),
    });
    assert.equal(questionOn(await person.giveCode(page, person.nextRecoveryCode())), 'done');
    await guessForADay(service, person);
    const second = await tallyOf(service, person);
    assert.equal(second.evaluated - first.evaluated, 1 + otpRule.limit);
    assert.equal(second.gotIn, first.gotIn + 1);
    assert.equal(second.locks, 2);
  });
});

/** Three codes are right at a time, and none of the guesses is: how often luck helps is arithmetic. */
async function guessForADay(service: ServiceUnderTest, person: Person): Promise<void> {
  const endMs = service.clock.nowMs() + dayMs;
  let action: string | undefined;
  while (service.clock.nowMs() < endMs) {
    action ??= formAt(await askedElsewhere(person), 'code');
    const { status, text } = await person.browser.post(action, { code: person.wrongCode() });
    const isDead = text.includes('/retry"');
    if (isDead) await person.browser.post(action.replace(/code$/, 'retry'));
    else if (status === 410) action = undefined;
    else service.clock.advance(pauseMs);
  }
}

async function methodOf(service: ServiceUnderTest, person: Person, kind: string): Promise<string> {
  const [row] = await service.rows(
    `select id from authenticators where account_id = '${person.accountId}' and kind = '${kind}'`,
  );
  return String(row?.['id']);
}
