// When somebody who is signed in is asked again (OIDC Core 3.1.2.1): with prompt=login always, with max_age when it was
// too long ago, with prompt=none never, and then the panel is told why.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedElsewhere, enrolledPerson, type Person, questionOn } from '../support/person.ts';
import { onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import { answerIn, connectPanel, leftFor, type Panel } from './panel.ts';

const second = 1000;
const minute = 60 * second;

onEachEngine('prompt and max_age', (running) => {
  test('prompt=login asks for everything again, and auth_time moves', async () => {
    const { service, panel, person } = await signedIn(running(), 'login');
    const before = service.clock.nowMs();
    service.clock.advance(5 * minute);
    const begun = await panel.begin({ prompt: 'login' });
    const page = await person.open(begun.url);
    assert.equal(questionOn(page), 'password');
    const code = await person.givePassword(page);
    assert.equal(questionOn(code), 'code');
    const tokens = await panel.finish(begun, leftFor(await person.giveCode(code)));
    assert.ok(Number(tokens.claims()?.auth_time) * second >= before + 5 * minute);
    assert.deepEqual(tokens.claims()?.['amr'], ['pwd', 'otp', 'mfa']);
  });

  test('prompt=login asks again in the same second, too', async () => {
    const { panel, person } = await signedIn(running(), 'same-second');
    const begun = await panel.begin({ prompt: 'login' });
    assert.equal(questionOn(await person.open(begun.url)), 'password');
  });

  test('prompt=none with a session answers without a page', async () => {
    const { panel, person } = await signedIn(running(), 'silent');
    const begun = await panel.begin({ prompt: 'none' });
    const tokens = await panel.finish(begun, leftFor(await person.open(begun.url)));
    assert.equal(tokens.claims()?.sub, person.accountId);
  });

  test('prompt=none without a session, or with one that is not enough, is login_required', async () => {
    const service = running();
    const easy = await connectPanel(service, 'silent-easy', 'none');
    const panel = await connectPanel(service, 'silent-required');
    const person = await enrolledPerson(service, 'silent-stranger');
    const ask = async (parameters: Record<string, string> = {}) => {
      const begun = await panel.begin({ prompt: 'none', ...parameters });
      const answer = answerIn(await person.open(begun.url));
      assert.equal(answer.get('state'), begun.state);
      assert.equal(answer.get('iss'), service.origin);
      return answer.get('error');
    };
    assert.equal(await ask(), 'login_required', 'nobody');
    await easy.signIn(person);
    assert.equal(await ask(), 'login_required', 'a password alone');
    await panel.signIn(person);
    assert.equal(await ask(), null, 'everything');
    service.clock.advance(5 * second);
    assert.equal(await ask({ max_age: '4' }), 'login_required', 'too long ago');
    assert.equal(await ask({ max_age: '0' }), 'login_required', 'at all');
    assert.equal(await ask({ max_age: '3600' }), null);
  });

  test('prompt=none together with another is refused', async () => {
    const service = running();
    const panel = await connectPanel(service, 'contradiction');
    const person = await enrolledPerson(service, 'contradiction');
    const begun = await panel.begin({ prompt: 'none login' });
    assert.equal(answerIn(await person.open(begun.url)).get('error'), 'invalid_request');
  });

  test('max_age=0 asks again; a larger one only when it was longer ago', async () => {
    const { service, panel, person } = await signedIn(running(), 'age');
    service.clock.advance(100 * second);
    for (const [maxAge, isAsked] of [
      ['3600', false],
      ['101', false],
      ['99', true],
      ['0', true],
    ] as const) {
      const begun = await panel.begin({ max_age: maxAge });
      const page = await person.open(begun.url);
      assert.equal(questionOn(page), isAsked ? 'password' : undefined, maxAge);
      if (!isAsked) await panel.finish(begun, leftFor(page));
    }
    // What was proven then satisfies the client’s own check of auth_time.
    const tokens = await panel.signIn(person, { max_age: '0' });
    assert.equal(tokens.claims()?.auth_time, Math.floor(service.clock.nowMs() / second));
  });

  test('max_age counts each proof: an old password with a new code is not fresh', async () => {
    const service = running();
    const panel = await connectPanel(service, 'each-proof');
    const person = await enrolledPerson(service, 'each-proof');
    const begun = await panel.begin();
    const page = await person.givePassword(await person.open(begun.url));
    service.clock.advance(5 * minute);
    await panel.finish(begun, leftFor(await person.giveCode(page)));
    const again = await panel.begin({ max_age: '120' });
    assert.equal(questionOn(await person.open(again.url)), 'password');
  });

  test('a max_age that is none is the panel’s error', async () => {
    const { panel, person } = await signedIn(running(), 'odd-age');
    for (const maxAge of ['-1', 'x', '1.5']) {
      const begun = await panel.begin({ max_age: maxAge });
      assert.equal(answerIn(await person.open(begun.url)).get('error'), 'invalid_request', maxAge);
    }
  });

  test('twelve hours later everybody is asked', async () => {
    const { service, panel, person } = await signedIn(running(), 'twelve-hours');
    for (let visits = 0; visits < 12; visits++) {
      service.clock.advance(59 * minute);
      const visit = await panel.begin();
      assert.ok(answerIn(await person.open(visit.url)).has('code'));
    }
    service.clock.advance(12 * minute - second);
    const before = await panel.begin({ prompt: 'none' });
    assert.ok(answerIn(await person.open(before.url)).has('code'));
    service.clock.advance(second);
    const after = await panel.begin();
    assert.equal(questionOn(await person.open(after.url)), 'password');
  });

  test('another browser of the same person is asked', async () => {
    const { panel, person } = await signedIn(running(), 'other-browser');
    await askedElsewhere(person);
    const begun = await panel.begin({ prompt: 'none' });
    assert.equal(answerIn(await person.open(begun.url)).get('error'), 'login_required');
  });
});

async function signedIn(
  service: ServiceUnderTest,
  name: string,
): Promise<{ readonly service: ServiceUnderTest; readonly panel: Panel; readonly person: Person }> {
  const panel = await connectPanel(service, name);
  const person = await enrolledPerson(service, name);
  await panel.signIn(person);
  return { service, panel, person };
}
