// A panel signs somebody in, as its makers would do it (OIDC Core 3.1, RFC 9700): discovery says what is there and
// nothing that is not, the tokens are signed with the published key, and what they say of the person is true.

import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { enrolledPerson, newPerson, questionOn } from '../support/person.ts';
import { onEachEngine } from '../support/service-under-test.ts';
import { WebClient } from '../support/web-client.ts';
import { connectPanel } from './panel.ts';

onEachEngine('a panel signs somebody in', (running) => {
  test('somebody who was there before, and somebody new', async () => {
    const service = running();
    const panel = await connectPanel(service, 'first-panel');
    for (const person of [await enrolledPerson(service, 'known'), await newPerson(service, 'new')]) {
      const tokens = await panel.signIn(person);
      const claims = tokens.claims();
      assert.equal(claims?.iss, service.origin);
      assert.equal(claims?.sub, person.accountId);
      assert.equal(claims?.aud, panel.clientId);
      assert.deepEqual(claims?.['amr'], ['pwd', 'otp', 'mfa']);
      assert.equal(claims?.['acr'], 'urn:secondring:acr:two-factor');
      assert.equal(claims?.exp, claims.iat + 5 * 60);
      assert.equal(tokens.expires_in, 5 * 60);
      assert.equal(tokens.refresh_token, undefined);
      const { sub, preferred_username, company } = await panel.userInfo(tokens);
      assert.deepEqual(
        { sub, preferred_username, company },
        { sub: person.accountId, preferred_username: person.username, company: 'Bakkerij Proef' },
      );
    }
  });

  test('the ID token is signed with ES256 by a key of the published set, and says no key of its own', async () => {
    const service = running();
    const panel = await connectPanel(service, 'key-panel');
    const { id_token: token = '' } = await panel.signIn(await enrolledPerson(service, 'signed'));
    const [header = '', payload = '', signature = ''] = token.split('.');
    const { alg, kid, ...rest } = JSON.parse(Buffer.from(header, 'base64url').toString());
    assert.equal(alg, 'ES256');
    assert.deepEqual(
      Object.keys(rest).filter((name) => ['jwk', 'jku', 'x5u', 'x5c'].includes(name)),
      [],
    );

    const { jwks_uri: address = '' } = panel.config.serverMetadata();
    const { keys } = (await (await fetch(address)).json()) as { keys: readonly Record<string, string>[] };
    const key = keys.find((one) => one['kid'] === kid);
    assert.equal(key?.['crv'], 'P-256');
    assert.equal(key?.['alg'], 'ES256');
    assert.equal(key?.['use'], 'sig');
    for (const one of keys) assert.equal(one['d'], undefined, 'a private key is published');
    const publicKey = createPublicKey({ key: key ?? {}, format: 'jwk' });
    const isSigned = (what: string) =>
      verify(
        'sha256',
        Buffer.from(what),
        { key: publicKey, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      );
    assert.ok(isSigned(`${header}.${payload}`));
    assert.ok(!isSigned(`${header}.${payload}A`));
  });

  test('the key is the same after a restart', async () => {
    const service = running();
    const keys = async () => (await fetch(`${service.origin}/oidc/jwks`)).text();
    const before = await keys();
    await service.restart();
    assert.equal(await keys(), before);
  });

  test('discovery promises what is kept and nothing more', async () => {
    const service = running();
    const { origin } = service;
    const answer = await fetch(`${origin}/.well-known/openid-configuration`);
    const said = (await answer.json()) as Record<string, unknown>;
    assert.equal(said['issuer'], origin);
    const expected: Readonly<Record<string, unknown>> = {
      authorization_endpoint: `${origin}/oidc/authorize`,
      token_endpoint: `${origin}/oidc/token`,
      userinfo_endpoint: `${origin}/oidc/userinfo`,
      jwks_uri: `${origin}/oidc/jwks`,
      end_session_endpoint: `${origin}/oidc/sign-out`,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code'],
      code_challenge_methods_supported: ['S256'],
      id_token_signing_alg_values_supported: ['ES256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic'],
      subject_types_supported: ['public'],
      authorization_response_iss_parameter_supported: true,
    };
    for (const [name, value] of Object.entries(expected)) assert.deepEqual(said[name], value, name);
    assert.deepEqual(said['acr_values_supported'], [
      'urn:secondring:acr:password',
      'urn:secondring:acr:two-factor',
      'urn:secondring:acr:phishing-resistant',
    ]);
    for (const name of [
      'registration_endpoint',
      'device_authorization_endpoint',
      'introspection_endpoint',
      'backchannel_authentication_endpoint',
    ]) {
      assert.equal(said[name], undefined, name);
    }
  });

  test('codes that were shown and not kept are asked for again, until they are', async () => {
    const service = running();
    const person = await newPerson(service, 'not-kept');
    const backup = await person.setUpApp(await person.givePassword(await person.open()));
    const shown = await person.takeRecoveryCodes(backup);
    assert.equal(questionOn(shown), 'keep-codes');
    const unseen = [...person.recoveryCodes];

    person.browser = new WebClient();
    const again = await person.giveCode(await person.givePassword(await person.open()));
    assert.equal(questionOn(again), 'backup');
    assert.equal(questionOn(await person.finish(again)), 'done');
    assert.notDeepEqual(person.recoveryCodes, unseen, 'what was shown before is worth nothing');

    person.browser = new WebClient();
    const third = await person.giveCode(await person.givePassword(await person.open()));
    assert.equal(questionOn(third), 'done');
  });
});
