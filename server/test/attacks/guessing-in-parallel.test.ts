// A2. A thousand guesses at once. Where the check reads the counter, compares the code and then writes the counter,
// a thousand requests that arrive together all read "none so far" and are all compared. With three codes valid at a
// time a few hundred bursts are enough. Measured with such a check: 6,389 codes of 2,000 taken.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otpRule } from '#core/throttle.ts';
import { askedElsewhere, enrolledPerson, formAt } from '../support/person.ts';
import { onEachEngine } from '../support/service-under-test.ts';
import { burst, type Shot } from './burst.ts';
import { codeCounterOf, tallyOf } from './tally.ts';

const hourMs = 60 * 60 * 1000;
const freeTries = 4;

onEachEngine('A2 a thousand guesses at once', (running) => {
  test('no more than the limit is compared, and the right code after it does not pass', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'owner');
    const before = await tallyOf(service, person);
    const shootAtTen = async (shots: number, codeOf: () => string) => {
      const asked: Omit<Shot, 'form'>[] = [];
      for (let count = 0; count < 10; count += 1) {
        const url = formAt(await askedElsewhere(person), 'code');
        asked.push({ url, browser: person.browser });
      }
      const code = codeOf();
      return burst(
        Array.from({ length: shots }, (_, index) => ({
          ...(asked[index % asked.length] as Omit<Shot, 'form'>),
          form: { code },
        })),
      );
    };

    await shootAtTen(1000, () => person.wrongCode());
    const first = await tallyOf(service, person);
    assert.ok(first.evaluated - before.evaluated >= 1, 'the attack reached the check');
    assert.ok(first.evaluated - before.evaluated <= freeTries, `${first.evaluated} before the first wait`);

    for (let round = 0; (await codeCounterOf(service, person)) < otpRule.limit; round += 1) {
      assert.ok(round < otpRule.limit, 'every round after a wait counts at least one try');
      service.clock.advance(hourMs);
      await shootAtTen(50, () => person.wrongCode());
    }
    const locked = await tallyOf(service, person);
    assert.equal(locked.evaluated - before.evaluated, otpRule.limit);
    assert.equal(locked.locks, 1);

    service.clock.advance(hourMs);
    await shootAtTen(1000, () => person.code());
    assert.deepEqual(await tallyOf(service, person), locked);
    const url = formAt(await askedElsewhere(person), 'code');
    const { status } = await person.browser.post(url, { code: person.code() });
    assert.equal(status, 422, 'not in the burst, and not alone');
  });
});
