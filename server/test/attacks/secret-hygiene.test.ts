// Secrets where they do not belong (security.md C-05, D5). A whole life of an account at the most talkative level of the
// log, faults and refusals included, with every secret known: what people type, what they are shown once, what browsers
// and panels hold, and the key above all. Each is then looked for in every line of the log, in every row and byte of the
// database, and in every page but the one that is there to show it, in all the spellings it could have got there in.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBase32 } from '#factors/totp/base32.ts';
import { connectPanel, leftFor } from '../conformance/panel.ts';
import { formAt, newPerson, type Person, questionOn } from '../support/person.ts';
import { onEachEngine, password, type ServiceUnderTest } from '../support/service-under-test.ts';
import { type WebAnswer, WebClient } from '../support/web-client.ts';
import { choose, resetTokenOf } from './reset-link.ts';

interface Secret {
  readonly name: string;
  readonly bytes: Buffer;
  /** Which question’s page is there to show it, if any. */
  readonly shownAt?: string;
}

onEachEngine(
  'secret hygiene',
  (running) => {
    test('no secret is in a log line, in the database, or on a page that is not there to show it', async () => {
      const service = running();
      const secrets: Secret[] = [];
      const pages: { readonly question: string; readonly text: string }[] = [];
      const keep = (name: string, value: string | Buffer, shownAt?: string) =>
        secrets.push({
          name,
          bytes: Buffer.from(value as string),
          ...(shownAt !== undefined && { shownAt }),
        });
      keep('password', password);
      keep('master key', Buffer.from(service.masterKey, 'base64'));

      const panel = await connectPanel(service, 'hygiene');
      keep('client secret', panel.clientSecret);
      const person = await newPerson(service, 'hygiene');
      const watch = (browser: WebClient) => watchBrowser(browser, keep, pages);
      watch(person.browser);

      // Set up at the first sign-in, with everything typed wrong once.
      const begun = await panel.begin();
      keep('code verifier', begun.codeVerifier);
      const first = await person.open(begun.url);
      const typo = 'Typed into the wrong field 77';
      // As a name it is shown again to who typed it, to be corrected.
      keep('what was typed as a name', typo, 'password');
      await person.givePassword(first, typo);
      await person.submit(await person.open(first.url), '/password', { username: typo, password });
      const setUp = await person.givePassword(await person.open(first.url));
      await person.browser.post(formAt(setUp, 'authenticator-app'), { code: '000000' });
      const backup = await person.setUpApp(await person.open(setUp.url));
      keep('TOTP key', Buffer.from(person.totpKey ?? []), 'set-up');
      keep('TOTP key as typed', encodeBase32(person.totpKey ?? new Uint8Array()), 'set-up');
      const shown = await person.takeRecoveryCodes(backup);
      for (const code of person.recoveryCodes) {
        keep('recovery code', code, 'keep-codes');
        keep('secret of a recovery code', code.slice(3).replaceAll('-', ''), 'keep-codes');
      }
      const answered = leftFor(await person.finish(shown));
      keep('authorization code', new URL(answered).searchParams.get('code') ?? '');
      const tokens = await panel.finish(begun, answered);
      keep('access token', tokens.access_token);
      keep('ID token', tokens.id_token ?? '');
      await panel.userInfo(tokens);

      const next = 'Twelve ducks on a slow train';
      const token = await resetTokenOf(service, person);
      keep('token of a reset', token);
      keep('password chosen by mail', next);
      const elsewhere = new WebClient();
      watch(elsewhere);
      assert.equal((await choose(service, token, next, elsewhere)).status, 303);
      await everythingElse(service, person, panel, watch);
      const signOut = await person.open(panel.signOutUrl(tokens));
      // Where a later sign-in has taken the session's place there is nothing to confirm.
      const xsrf = /name="xsrf" value="([^"]*)"/.exec(signOut.text)?.[1];
      if (xsrf !== undefined) await person.submit(signOut, '/confirm', { xsrf, logout: 'yes' });

      assert.ok(secrets.length > 35, `only ${secrets.length} secrets are known`);
      assert.ok(service.logLines.length > 0, 'nothing was logged');
      const found = [
        ...search(
          secrets,
          service.logLines.map((text, at) => [`log line ${at}`, text] as const),
        ),
        ...search(secrets, rowsOf(await service.tables())),
        ...search(
          secrets,
          service.files().map((file, at) => [`file ${at}`, file.toString('latin1')] as const),
        ),
        ...secrets.flatMap((secret) =>
          search(
            [secret],
            pages
              .filter(({ question }) => question !== secret.shownAt)
              .map(({ question, text }) => [`page ${question}`, text] as const),
          ),
        ),
      ];
      assert.deepEqual([...new Set(found)], []);
    });
  },
  { hashesSlowly: true },
);

/** A lock, a paper code, an unknown name, faults, a second browser: what a log would have to say something about. */
async function everythingElse(
  service: ServiceUnderTest,
  person: Person,
  panel: Awaited<ReturnType<typeof connectPanel>>,
  watch: (browser: WebClient) => void,
): Promise<void> {
  person.browser = new WebClient();
  watch(person.browser);
  service.clock.toNextStep();
  const asked = await person.givePassword(await person.open());
  for (let tries = 0; tries < 4; tries += 1) {
    await person.browser.post(formAt(asked, 'code'), { code: person.wrongCode() });
  }
  const authenticator =
    /name="authenticator" value="([^"]+)"/.exec((await person.open(asked.url)).text)?.[1] ?? '';
  await person.browser.post(formAt(asked, 'method'), { authenticator });
  const paper = await person.open(asked.url);
  assert.equal(questionOn(paper), 'recovery-code');
  await person.browser.post(formAt(asked, 'code'), { code: '00-0000-0000-0000-0000' });
  assert.equal(questionOn(await person.giveCode(paper, person.recoveryCodes[0])), 'done');

  await person.browser.get(`${service.origin}/sign-in/unknown?code=123456`);
  await person.browser.get(`${service.origin}/nowhere`);
  const begun = await panel.begin();
  const answer = leftFor(await person.open(begun.url));
  await panel.finish(begun, answer);
  await assert.rejects(panel.finish(begun, answer));
  await assert.rejects(panel.finish({ ...begun, codeVerifier: begun.codeVerifier.slice(1) }, answer));
  // A row that cannot be read is an internal fault, with all that is written down of one.
  await service.write(
    `update authenticators set binding_mac = secret where account_id = '${person.accountId}'`,
  );
  const broken = new WebClient();
  person.browser = broken;
  watch(broken);
  const page = await person.givePassword(await person.open());
  const fault = await broken.post(formAt(page, 'code'), { code: person.code(1) });
  assert.ok(fault.status >= 500, `${fault.status}`);
}

/** Keeps every secret that goes to a browser, every code it sends, and every page it is shown. */
function watchBrowser(
  browser: WebClient,
  keep: (name: string, value: string) => void,
  pages: { readonly question: string; readonly text: string }[],
): void {
  const send = browser.send.bind(browser);
  browser.send = async (url, init) => {
    const answer: WebAnswer = await send(url, init);
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      // An interaction is named in the address it is met at; that it is not stored is tested elsewhere.
      if (value !== '' && !/language|interaction|resume/.test(name)) keep(name, value);
    }
    // The answer to a panel is in the address the browser leaves for, and belongs there.
    const { location, text } = answer;
    if (location !== undefined && new URL(location).origin !== new URL(url).origin) return answer;
    pages.push({ question: questionOn(answer) ?? 'other', text: `${text} ${location ?? ''}` });
    return answer;
  };
}

function rowsOf(tables: Readonly<Record<string, readonly string[]>>): readonly (readonly [string, string])[] {
  return Object.entries(tables).flatMap(([table, rows]) => rows.map((row) => [table, row] as const));
}

function search(secrets: readonly Secret[], places: readonly (readonly [string, string])[]): string[] {
  const needles = secrets.flatMap(({ name, bytes }) =>
    Object.entries(spellingsOf(bytes)).map(([spelling, needle]) => ({ name, spelling, needle })),
  );
  return places.flatMap(([place, text]) =>
    needles
      .filter(({ needle }) => text.includes(needle) || text.toLowerCase().includes(needle.toLowerCase()))
      .map(({ name, spelling }) => `${name}, ${spelling}, in ${place}`),
  );
}

/** A secret in every encoding in which it could be lying about, and backwards. */
function spellingsOf(secret: Buffer): Readonly<Record<string, string>> {
  const raw = secret.toString('latin1');
  const spellings: Record<string, string> = {
    raw,
    hexadecimal: secret.toString('hex'),
    base32: encodeBase32(secret),
    base64: secret.toString('base64').replace(/=+$/, ''),
    base64url: secret.toString('base64url'),
    'url-encoded': encodeURIComponent(raw),
    'form-encoded': new URLSearchParams({ a: raw }).toString().slice(2),
    JSON: JSON.stringify(raw).slice(1, -1),
    HTML: raw.replaceAll('&', '&amp;'),
  };
  for (const [name, spelling] of Object.entries(spellings)) {
    spellings[`${name} backwards`] = [...spelling].reverse().join('');
  }
  return spellings;
}
