// B25. A flood of sign-ins with a right password: to fill the store, to have a thousand challenges to guess at, or to
// hide one's own sign-in among the owner's. Ten live ones are left, whatever way they come, and the owner is not one of
// those who are pushed out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liveSignInsPerAccount } from '#core/sign-in.ts';
import * as crowd from '#http/checks/crowd.ts';
import {
  askedElsewhere,
  enrolledPerson,
  formAt,
  newPerson,
  type Person,
  questionOn,
} from '../support/person.ts';
import { onEachEngine, password, type ServiceUnderTest } from '../support/service-under-test.ts';
import { WebClient } from '../support/web-client.ts';
import { burst } from './burst.ts';

const flood = 100;

onEachEngine('B25 a flood of sign-ins', (running) => {
  test('a network that begins without end is asked to come back, on every way in', async () => {
    const service = running();
    const ways = ['/sign-in', '/oidc/authorize?client_id=nobody'];
    const begun = async (path: string) => (await new WebClient().get(`${service.origin}${path}`)).status;
    let first503 = 0;
    for (let count = 1; first503 === 0 && count <= 3000; count += 1) {
      if ((await begun(ways[count % 2] ?? '')) === 503) first503 = count;
    }
    assert.equal(first503, crowd.burst + 1);
    for (const way of ways) assert.equal(await begun(way), 503);
    const refused = await new WebClient().get(`${service.origin}/sign-in`);
    assert.equal(refused.headers.get('retry-after'), '1');
    service.clock.advance(1000);
    assert.equal(await begun('/sign-in'), 303);
    service.clock.advance(60_000);
  });

  test('a hundred one after another leave ten, and the last is among them', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'in-turn');
    for (let count = 0; count < flood; count += 1) {
      service.clock.advance(10);
      await askedElsewhere(person);
    }
    assert.equal(await liveOf(service, person), liveSignInsPerAccount);
    assert.equal(questionOn(await person.giveCode(await askedElsewhere(person))), 'done');
  });

  test('a hundred in one millisecond leave ten', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'at-once');
    for (let count = 0; count < flood; count += 1) await askedElsewhere(person);
    assert.equal(await liveOf(service, person), liveSignInsPerAccount);
    assert.equal(questionOn(await person.giveCode(await askedElsewhere(person))), 'done');
  });

  test('a hundred passwords in the same moment leave ten', async () => {
    const service = running();
    const person = await newPerson(service, 'racing');
    const shots = [];
    for (let count = 0; count < flood; count += 1) {
      person.browser = new WebClient();
      const url = formAt(await person.open(), 'password');
      shots.push({ url, browser: person.browser, form: { username: person.username, password } });
      service.clock.advance(10);
    }
    const answers = await burst(shots);
    assert.ok(answers.filter(({ status }) => status === 303).length > 0);
    // Those that commit in the same instant do not see one another; whoever comes next does.
    await askedElsewhere(person);
    assert.equal(await liveOf(service, person), liveSignInsPerAccount);
  });

  test('an early sign-in whose password comes late is not pushed out by its own password', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'early');
    const early = new WebClient();
    person.browser = early;
    const begun = await person.open();
    for (let count = 0; count < flood; count += 1) {
      service.clock.advance(10);
      await askedElsewhere(person);
    }
    person.browser = early;
    const asked = await person.givePassword(begun);
    assert.equal(questionOn(asked), 'code', asked.text);
    assert.equal(await liveOf(service, person), liveSignInsPerAccount);
  });

  test('without the password nothing of anybody is pushed out', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'unmoved');
    const page = await askedElsewhere(person);
    const attacker = new WebClient();
    for (let count = 0; count < 20; count += 1) {
      const begun = await attacker.follow(await attacker.get(`${service.origin}/sign-in`));
      await attacker.post(formAt(begun, 'password'), { username: person.username, password: 'wrong' });
    }
    assert.equal(questionOn(await person.giveCode(page)), 'done');
  });
});

async function liveOf(service: ServiceUnderTest, { accountId }: Person): Promise<number> {
  const [row] = await service.rows(
    `select count(*) as number from sign_ins where account_id = '${accountId}'
     and state in ('factor', 'enrollment', 'backup', 'proven') and expires_at_ms > ${service.clock.nowMs()}`,
  );
  return Number(row?.['number']);
}
