// A9. The answer tells what it should not: that a name exists, that an account is disabled, that a code was right
// but used ("you cannot use this code again", Keycloak PR 13867), or how much work was done. Status, headers and
// page must be the same to the byte, and so must the number of slow comparisons, which is what takes time.

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
import { onEachEngine, password, type ServiceUnderTest } from '../support/service-under-test.ts';
import { type WebAnswer, WebClient } from '../support/web-client.ts';

interface Seen {
  readonly status: number;
  readonly headers: string;
  readonly text: string;
  readonly comparisons: number;
}

onEachEngine('A9 answers that tell', (running) => {
  test('an unknown name, a wrong password and a disabled account are one answer', async () => {
    const service = running();
    const known = await newPerson(service, 'known');
    const disabled = await newPerson(service, 'disabled');
    await service.write(`update accounts set status = 'disabled' where id = '${disabled.accountId}'`);
    const typed = [
      { username: 'nobody@proef.test', password },
      { username: known.username, password: 'wrong' },
      { username: disabled.username, password },
      { username: disabled.username, password: 'wrong' },
    ];
    const seen: Seen[] = [];
    for (const form of typed) {
      const browser = new WebClient();
      const page = await browser.follow(await browser.get(`${service.origin}/sign-in`));
      seen.push(
        await observe(service, () => browser.post(formAt(page, 'password'), form), [page.url, form.username]),
      );
    }
    allTheSame(seen, 422, 2);
  });

  test('names that are not there are made to wait like those that are', async () => {
    const service = running();
    const known = await newPerson(service, 'waits');
    const answers: Seen[][] = [];
    for (const username of ['never-there@proef.test', known.username]) {
      const browser = new WebClient();
      const page = await browser.follow(await browser.get(`${service.origin}/sign-in`));
      const seen: Seen[] = [];
      for (let tries = 0; tries < 8; tries += 1) {
        const form = { username, password: 'wrong' };
        seen.push(
          await observe(service, () => browser.post(formAt(page, 'password'), form), [page.url, username]),
        );
      }
      answers.push(seen);
    }
    assert.deepEqual(answers[0], answers[1]);
    assert.equal(answers[0]?.at(-1)?.status, 429);
  });

  test('a used code and a wrong one are one answer', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'used');
    const used = person.freshCode();
    assert.equal(questionOn(await person.giveCode(await askedElsewhere(person), used)), 'done');
    const seen: Seen[] = [];
    for (const code of [used, person.wrongCode()]) {
      const page = await askedElsewhere(person);
      seen.push(await observe(service, () => post(person, page, code), [page.url, person.username]));
    }
    allTheSame(seen, 422, 0);
  });

  test('with a locked method the right code and a wrong one are one answer', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'locked');
    await post(person, await askedElsewhere(person), person.wrongCode());
    await service.write(`update tries set count = 20 where key = 'otp:${person.accountId}'`);
    const seen: Seen[] = [];
    for (const code of [person.code(), person.wrongCode()]) {
      const page = await askedElsewhere(person);
      seen.push(await observe(service, () => post(person, page, code), [page.url, person.username]));
    }
    allTheSame(seen, 422, 0);
  });

  test('a used recovery code, a wrong one and one that was never given out are one answer', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'paper');
    const used = person.nextRecoveryCode();
    assert.equal(questionOn(await person.giveCode(await atPaper(person), used)), 'done');
    const selectors = new Set(person.recoveryCodes.map((code) => code.slice(0, 2)));
    const unknown = ['00', '01', '02', '03', '04', '05', '06', '07', '08', '09', '0A', '0B'].find(
      (selector) => !selectors.has(selector) && !used.startsWith(selector),
    );
    const wrong = `${person.recoveryCodes[0]?.slice(0, 3)}0000-0000-0000-0000`;
    const seen: Seen[] = [];
    for (const code of [used, wrong, `${unknown}${used.slice(2)}`]) {
      const page = await atPaper(person);
      seen.push(await observe(service, () => post(person, page, code), [page.url, person.username]));
    }
    allTheSame(seen, 422, 1);
  });

  test('another browser’s sign-in and one that never was are one answer', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'elsewhere');
    const theirs = await askedElsewhere(person);
    const stranger = new WebClient();
    await stranger.get(`${service.origin}/sign-in`);
    const never = theirs.url.replace(/[^/]+$/, 'AAAAAAAAAAAAAAAAAAAAAA');
    const seen: Seen[] = [];
    for (const url of [theirs.url, never]) seen.push(await observe(service, () => stranger.get(url), [url]));
    allTheSame(seen, 403, 0);
  });
});

function post(person: Person, page: WebAnswer, code: string): Promise<WebAnswer> {
  return person.browser.post(formAt(page, 'code'), { code });
}

async function atPaper(person: Person): Promise<WebAnswer> {
  const page = await askedElsewhere(person);
  const authenticator = /name="authenticator" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  return person.submit(page, '/method', { authenticator });
}

/** What an onlooker sees, with what differs from one sign-in to the next taken out: its address and the name typed. */
async function observe(
  service: ServiceUnderTest,
  ask: () => Promise<WebAnswer>,
  masked: readonly string[],
): Promise<Seen> {
  const comparisons = service.comparisons();
  const { status, headers, text } = await ask();
  const words = masked.flatMap((one) => (URL.canParse(one) ? [new URL(one).pathname] : [one]));
  const mask = (seen: string) => words.reduce((shown, word) => shown.replaceAll(word, '*'), seen);
  const shown = [...headers].filter(([name]) => name !== 'date' && name !== 'content-length');
  return {
    status,
    headers: mask(JSON.stringify(shown)),
    text: mask(text).replaceAll(/name="authenticator" value="[^"]+"/g, 'name="authenticator" value="*"'),
    comparisons: service.comparisons() - comparisons,
  };
}

function allTheSame(seen: readonly Seen[], status: number, comparisons: number): void {
  assert.equal(seen[0]?.status, status);
  assert.equal(seen[0]?.comparisons, comparisons);
  for (const one of seen) assert.deepEqual(one, seen[0]);
}
