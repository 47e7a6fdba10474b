// A4. The lock is rolled back with the refusal. Vikunja (CVE-2026-35597) wrote its counter in the transaction of the
// sign-in, and a wrong code rolled that back: nobody was ever locked. The same opens wherever a fault between the
// check and the count leaves a try that was compared and not counted, so the faults are made here: of the commit
// that writes the refusal down, and of the one that counts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '#core/changes.ts';
import { SecondringError } from '#core/errors.ts';
import { otpRule } from '#core/throttle.ts';
import { askedElsewhere, enrolledPerson, formAt, newPerson, questionOn } from '../support/person.ts';
import { changesSince, onEachEngine, password } from '../support/service-under-test.ts';
import { codeCounterOf, tallyOf } from './tally.ts';

const hourMs = 60 * 60 * 1000;

/** Which lists of changes do not reach the disk at the moment. */
let isLost: (changes: readonly Change[]) => boolean = () => false;

async function losing<Result>(lost: typeof isLost, work: () => Promise<Result>): Promise<Result> {
  isLost = lost;
  try {
    return await work();
  } finally {
    isLost = () => false;
  }
}

const refusals = (changes: readonly Change[]) =>
  changes.some(({ change }) => change === 'audit.append') &&
  changes.every(({ change }) => change === 'audit.append' || change === 'try.add');
const counts = (changes: readonly Change[]) =>
  changes.some(({ change }) => ['try.count', 'challenge.count', 'enrollment.count'].includes(change));

onEachEngine(
  'A4 the lock rolled back',
  (running) => {
    test('a refusal that cannot be written down stays counted, up to the lock', async () => {
      const service = running();
      const person = await enrolledPerson(service, 'refusal');
      await losing(refusals, async () => {
        for (let tries = 1; tries <= otpRule.limit; tries += 1) {
          service.clock.advance(hourMs);
          const url = formAt(await askedElsewhere(person), 'code');
          const { status } = await person.browser.post(url, { code: person.wrongCode() });
          assert.equal(status, 503);
          assert.equal(await codeCounterOf(service, person), tries);
        }
      });
      service.clock.advance(hourMs);
      const url = formAt(await askedElsewhere(person), 'code');
      assert.equal((await person.browser.post(url, { code: person.code() })).status, 422);
      assert.equal((await tallyOf(service, person)).gotIn, 1, 'only when the app was set up');
    });

    test('a success that cannot be written down stays counted, and the code is not used up', async () => {
      const service = running();
      const person = await enrolledPerson(service, 'success');
      const page = await askedElsewhere(person);
      const code = person.freshCode();
      const url = formAt(page, 'code');
      const lost = await losing(
        (changes) => changes.some(({ change }) => change === 'authenticator.advance'),
        () => person.browser.post(url, { code }),
      );
      assert.equal(lost.status, 503);
      assert.equal(await codeCounterOf(service, person), 1);
      assert.equal(questionOn(await person.giveCode(page, code)), 'done');
      assert.equal(await codeCounterOf(service, person), 0);
    });

    test('what cannot be counted is not compared: the right code, password, recovery code or first code', async () => {
      const service = running();
      const person = await enrolledPerson(service, 'uncounted');
      const virgin = await newPerson(service, 'uncounted-first');
      const set = await virgin.givePassword(await virgin.open());
      const codePage = await askedElsewhere(person);
      const codeBrowser = person.browser;
      const atPassword = await virgin.open();
      const recovery = await askedElsewhere(person);
      const { browser } = person;
      const method = /name="authenticator" value="([^"]+)"/.exec(recovery.text)?.[1] ?? '';
      await browser.post(formAt(recovery, 'method'), { authenticator: method });
      const before = await service.tables();
      const comparisons = service.comparisons();

      const statuses = await losing(counts, () =>
        Promise.all([
          codeBrowser.post(formAt(codePage, 'code'), { code: person.code() }),
          browser.post(formAt(recovery, 'code'), { code: person.recoveryCodes[0] ?? '' }),
          virgin.browser.post(formAt(set, 'authenticator-app'), { code: '123456' }),
          virgin.browser.post(formAt(atPassword, 'password'), { username: virgin.username, password }),
        ]),
      );
      assert.deepEqual(
        statuses.map(({ status }) => status),
        [503, 503, 503, 503],
      );
      assert.equal(service.comparisons(), comparisons);
      assert.deepEqual(await changesSince(service, before), []);
    });
  },
  {
    wrapStore: (store) => ({
      ...store,
      async commit(changes) {
        if (!isLost(changes)) return store.commit(changes);
        throw new SecondringError('store-unavailable', 'The disk is full.');
      },
    }),
  },
);
