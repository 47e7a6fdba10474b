// B15. The mix-up attack (RFC 9700 4.4): a client that knows two servers is made to give one of them the other's code.
// So every answer says whose it is (RFC 9207): with `iss`, on success and on every error that goes to the panel; and the
// state and nonce that a panel sends come back as they were, whatever they are made of.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerIn, connectPanel, leftFor } from '../conformance/panel.ts';
import { enrolledPerson } from '../support/person.ts';
import { onEachEngine } from '../support/service-under-test.ts';

onEachEngine('B15 mix-up', (running) => {
  test('every answer says whose it is', async () => {
    const service = running();
    const panel = await connectPanel(service, 'says-who');
    const person = await enrolledPerson(service, 'says-who');
    const errors: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      login_required: { prompt: 'none' },
      invalid_request: { code_challenge_method: 'plain' },
      unsupported_response_type: { response_type: 'token' },
      request_not_supported: { request: 'x' },
    };
    for (const [error, parameters] of Object.entries(errors)) {
      const begun = await panel.begin(parameters);
      const answer = answerIn(await person.open(begun.url));
      assert.equal(answer.get('error'), error);
      assert.equal(answer.get('iss'), service.origin, error);
      assert.equal(answer.get('state'), begun.state, error);
    }
    const begun = await panel.begin();
    const answer = answerIn(await person.signIn(begun.url));
    assert.equal(answer.get('iss'), service.origin);
    assert.deepEqual([...answer.keys()].toSorted(), ['code', 'iss', 'state']);
  });

  test('a panel does not take an answer that is another’s: iss, state or nonce', async () => {
    const service = running();
    const panel = await connectPanel(service, 'does-not-take');
    const person = await enrolledPerson(service, 'does-not-take');
    for (const [name, value] of [
      ['iss', 'https://evil.example'],
      ['state', 'another'],
    ] as const) {
      const begun = await panel.begin();
      const answered = new URL(leftFor(await person.signIn(begun.url)));
      answered.searchParams.set(name, value);
      await assert.rejects(panel.finish(begun, answered.href), name);
      answered.searchParams.delete(name);
      await assert.rejects(panel.finish(begun, answered.href), `without ${name}`);
    }
    const [mine, theirs] = [await panel.begin(), await panel.begin()];
    const answered = new URL(leftFor(await person.signIn(theirs.url)));
    answered.searchParams.set('state', mine.state);
    await assert.rejects(panel.finish(mine, answered.href));
  });

  test('state and nonce come back to the byte', async () => {
    const service = running();
    const panel = await connectPanel(service, 'odd-state');
    const person = await enrolledPerson(service, 'odd-state');
    for (const odd of [
      `"><script>alert(1)</script>`,
      'a&code=x&iss=y#z',
      'ünïcödé 🦔',
      '%00%0a',
      'x'.repeat(1500),
    ]) {
      const begun = await panel.begin({ state: odd, nonce: odd });
      const answered = leftFor(await person.signIn(begun.url));
      assert.equal(new URL(answered).searchParams.get('state'), odd);
      const tokens = await panel.finish({ ...begun, state: odd, nonce: odd }, answered);
      assert.equal(tokens.claims()?.nonce, odd);
    }
  });
});
