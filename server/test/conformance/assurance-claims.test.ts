// What is said of how somebody came in: acr, amr and auth_time, exact for each way there is (OIDC Core 2, RFC 8176), and
// what happens when a panel asks for more than there was (OIDC Core 3.1.2.1, 5.5.1.1, and the error of RFC 9470's
// predecessor, unmet_authentication_requirements): asked once, then told, never a loop.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedElsewhere, enrolledPerson, newPerson, questionOn } from '../support/person.ts';
import { onEachEngine } from '../support/service-under-test.ts';
import { answerIn, connectPanel, leftFor, type Tokens } from './panel.ts';

const level = (name: string) => `urn:secondring:acr:${name}`;

onEachEngine('assurance claims', (running) => {
  test('a password, then an app a while later: auth_time is that of the app', async () => {
    const service = running();
    const panel = await connectPanel(service, 'app');
    const person = await enrolledPerson(service, 'app');
    const begun = await panel.begin();
    const asked = await person.givePassword(await person.open(begun.url));
    service.clock.advance(95_000);
    const tokens = await panel.finish(begun, leftFor(await person.giveCode(asked)));
    const authTime = Math.floor(service.clock.nowMs() / 1000);
    assert.deepEqual(said(tokens), { acr: level('two-factor'), amr: ['pwd', 'otp', 'mfa'], authTime });

    // The session says the same much later, and to another panel.
    service.clock.advance(59 * 60 * 1000);
    const other = await connectPanel(service, 'app-later');
    assert.deepEqual(said(await other.signIn(person)), said(tokens));
  });

  test('a recovery code', async () => {
    const service = running();
    const panel = await connectPanel(service, 'paper');
    const person = await enrolledPerson(service, 'paper');
    const begun = await panel.begin();
    const page = await person.givePassword(await person.open(begun.url));
    const authenticator = /name="authenticator" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const paper = await person.submit(page, '/method', { authenticator });
    const tokens = await panel.finish(
      begun,
      leftFor(await person.giveCode(paper, person.nextRecoveryCode())),
    );
    const authTime = Math.floor(service.clock.nowMs() / 1000);
    assert.deepEqual(said(tokens), { acr: level('two-factor'), amr: ['pwd', 'otp', 'mfa'], authTime });
  });

  test('an app that was set up just now', async () => {
    const service = running();
    const panel = await connectPanel(service, 'set-up');
    const tokens = await panel.signIn(await newPerson(service, 'set-up'));
    const authTime = Math.floor(service.clock.nowMs() / 1000);
    assert.deepEqual(said(tokens), { acr: level('two-factor'), amr: ['pwd', 'otp', 'mfa'], authTime });
  });

  test('a password alone', async () => {
    const service = running();
    const panel = await connectPanel(service, 'password', 'none');
    const tokens = await panel.signIn(await enrolledPerson(service, 'password'));
    const authTime = Math.floor(service.clock.nowMs() / 1000);
    assert.deepEqual(said(tokens), { acr: level('password'), amr: ['pwd'], authTime });
  });

  test('acr_values asks for more than the application demands, also of a session that has less', async () => {
    const service = running();
    const panel = await connectPanel(service, 'asks-more', 'none');
    const person = await enrolledPerson(service, 'asks-more');
    assert.equal(said(await panel.signIn(person)).acr, level('password'));
    const more = await panel.signIn(person, { acr_values: level('two-factor') });
    assert.deepEqual(said(more).amr, ['pwd', 'otp', 'mfa']);
    assert.equal(said(more).acr, level('two-factor'));
    // Less than there is asks nothing.
    const begun = await panel.begin({ acr_values: level('password') });
    assert.equal(
      said(await panel.finish(begun, leftFor(await person.open(begun.url)))).acr,
      level('two-factor'),
    );
  });

  test('acr_values is a wish: of levels in order of preference the first one known, and unknown ones are nothing', async () => {
    const service = running();
    const panel = await connectPanel(service, 'wishes', 'none');
    for (const [index, wish] of [
      'urn:elsewhere:gold',
      `urn:elsewhere:gold ${level('two-factor')}`,
    ].entries()) {
      const person = await enrolledPerson(service, `wishes-${index}`);
      const tokens = await panel.signIn(person, { acr_values: wish });
      assert.equal(said(tokens).acr, level(index === 0 ? 'password' : 'two-factor'), wish);
    }
  });

  test('a wish that nothing here can fulfill is answered with what there is', async () => {
    const service = running();
    const panel = await connectPanel(service, 'wish-too-high');
    const person = await enrolledPerson(service, 'wish-too-high');
    const tokens = await panel.signIn(person, { acr_values: level('phishing-resistant') });
    assert.equal(said(tokens).acr, level('two-factor'));
  });

  for (const [name, acr] of [
    ['one value', { essential: true, value: level('phishing-resistant') }],
    ['several values', { essential: true, values: [level('phishing-resistant')] }],
    ['a value of elsewhere', { essential: true, value: 'urn:elsewhere:gold' }],
  ] as const) {
    test(`an essential level that was not reached is an error to the panel, and no loop: ${name}`, async () => {
      const service = running();
      const id = name.replaceAll(' ', '-');
      const panel = await connectPanel(service, `essential-${id}`);
      const person = await enrolledPerson(service, `essential-${id}`);
      const claims = JSON.stringify({ id_token: { acr } });
      const begun = await panel.begin({ claims });
      const answer = answerIn(await person.signIn(begun.url));
      assert.equal(answer.get('error'), 'unmet_authentication_requirements');
      assert.equal(answer.get('state'), begun.state);
      assert.equal(answer.get('iss'), service.origin);
      assert.equal(answer.get('code'), null);
    });
  }

  test('an essential level that was reached is no error, and none without a password is', async () => {
    const service = running();
    const panel = await connectPanel(service, 'essential-reached', 'none');
    const person = await enrolledPerson(service, 'essential-reached');
    const claims = JSON.stringify({ id_token: { acr: { essential: true, values: [level('two-factor')] } } });
    const tokens = await panel.signIn(person, { claims });
    assert.equal(said(tokens).acr, level('two-factor'));
    const silent = await panel.begin({ claims, prompt: 'none' });
    const again = await panel.finish(silent, leftFor(await person.open(silent.url)));
    assert.equal(said(again).acr, level('two-factor'));

    await askedElsewhere(person);
    const stranger = await panel.begin({ claims, prompt: 'none' });
    assert.equal(answerIn(await person.open(stranger.url)).get('error'), 'login_required');
  });

  test('claims that are no JSON, or of the wrong kind, are the panel’s error', async () => {
    const service = running();
    const panel = await connectPanel(service, 'odd-claims');
    const person = await newPerson(service, 'odd-claims');
    for (const claims of [
      '{',
      '[]',
      '"x"',
      '{"id_token":[]}',
      '{"id_token":{"acr":{"essential":true,"values":7}}}',
    ]) {
      const begun = await panel.begin({ claims });
      const page = await person.open(begun.url);
      if (page.location === undefined) assert.equal(questionOn(page), 'password', claims);
      else assert.equal(answerIn(page).get('error'), 'invalid_request', claims);
    }
  });
});

function said(tokens: Tokens): { readonly acr: unknown; readonly amr: unknown; readonly authTime: unknown } {
  const claims = tokens.claims();
  return { acr: claims?.['acr'], amr: claims?.['amr'], authTime: claims?.auth_time };
}
