// The authorization code (RFC 6749 4.1.2, 10.5; RFC 9700 2.1.1): once, for sixty seconds, for the client it was given to.
// A second use means that somebody else has it, so that what the first one got is taken back. Time is the whole
// process's here, the OIDC library's included, which reads Date.now() itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enrolledPerson, type Person } from '../support/person.ts';
import { changesSince, onEachEngine } from '../support/service-under-test.ts';
import { type Begun, connectPanel, leftFor, type Panel } from './panel.ts';
import { exchange } from './token-request.ts';

const second = 1000;

onEachEngine('an authorization code', (running) => {
  test('of a hundred exchanges at once one succeeds, and what it got is taken back', async () => {
    const { panel, answer, begun } = await aCode(running(), 'race');
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => exchange(panel, answer, { code_verifier: begun.codeVerifier })),
    );
    const given = answers.filter(({ status }) => status === 200);
    assert.equal(given.length, 1);
    for (const { status, body } of answers) if (status !== 200) assert.equal(body['error'], 'invalid_grant');
    assert.equal(await userInfoStatus(running().origin, given[0]?.body['access_token']), 401);
  });

  test('a second use is refused and revokes what the first got; other panels’ tokens live on', async () => {
    const { panel, answer, begun, person } = await aCode(running(), 'second');
    const other = await connectPanel(running(), 'second-other');
    const theirs = await other.signIn(person);
    const first = await exchange(panel, answer, { code_verifier: begun.codeVerifier });
    assert.equal(await userInfoStatus(running().origin, first.body['access_token']), 200);

    const again = await exchange(panel, answer, { code_verifier: begun.codeVerifier });
    assert.equal(again.body['error'], 'invalid_grant');
    assert.equal(await userInfoStatus(running().origin, first.body['access_token']), 401);
    assert.equal(await userInfoStatus(running().origin, theirs.access_token), 200);
  });

  for (const [ageSeconds, status] of [
    [59, 200],
    [60, 400],
    [61, 400],
    [3600, 400],
  ] as const) {
    test(`after ${ageSeconds} s: ${status}`, async () => {
      const { panel, answer, begun } = await aCode(running(), `age-${ageSeconds}`);
      running().clock.advance(ageSeconds * second);
      const given = await exchange(panel, answer, { code_verifier: begun.codeVerifier });
      assert.equal(given.status, status);
    });
  }

  test('another client’s, with everything right but the client, is refused and still the first one’s', async () => {
    const { panel, answer, begun } = await aCode(running(), 'theirs');
    const thief = await connectPanel(running(), 'thief');
    const stolen = await exchange(panel, answer, { code_verifier: begun.codeVerifier }, [
      thief.clientId,
      thief.clientSecret,
    ]);
    assert.equal(stolen.body['error'], 'invalid_grant');
    const given = await exchange(panel, answer, { code_verifier: begun.codeVerifier });
    assert.equal(given.status, 200);
  });

  test('a wrong secret is 401, whatever kind of wrong, and uses nothing up', async () => {
    const { panel, answer, begun } = await aCode(running(), 'secrets');
    const stored = await running().rows(
      `select client_secret_hash from applications where client_id = '${panel.clientId}'`,
    );
    const before = await running().tables();
    for (const secret of [
      'wrong',
      `${panel.clientSecret}x`,
      panel.clientSecret.slice(1),
      // Whoever reads the database has this; it is no secret.
      String(stored[0]?.['client_secret_hash']),
    ]) {
      const given = await exchange(panel, answer, { code_verifier: begun.codeVerifier }, [
        panel.clientId,
        secret,
      ]);
      assert.equal(given.status, 401, secret);
      assert.equal(given.body['error'], 'invalid_client', secret);
    }
    const none = await exchange(panel, answer, { code_verifier: begun.codeVerifier }, [panel.clientId, '']);
    assert.equal(none.status, 400);
    const unknown = await exchange(panel, answer, { code_verifier: begun.codeVerifier }, [
      'nobody',
      panel.clientSecret,
    ]);
    assert.equal(unknown.status, 401);
    assert.deepEqual(await changesSince(running(), before), []);
    const inBody = await fetch(panel.config.serverMetadata().token_endpoint ?? '', {
      method: 'POST',
      body: new URLSearchParams({
        ...{ grant_type: 'authorization_code', redirect_uri: panel.redirectUri },
        ...{
          client_id: panel.clientId,
          client_secret: panel.clientSecret,
          code_verifier: begun.codeVerifier,
        },
        code: new URL(answer).searchParams.get('code') ?? '',
      }),
    });
    assert.equal(inBody.status, 401, 'only the registered way of saying it counts');
    assert.equal((await exchange(panel, answer, { code_verifier: begun.codeVerifier })).status, 200);
  });

  test('with another redirect address than it was asked for', async () => {
    const { panel, answer, begun } = await aCode(running(), 'address');
    for (const address of ['https://evil.example/callback', `${panel.redirectUri}/`]) {
      const given = await exchange(panel, answer, {
        code_verifier: begun.codeVerifier,
        redirect_uri: address,
      });
      assert.equal(given.status, 400, address);
    }
  });

  test('after its session ended it is worth nothing', async () => {
    const { panel, answer, begun, person } = await aCode(running(), 'ended');
    await person.browser.post(`${running().origin}/sign-out`);
    const given = await exchange(panel, answer, { code_verifier: begun.codeVerifier });
    assert.equal(given.body['error'], 'invalid_grant');
  });
});

interface Code {
  readonly panel: Panel;
  readonly person: Person;
  readonly begun: Begun;
  readonly answer: string;
}

async function aCode(service: Parameters<typeof connectPanel>[0], name: string): Promise<Code> {
  const panel = await connectPanel(service, name);
  const person = await enrolledPerson(service, name);
  const begun = await panel.begin();
  return { panel, person, begun, answer: leftFor(await person.signIn(begun.url)) };
}

async function userInfoStatus(origin: string, token: unknown): Promise<number> {
  const headers = { authorization: `Bearer ${String(token)}` };
  return (await fetch(`${origin}/oidc/userinfo`, { headers })).status;
}
