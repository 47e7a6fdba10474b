// A12. The clock goes wrong: a virtual machine resumes, NTP is spoofed, somebody sets the date. Going back must not
// bring used codes back to life, and coming back from the future must not leave anybody waiting until that future.

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
import { onEachEngine, password, type ServiceUnderTest, stepMs } from '../support/service-under-test.ts';
import type { WebAnswer } from '../support/web-client.ts';
import { codeCounterOf } from './tally.ts';

const minuteMs = 60 * 1000;
const dayMs = 24 * 60 * minuteMs;

onEachEngine('A12 the clock set back', (running) => {
  test('no code up to the last accepted one passes again, however often time comes by', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'steps');
    service.clock.toNextStep();
    const acceptedAtMs = service.clock.nowMs();
    assert.equal(questionOn(await person.giveCode(await askedElsewhere(person))), 'done');

    // Each try at a distance at which it is not the wait that refuses.
    for (const steps of [-10, -1, 0]) {
      service.clock.set(acceptedAtMs + steps * stepMs);
      const page = await askedElsewhere(person);
      assert.equal((await person.browser.post(formAt(page, 'code'), { code: person.code() })).status, 422);
    }
    service.clock.set(acceptedAtMs + stepMs);
    const page = await askedElsewhere(person);
    assert.equal(questionOn(await person.giveCode(page, person.code())), 'done');
  });

  test('back from a year ahead, wrong codes of then keep nobody waiting now', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'codes');
    await awayForAYear(service, async () => {
      for (let tries = 1; tries <= 12; tries += 1) {
        service.clock.advance(dayMs);
        const url = formAt(await askedElsewhere(person), 'code');
        await person.browser.post(url, { code: person.wrongCode() });
      }
      assert.equal(await codeCounterOf(service, person), 12);
    });
    assert.equal(questionOn(await person.giveCode(await askedElsewhere(person), person.code())), 'done');
  });

  test('back from a year ahead, wrong passwords and recovery codes of then do not either', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'others');
    const virgin = await newPerson(service, 'passwords');
    await awayForAYear(service, async () => {
      const page = await atPaper(person);
      for (let tries = 0; tries < 6; tries += 1) {
        await person.browser.post(formAt(page, 'code'), { code: '00-0000-0000-0000-0000' });
        await atPaper(person);
      }
      const begun = await virgin.open();
      for (let tries = 0; tries < 8; tries += 1) await virgin.givePassword(begun, 'wrong');
      assert.equal((await virgin.givePassword(begun, password)).status, 429);
    });
    assert.equal(questionOn(await virgin.givePassword(await virgin.open())), 'set-up');
    assert.equal(questionOn(await person.giveCode(await atPaper(person), person.nextRecoveryCode())), 'done');
  });

  test('who used their app in that future gets in with paper', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'ahead');
    await awayForAYear(service, async () => {
      assert.equal(questionOn(await person.giveCode(await askedElsewhere(person), person.code())), 'done');
    });
    const refused = await askedElsewhere(person);
    assert.equal((await person.browser.post(formAt(refused, 'code'), { code: person.code() })).status, 422);
    assert.equal(questionOn(await person.giveCode(await atPaper(person), person.nextRecoveryCode())), 'done');
  });
});

async function awayForAYear(service: ServiceUnderTest, work: () => Promise<void>): Promise<void> {
  const nowMs = service.clock.nowMs();
  service.clock.set(nowMs + 365 * dayMs);
  await work();
  service.clock.set(nowMs + minuteMs);
}

async function atPaper(person: Person): Promise<WebAnswer> {
  const page = await askedElsewhere(person);
  const authenticator = /name="authenticator" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  return person.submit(page, '/method', { authenticator });
}
