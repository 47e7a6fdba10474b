// Where the password becomes another one inside a sign-in: never before a factor where the account has one, and with
// everything that has to come with it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authenticator } from './authenticator.ts';
import { issueChallenge } from './challenge.ts';
import type { Change } from './changes.ts';
import {
  acceptBinding,
  acceptFactor,
  acceptNewPassword,
  acceptPassword,
  beginSignIn,
  type Circumstances,
  type SignIn,
  type Situation,
} from './sign-in.ts';

const nowMs = 1_700_000_000_000;
const newSecret = () => Uint8Array.of(7);
const app: Authenticator = {
  ...{ id: 'app', accountId: 'ann', companyId: 'bakery', kind: 'totp', label: '', position: 1 },
  ...{ boundAtMs: 0, keptAtMs: 0, lastUsedAtMs: undefined, unusedCodes: undefined },
};
const codes: Authenticator = { ...app, id: 'codes', kind: 'recovery-code', position: 0, unusedCodes: 3 };
const waiting = { resetId: 'reset', passwordHash: 'the new hash' };

function circumstances(): Circumstances {
  let minted = 0;
  return { nowMs, mint: () => `minted-${++minted}`, personal: {} };
}

function situation(
  authenticators: readonly Authenticator[],
  fields: { readonly secondFactor?: 'required' | 'none'; readonly mustChangePassword?: boolean } = {},
): Situation {
  const { secondFactor = 'required', mustChangePassword = false } = fields;
  return {
    application: { id: 'panel', name: 'Panel', secondFactor, homeUrl: undefined },
    account: {
      ...{ id: 'ann', companyId: 'bakery', username: 'ann', status: 'active' },
      ...{ mustChangePassword, passwordRevision: 4, arrangement: authenticators.length },
    },
    company: { id: 'bakery', name: 'Bakery', authenticatorAppsPerAccount: 1 },
    authenticators,
    correspondent: { address: 'ann@demo.test', language: 'nl' },
  };
}

function begun({ application }: Situation): SignIn {
  return beginSignIn({ id: 'sign-in', application, wants: {}, interaction: undefined, nowMs });
}

function prove(signIn: SignIn, given: Situation) {
  const challenge = { ...issueChallenge({ id: 'c', signIn, authenticator: app, nowMs }) };
  return acceptFactor({ ...signIn, challengeId: 'c' }, challenge, given, newSecret, circumstances());
}

const namesOf = (changes: readonly Change[] = []) =>
  changes.map((one) => (one.change === 'audit.append' ? one.event.event : one.change));
const stateAfter = (decision: { readonly next: SignIn } | undefined) => decision?.next.state;

for (const secondFactor of ['required', 'none'] as const) {
  test(`a demanded change comes after the factor of who has one (${secondFactor})`, () => {
    const given = situation([app, codes], { secondFactor, mustChangePassword: true });
    const asked = acceptPassword(begun(given), given, newSecret, circumstances());
    assert.equal(stateAfter(asked), 'factor');
    assert.ok(asked);
    assert.equal(acceptNewPassword(asked.next, 'hash', given, newSecret, circumstances()), undefined);
    const proven = prove(asked.next, given);
    assert.equal(stateAfter(proven), 'change-password');
    assert.ok(proven);
    const changed = acceptNewPassword(proven.next, 'hash', given, newSecret, circumstances());
    assert.equal(stateAfter(changed), 'proven');
    assert.equal(changed?.next.passwordRevision, 5);
    assert.deepEqual(namesOf(changed?.changes), [
      ...['password.replace', 'session.end-all', 'outbox.add', 'sign-in.end-others', 'password-reset.clear'],
      ...['outbox.add', 'password.changed'],
    ]);
  });

  test(`a password that waits asks for a factor whatever the application wants (${secondFactor})`, () => {
    const given = situation([app, codes], { secondFactor });
    const asked = acceptPassword(begun(given), given, newSecret, circumstances(), 'reset');
    assert.equal(stateAfter(asked), 'factor');
    assert.ok(asked);
    const proven = prove(asked.next, { ...given, waiting });
    assert.equal(stateAfter(proven), 'proven');
    assert.equal(proven?.next.passwordResetId, undefined);
    assert.deepEqual(namesOf(proven?.changes), [
      ...['challenge.consume', 'try.reset', 'password.replace', 'session.end-all', 'outbox.add'],
      'sign-in.end-others',
      ...['password-reset.clear', 'password-reset.consume', 'outbox.add', 'password.changed'],
      'factor.accepted',
    ]);
    const replaced = proven?.changes.find((one) => one.change === 'password.replace');
    assert.deepEqual(replaced, {
      change: 'password.replace',
      ...{ accountId: 'ann', passwordHash: 'the new hash', expectedRevision: 4 },
    });
  });

  test(`a password that waits never leads to the enrollment of a first method (${secondFactor})`, () => {
    const given = situation([], { secondFactor });
    const asked = acceptPassword(begun(given), given, newSecret, circumstances(), 'reset');
    assert.equal(stateAfter(asked), 'refused');
  });
}

test('a password that is void by now is not put in force, and the sign-in is over', () => {
  const given = situation([app, codes]);
  const asked = acceptPassword(begun(given), given, newSecret, circumstances(), 'reset');
  assert.ok(asked);
  for (const held of [undefined, { ...waiting, resetId: 'another' }]) {
    const proven = prove(asked.next, { ...given, waiting: held });
    assert.equal(stateAfter(proven), 'expired');
    assert.deepEqual(proven?.changes, []);
  }
});

test('the password in force does not put one that waits in force', () => {
  const given = situation([app, codes]);
  const asked = acceptPassword(begun(given), given, newSecret, circumstances());
  assert.ok(asked);
  const proven = prove(asked.next, { ...given, waiting });
  assert.ok(!namesOf(proven?.changes).includes('password.replace'));
});

test('who never had a method changes the demanded password before the first is bound', () => {
  const given = situation([], { mustChangePassword: true });
  const asked = acceptPassword(begun(given), given, newSecret, circumstances());
  assert.equal(stateAfter(asked), 'change-password');
  assert.ok(asked);
  const changed = acceptNewPassword(asked.next, 'hash', given, newSecret, circumstances());
  assert.equal(stateAfter(changed), 'enrollment');
  const enrollment = changed?.changes.find((one) => one.change === 'enrollment.begin')?.enrollment;
  assert.ok(changed !== undefined && enrollment !== undefined);
  const account = { ...given.account, mustChangePassword: false };
  const bound = acceptBinding(
    changed.next,
    enrollment,
    app,
    { ...given, account },
    newSecret,
    circumstances(),
  );
  assert.equal(stateAfter(bound), 'backup');
});

test('without a way to write to the owner the password changes all the same', () => {
  const given = { ...situation([app, codes]), waiting, correspondent: undefined };
  const asked = acceptPassword(begun(given), given, newSecret, circumstances(), 'reset');
  assert.ok(asked);
  const letters = prove(asked.next, given)?.changes.filter(
    (one) => one.change === 'outbox.add' && one.item.kind === 'mail',
  );
  assert.deepEqual(letters, []);
});
