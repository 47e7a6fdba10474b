// B6. The link of a reset is used by somebody else, twice, for somebody else, or it is not a secret. Keycloak
// CVE-2026-37982 let an action link be replayed; ZITADEL CVE-2025-64101 wrote the requested host into it. A link is 256
// random bits, known by their hash only, good for one account and one choice, and looking at it changes nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compose } from '#channels/mail/compose.ts';
import { enrolledPerson, questionOn } from '../support/person.ts';
import { changesSince, onEachEngine } from '../support/service-under-test.ts';
import { WebClient } from '../support/web-client.ts';
import { burst } from './burst.ts';
import { formHeaders, rawRequest } from './raw-request.ts';
import { askForLink, choose, chosenByMail, resetTokenOf } from './reset-link.ts';

const chosen = 'Twelve ducks on a slow train';

onEachEngine('B6 the link of a reset', (running) => {
  test('it is used a second time', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'twice');
    const token = await resetTokenOf(service, person);
    assert.equal((await choose(service, token, chosen)).status, 303);
    const before = await service.tables();
    assert.equal((await choose(service, token, 'Seven geese by the harbour')).status, 410);
    assert.equal((await new WebClient().get(`${service.origin}/reset-password/${token}`)).status, 410);
    assert.deepEqual(await changesSince(service, before), []);
  });

  test('it is used fifty times at once: one choice counts, and it is the one that was told so', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'raced');
    const url = `${service.origin}/reset-password/${await resetTokenOf(service, person)}`;
    const passwords = Array.from({ length: 50 }, (_, index) => `Ducks on train number ${index}`);
    const shots = passwords.map((password) => ({ url, browser: new WebClient(), form: { password } }));
    const answers = await burst(shots);
    const winners = passwords.filter((_, index) => answers[index]?.status === 303);
    assert.equal(winners.length, 1);
    person.browser = new WebClient();
    assert.equal(questionOn(await person.givePassword(await person.open(), winners[0])), 'code');
    const loser = passwords.find((password) => password !== winners[0]);
    assert.equal((await person.givePassword(await person.open(), loser)).status, 422);
  });

  test('two links of one account at once: one choice waits', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'two-links');
    const tokens = [await resetTokenOf(service, person), await resetTokenOf(service, person)];
    await burst(
      tokens.map((token, index) => ({
        url: `${service.origin}/reset-password/${token}`,
        browser: new WebClient(),
        form: { password: `Ducks on train number ${index}` },
      })),
    );
    const rows = await service.rows(
      `select state from password_resets where account_id = '${person.accountId}' and state = 'waiting'`,
    );
    assert.equal(rows.length, 1);
  });

  test('a chosen password is put in force by two sign-ins at once: it happens once', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'two-proofs');
    await chosenByMail(service, person, chosen);
    const shots = [];
    for (let count = 0; count < 8; count += 1) {
      person.browser = new WebClient();
      const page = await person.givePassword(await person.open(), chosen);
      shots.push({ url: `${page.url}/code`, browser: person.browser, form: { code: '' } });
    }
    const code = person.freshCode();
    await burst(shots.map((shot) => ({ ...shot, form: { code } })));
    const [row] = await service.rows(
      `select password_revision from accounts where id = '${person.accountId}'`,
    );
    assert.equal(Number(row?.['password_revision']), 1);
    const sessions = await service.rows(
      `select id from sessions where account_id = '${person.accountId}' and ended_at_ms is null`,
    );
    assert.equal(sessions.length, 1);
  });

  test('a link of mine for the account of somebody else', async () => {
    const service = running();
    const mine = await enrolledPerson(service, 'mine');
    const theirs = await enrolledPerson(service, 'theirs');
    const token = await resetTokenOf(service, mine);
    const fields = {
      password: chosen,
      username: theirs.username,
      account_id: theirs.accountId,
      accountId: theirs.accountId,
    };
    const answer = await new WebClient().post(`${service.origin}/reset-password/${token}`, fields);
    assert.equal(answer.status, 303);
    theirs.browser = new WebClient();
    assert.equal((await theirs.givePassword(await theirs.open(), chosen)).status, 422);
    assert.equal(questionOn(await theirs.signIn()), 'done');
  });

  test('looking at it changes nothing, as mail scanners do, also with HEAD', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'scanned');
    const url = `${service.origin}/reset-password/${await resetTokenOf(service, person)}`;
    const before = await service.tables();
    for (let times = 0; times < 5; times += 1) assert.equal((await new WebClient().get(url)).status, 200);
    await new WebClient().send(url, { method: 'HEAD' });
    assert.deepEqual(await changesSince(service, before), []);
  });

  test('it is known by its hash only, and a hash, a part or another spelling opens nothing', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'spelled');
    const token = await resetTokenOf(service, person);
    assert.equal(Buffer.from(token, 'base64url').length, 32);
    const [row] = await service.rows(
      `select token_hash from password_resets where account_id = '${person.accountId}'`,
    );
    const hash = Buffer.from(row?.['token_hash'] as Uint8Array);
    for (const spelling of [
      ...[hash.toString('base64url'), hash.toString('hex'), token.slice(1), `${token}A`, `${token}=`],
      ...[token.toLowerCase(), `%20${token}`, `${token}%00`, `${token}/`, '', '%'],
    ]) {
      const { status } = await choose(service, spelling, chosen);
      assert.ok([404, 405, 410].includes(status), `${spelling}: ${status}`);
    }
    assert.equal((await choose(service, token, chosen)).status, 303);
  });

  test('the host in it is the configured one, whatever a request says', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'host');
    const url = `${service.origin}/forgot-password`;
    const body = new URLSearchParams({ username: person.username }).toString();
    const evil = 'evil.example';
    const ask = (headers: readonly (readonly [string, string])[]) =>
      rawRequest(url, { method: 'POST', headers, body });
    const usual = formHeaders(url, '', body).filter(([name]) => name !== 'host');
    assert.equal((await ask([['host', evil], ...usual])).status, 421);
    const from = service.letters.length;
    const forwarded = await ask([
      ['host', new URL(service.origin).host],
      ...usual,
      ['x-forwarded-host', evil],
      ['x-forwarded-proto', 'https'],
      ['forwarded', `host=${evil}`],
      ['x-original-url', `https://${evil}/`],
      ['referer', `https://${evil}/`],
    ]);
    assert.equal(forwarded.status, 303);
    const letter = await service.letterTo(person.username, from);
    assert.ok(!JSON.stringify(letter).includes(evil));
    const mail = await compose(letter, 'Test Telecom', service.origin);
    const links = [...`${mail.text} ${mail.html}`.matchAll(/https?:\/\/[^\s"<]+/g)].map(([link]) => link);
    assert.ok(links.length >= 3);
    for (const link of links) assert.ok(link.startsWith(`${service.origin}/reset-password/`), link);
  });

  test('a request with no name, or one that cannot be, sends nothing and says so', async () => {
    const service = running();
    await service.outboxEmptied();
    const before = await service.tables();
    for (const username of ['', '\0', 'x'.repeat(300)]) {
      assert.equal((await askForLink(service, username)).status, 422);
    }
    assert.deepEqual(await changesSince(service, before), []);
  });
});
