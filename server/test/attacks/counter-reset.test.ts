// A6 and A7. The counter of wrong codes is set back by something that proves nothing new. In dragonflight (72fc608d)
// a right password did; elsewhere asking for another code does, or picking another method and coming back, or
// starting over. Whoever has the password then guesses without end (NIST SP 800-63B-4 §3.2.2 forbids it).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { otpRule } from '#core/throttle.ts';
import { askedElsewhere, enrolledPerson, formAt, type Person, questionOn } from '../support/person.ts';
import { onEachEngine } from '../support/service-under-test.ts';
import type { WebAnswer } from '../support/web-client.ts';
import { codeCounterOf, tallyOf } from './tally.ts';

/** Everything a person with a password can do besides giving a right code. */
const ways = {
  nothing: async (_person: Person, page: WebAnswer) => page,
  'another challenge': async (person: Person, page: WebAnswer) => {
    await person.browser.post(formAt(page, 'retry'));
    return page;
  },
  'another method and back': async (person: Person, page: WebAnswer) => {
    for (let times = 0; times < 2; times += 1) {
      const { text } = await person.open(page.url);
      const authenticator = /name="authenticator" value="([^"]+)"/.exec(text)?.[1] ?? '';
      await person.browser.post(formAt(page, 'method'), { authenticator });
    }
    return page;
  },
  'the password again': (person: Person) => askedElsewhere(person),
  'a new beginning': async (person: Person, page: WebAnswer) => {
    const answer = await person.browser.follow(await person.browser.post(formAt(page, 'start-over')));
    return person.givePassword(answer);
  },
};
type Way = keyof typeof ways;

onEachEngine('A6 and A7 the counter set back', (running) => {
  for (const way of Object.keys(ways) as Way[]) {
    test(`by ${way}: the lock comes at the same total`, async () => {
      const person = await enrolledPerson(running(), way.replaceAll(' ', '-'));
      await exhaust(person, () => way);
    });
  }

  test('by any of them in any order', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.constantFrom(...(Object.keys(ways) as Way[]))), async (order) => {
        runs += 1;
        const person = await enrolledPerson(running(), `any-order-${runs}`);
        await exhaust(person, () => order.next().value ?? 'nothing');
      }),
      { numRuns: 4 },
    );
  });

  /** Wrong codes as soon as they are taken, one of the ways before each, until the account is locked. */
  async function exhaust(person: Person, nextWay: () => Way): Promise<void> {
    const service = running();
    const before = await tallyOf(service, person);
    let page = await askedElsewhere(person);
    for (let tries = 1; tries <= otpRule.limit; tries += 1) {
      service.clock.advance(otpRule.waitAfterMs(tries - 1));
      const shown = await person.open(page.url);
      // Over, or dead after its three tries.
      if (questionOn(shown) !== 'code') page = await askedElsewhere(person);
      page = await ways[nextWay()](person, page);
      await person.browser.post(formAt(page, 'code'), { code: person.wrongCode() });
      assert.equal(await codeCounterOf(service, person), tries);
    }
    const tally = await tallyOf(service, person);
    assert.equal(tally.evaluated - before.evaluated, otpRule.limit);
    assert.equal(tally.locks, 1);
  }
});
