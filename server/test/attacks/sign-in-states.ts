// Brings a person's sign-in into each of its states, as people get there where a page leads there, and sends it
// whatever a browser could send: what the attacks on the order of steps have in common.

import assert from 'node:assert/strict';
import { type SignInState, settle } from '#core/sign-in.ts';
import {
  askedElsewhere,
  enrolledPerson,
  formAt,
  keyOn,
  newPerson,
  type Person,
  questionOn,
  signInIdOf,
} from '../support/person.ts';
import { password, type ServiceUnderTest } from '../support/service-under-test.ts';
import type { WebAnswer } from '../support/web-client.ts';

/** A sign-in in a state, the person in front of it, and the method it can be answered with. */
export interface At {
  readonly person: Person;
  readonly page: WebAnswer;
  readonly authenticatorId: string;
}

/** Everything right that anybody could know in any state; each route takes what it looks for. */
export function everythingRight({ person, authenticatorId }: At): Readonly<Record<string, string>> {
  const code = person.totpKey === undefined ? '123456' : person.code();
  return { username: person.username, password, code, authenticator: authenticatorId, kept: 'yes' };
}

/** A password that could be chosen. */
const nextPassword = 'Twelve ducks on a slow train';

/** Sends it to one of the sign-in's addresses. */
export async function attempt(at: At, action: string): Promise<void> {
  const { status } = await at.person.browser.post(formAt(at.page, action), rightFor(at, action));
  assert.ok([200, 303, 403, 410, 422].includes(status), `${action}: ${status}`);
}

/** Where a password is chosen the right one is another than where it is asked for. */
export function rightFor(at: At, action: string): Readonly<Record<string, string>> {
  const isChosen = action === 'new-password' || action.startsWith('/reset-password');
  return { ...everythingRight(at), ...(isChosen && { password: nextPassword }) };
}

/** A sign-in in a state, reached as people do where a page leads there. */
export async function comeTo(service: ServiceUnderTest, state: SignInState, name: string): Promise<At> {
  const isNew = state === 'enrollment' || state === 'backup';
  const person = isNew ? await newPerson(service, name) : await enrolledPerson(service, name);
  const page = await reach(service, person, state);
  assert.equal(await stateOf(service, page), state);
  const [method] = await service.rows(
    `select id from authenticators where account_id = '${person.accountId}' and kind = 'totp'`,
  );
  return { person, page, authenticatorId: String(method?.['id']) };
}

async function reach(service: ServiceUnderTest, person: Person, state: SignInState): Promise<WebAnswer> {
  if (state === 'password') return person.open();
  const page = await askedElsewhere(person);
  switch (state) {
    case 'enrollment':
      person.totpKey = keyOn(page);
      return page;
    case 'backup':
      await person.setUpApp(page);
      // So that the code of the app has not been used when it is tried here.
      service.clock.toNextStep();
      return page;
    case 'done':
      assert.equal(questionOn(await person.giveCode(page)), 'done');
      service.clock.toNextStep();
      return page;
    case 'change-password':
      await service.write(`update accounts set must_change_password = 1 where id = '${person.accountId}'`);
      assert.equal(questionOn(await person.giveCode(page)), 'new-password');
      service.clock.toNextStep();
      return page;
    case 'proven':
    case 'refused':
    case 'expired':
      // No page leads to these yet, or only ten minutes do.
      await settleAs(service, signInIdOf(page), state);
      return page;
    default:
      return page;
  }
}

/** Moves a sign-in as a decision would: what is written by hand is no sign-in any more. */
async function settleAs(service: ServiceUnderTest, id: string, state: SignInState): Promise<void> {
  const view = await service.ports.store.signIn(id);
  assert.ok(view);
  const decision = { next: { ...view.signIn, state }, changes: [] };
  assert.deepEqual(await service.ports.store.commit(settle(decision, service.ports.nowMs())), {
    committed: true,
  });
}

/** The state that a page's sign-in is in. */
export async function stateOf(service: ServiceUnderTest, page: WebAnswer): Promise<unknown> {
  const [row] = await service.rows(`select state from sign_ins where id = '${signInIdOf(page)}'`);
  return row?.['state'];
}
