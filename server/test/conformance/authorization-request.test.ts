// What an authorization request must look like (RFC 9700 2.1, RFC 7636): the code flow, with PKCE by S256 for every
// client, and nothing else. Everything refused is refused to the panel, with state and iss, before anybody is asked.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { enrolledPerson, newPerson } from '../support/person.ts';
import { onEachEngine } from '../support/service-under-test.ts';
import { answerIn, connectPanel, leftFor, type Panel } from './panel.ts';
import { exchange } from './token-request.ts';

/** A parameter that is left out. */
const absent = undefined;

onEachEngine('an authorization request', (running) => {
  const refused: readonly (readonly [
    name: string,
    change: Readonly<Record<string, string | undefined>>,
    error: string,
  ])[] = [
    ['without PKCE', { code_challenge: absent, code_challenge_method: absent }, 'invalid_request'],
    ['with a method and no challenge', { code_challenge: absent }, 'invalid_request'],
    ['with the method plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    [
      'with a challenge and no method, which means plain',
      { code_challenge_method: absent },
      'invalid_request',
    ],
    ['with a method nobody knows', { code_challenge_method: 'S512' }, 'invalid_request'],
    ['with a challenge that is too short', { code_challenge: 'x' }, 'invalid_request'],
    ['with an empty challenge', { code_challenge: '' }, 'invalid_request'],
    ['for a token', { response_type: 'token' }, 'unsupported_response_type'],
    ['for an ID token', { response_type: 'id_token' }, 'unsupported_response_type'],
    ['for a code and an ID token', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['for nothing', { response_type: 'none' }, 'unsupported_response_type'],
    ['for everything', { response_type: 'code id_token token' }, 'unsupported_response_type'],
    ['without a response type', { response_type: absent }, 'invalid_request'],
    ['with a prompt nobody knows', { prompt: 'dance' }, 'invalid_request'],
    ['with a request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }, 'request_not_supported'],
    [
      'with an address of a request object',
      { request_uri: 'https://evil.example/x' },
      'request_uri_not_supported',
    ],
    ['with registration', { registration: '{}' }, 'registration_not_supported'],
  ];

  test('each that is refused says so to the panel, with state and iss', async () => {
    const service = running();
    const panel = await connectPanel(service, 'refused');
    const person = await newPerson(service, 'refused');
    for (const [name, change, error] of refused) {
      const begun = await panel.begin();
      const answer = answerIn(await person.open(changed(begun.url, change)));
      assert.equal(answer.get('error'), error, `${name}: ${answer.get('error_description')}`);
      assert.equal(answer.get('iss'), service.origin, name);
      if (!('state' in change)) assert.equal(answer.get('state'), begun.state, name);
      assert.equal(answer.get('code'), null, name);
    }
    const begun = await service.rows('select id from sign_ins');
    assert.deepEqual(begun, []);
  });

  test('the answer is never in a fragment or a form', async () => {
    const service = running();
    const panel = await connectPanel(service, 'modes');
    const person = await newPerson(service, 'modes');
    for (const mode of ['fragment', 'form_post', 'web_message']) {
      const begun = await panel.begin({ response_mode: mode });
      const page = await person.open(begun.url);
      assert.ok(!(page.location ?? '').includes('code='), mode);
      assert.ok(!page.text.includes('name="code" value='), mode);
    }
  });

  test('a token request without the verifier, with another, or with one that nobody asked for is refused', async () => {
    const service = running();
    const panel = await connectPanel(service, 'verifiers');
    const person = await enrolledPerson(service, 'verifiers');
    for (const verifier of [absent, '', oidc.randomPKCECodeVerifier(), 'x', 'x'.repeat(129)]) {
      const { answer, begun } = await anAnswer(panel, person);
      const given = await exchange(panel, answer, { code_verifier: verifier });
      assert.ok(given.status >= 400 && given.status < 500, String(verifier));
      assert.match(String(given.body['error']), /invalid_(?:grant|request)/, String(verifier));
      assert.equal(given.body['access_token'], undefined);
      // What is refused for its verifier was not the client: with the right one it still is a code.
      const tokens = await exchange(panel, answer, { code_verifier: begun.codeVerifier });
      assert.equal(tokens.status, 200, String(verifier));
    }
  });

  test('a challenge is not a verifier', async () => {
    const service = running();
    const panel = await connectPanel(service, 'challenge-as-verifier');
    const person = await enrolledPerson(service, 'challenge-as-verifier');
    const { answer, begun } = await anAnswer(panel, person);
    const challenge = new URL(begun.url).searchParams.get('code_challenge') ?? '';
    assert.equal(
      (await exchange(panel, answer, { code_verifier: challenge })).body['error'],
      'invalid_grant',
    );
  });

  test('no other grant than the code’s is taken', async () => {
    const service = running();
    const panel = await connectPanel(service, 'grants');
    const person = await enrolledPerson(service, 'grants');
    const { answer, begun } = await anAnswer(panel, person);
    for (const grant of ['password', 'client_credentials', 'refresh_token', 'implicit', '', absent]) {
      const parameters = { grant_type: grant, code_verifier: begun.codeVerifier, username: person.username };
      const given = await exchange(panel, answer, { ...parameters, password: 'x', scope: 'openid' });
      assert.equal(given.status, 400, String(grant));
      assert.equal(given.body['access_token'], undefined);
    }
  });
});

function changed(url: string, change: Readonly<Record<string, string | undefined>>): string {
  const target = new URL(url);
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) target.searchParams.delete(name);
    else target.searchParams.set(name, value);
  }
  return target.href;
}

async function anAnswer(panel: Panel, person: Parameters<Panel['signIn']>[0]) {
  const begun = await panel.begin();
  return { begun, answer: leftFor(await person.signIn(begun.url)) };
}
