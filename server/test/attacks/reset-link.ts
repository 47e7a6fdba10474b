// A person who forgot the password, up to the link in their mail: what the attacks on it have in common.

import assert from 'node:assert/strict';
import type { Person } from '../support/person.ts';
import type { ServiceUnderTest } from '../support/service-under-test.ts';
import { type WebAnswer, WebClient } from '../support/web-client.ts';

/** Asks for a link, as anybody can. */
export function askForLink(
  service: ServiceUnderTest,
  username: string,
  browser = new WebClient(),
): Promise<WebAnswer> {
  return browser.post(`${service.origin}/forgot-password`, { username });
}

/** The token of a link that was asked for and mailed now; nothing is left in the outbox. */
export async function resetTokenOf(service: ServiceUnderTest, person: Person): Promise<string> {
  const from = service.letters.length;
  assert.equal((await askForLink(service, person.username)).status, 303);
  const letter = await service.letterTo(person.username, from);
  assert.equal(letter.letter, 'password-reset');
  await service.outboxEmptied();
  return letter.letter === 'password-reset' ? letter.token : '';
}

/** Sends a new password to a link. */
export function choose(
  service: ServiceUnderTest,
  token: string,
  password: string,
  browser = new WebClient(),
): Promise<WebAnswer> {
  return browser.post(`${service.origin}/reset-password/${token}`, { password });
}

/** A password that was chosen by mail and waits. */
export async function chosenByMail(
  service: ServiceUnderTest,
  person: Person,
  password: string,
): Promise<void> {
  const answer = await choose(service, await resetTokenOf(service, person), password);
  assert.equal(answer.status, 303, answer.text);
}
