// A forgotten password: what a request is decided on, whom a link is mailed to, and what its choice makes void.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Account } from './account.ts';
import type { Authenticator } from './authenticator.ts';
import {
  answerResetRequest,
  chooseResetPassword,
  decideResetRequest,
  isChoosable,
  type PasswordReset,
} from './password-reset.ts';
import type { Tries } from './throttle.ts';

const nowMs = 1_700_000_000_000;
const hour = 3_600_000;
const subjects = { name: 'hash of ann', network: '192.0.2.1' };
const account: Account = {
  ...{ id: 'ann', companyId: 'bakery', username: 'ann', status: 'active' },
  ...{ mustChangePassword: false, passwordRevision: 0, arrangement: 1 },
};
const app: Authenticator = {
  ...{ id: 'app', accountId: 'ann', companyId: 'bakery', kind: 'totp', label: '', position: 1 },
  ...{ boundAtMs: 0, keptAtMs: 0, lastUsedAtMs: undefined, unusedCodes: undefined },
};
const spent: Authenticator = { ...app, kind: 'recovery-code', unusedCodes: 0 };

/** Asks so often, all at one moment, and counts the links. */
function ask(
  times: number,
  at: (index: number) => { readonly name?: string; readonly network?: string; readonly nowMs: number },
) {
  const tries = new Map<string, Tries>();
  return Array.from({ length: times }, (_, index) => {
    const { nowMs: atMs, ...fields } = at(index);
    const decided = decideResetRequest({ ...subjects, ...fields }, tries, atMs);
    for (const change of decided.decision === 'count' ? decided.changes : []) {
      if (change.change === 'try.count') tries.set(change.key, change);
    }
    return decided.decision;
  });
}

test('one name gets three links an hour and six a day, from however many networks, and is not told', () => {
  const flood = ask(40, (index) => ({ network: `192.0.2.${index}`, nowMs: nowMs + index }));
  assert.equal(flood.filter((decision) => decision === 'count').length, 3);
  assert.deepEqual(new Set(flood.slice(3)), new Set(['enough']));
  const day = ask(240, (index) => ({ network: `net-${index}`, nowMs: nowMs + index * (hour / 10) }));
  assert.equal(day.filter((decision) => decision === 'count').length, 6);
});

test('one network asks for thirty names an hour, and is told to wait', () => {
  const names = ask(32, (index) => ({ name: `name-${index}`, nowMs }));
  assert.equal(names.filter((decision) => decision === 'count').length, 30);
  assert.deepEqual(names.slice(30), ['wait', 'wait']);
});

const request = {
  id: 'request',
  token: { text: 'token', hash: Uint8Array.of(1) },
  letterId: 'letter',
  nowMs,
};
const correspondent = { address: 'ann@demo.test', language: 'nl' } as const;

test('who has an address and a method is mailed a link for an hour', () => {
  const answer = answerResetRequest({ ...request, account, authenticators: [app], correspondent });
  assert.equal(answer?.outcome, 'mailed');
  const [begin, add] = answer?.changes ?? [];
  assert.ok(begin?.change === 'password-reset.begin' && add?.change === 'outbox.add');
  assert.deepEqual(begin.reset, {
    ...{ id: 'request', accountId: 'ann', companyId: 'bakery', state: 'mailed' },
    ...{ createdAtMs: nowMs, expiresAtMs: nowMs + hour },
  });
  assert.equal(add.item.expiresAtMs, begin.reset.expiresAtMs, 'a link that is over is not mailed');
  assert.deepEqual(add.item.payload, {
    ...correspondent,
    ...{ letter: 'password-reset', username: 'ann', token: 'token', lifeMinutes: 60 },
  });
});

test('who has no method, or none left, is told that only support can help', () => {
  for (const authenticators of [[], [spent]]) {
    const answer = answerResetRequest({ ...request, account, authenticators, correspondent });
    assert.equal(answer?.outcome, 'impossible');
    assert.deepEqual(
      answer?.changes.map((one) => one.change === 'outbox.add' && one.item.payload),
      [{ ...correspondent, letter: 'password-reset-impossible', username: 'ann' }],
    );
  }
});

test('nobody is written to without an address, or with an account that is switched off', () => {
  const input = { ...request, authenticators: [app] };
  assert.equal(answerResetRequest({ ...input, account, correspondent: undefined }), undefined);
  const disabled: Account = { ...account, status: 'disabled' };
  assert.equal(answerResetRequest({ ...input, account: disabled, correspondent }), undefined);
});

test('a link lets one password be chosen while it lives, and the choice makes the others void', () => {
  const reset: PasswordReset = {
    ...{ id: 'reset', accountId: 'ann', companyId: 'bakery', state: 'mailed' },
    ...{ createdAtMs: nowMs, expiresAtMs: nowMs + hour },
  };
  assert.equal(isChoosable(reset, account, nowMs + hour - 1), true);
  assert.equal(isChoosable(reset, account, nowMs + hour), false);
  assert.equal(isChoosable({ ...reset, state: 'waiting' }, account, nowMs), false);
  assert.equal(isChoosable(reset, { ...account, status: 'disabled' }, nowMs), false);
  assert.deepEqual(chooseResetPassword(reset, 'hash', nowMs), [
    {
      change: 'password-reset.choose',
      ...{ id: 'reset', accountId: 'ann', passwordHash: 'hash', nowMs, expiresAtMs: nowMs + 24 * hour },
    },
    { change: 'password-reset.clear', accountId: 'ann', exceptId: 'reset' },
  ]);
});
