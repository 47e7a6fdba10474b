// Which step comes next, as a table over everything it depends on, and the rule it exists for: whoever ever had a
// method is never enrolled on a password alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Proof } from './assurance.ts';
import type { Authenticator, FactorKind } from './authenticator.ts';
import { type NextStep, nextStep, satisfies } from './policy.ts';

const method = (kind: FactorKind, unusedCodes?: number): Authenticator => ({
  id: kind,
  accountId: 'account',
  companyId: 'company',
  kind,
  label: '',
  position: 1,
  boundAtMs: 0,
  lastUsedAtMs: undefined,
  unusedCodes,
  keptAtMs: 0,
});

const sets = {
  nothing: [],
  app: [method('totp')],
  'app and codes': [method('totp'), method('recovery-code', 10)],
  'app and codes not kept': [method('totp'), { ...method('recovery-code', 10), keptAtMs: undefined }],
  'app and used codes': [method('totp'), method('recovery-code', 0)],
  codes: [method('recovery-code', 1)],
  'used codes': [method('recovery-code', 0)],
} satisfies Record<string, readonly Authenticator[]>;

/** An account counts every change of its methods. */
const accountOf = (authenticators: readonly Authenticator[]) => ({ arrangement: authenticators.length });

const password: Proof = { kind: 'password', atMs: 1000 };
const totp: Proof = { kind: 'totp', authenticatorId: 'totp', atMs: 2000 };
const code: Proof = { kind: 'recovery-code', authenticatorId: 'recovery-code', atMs: 2000 };

type Row = readonly [keyof typeof sets, readonly Proof[], NextStep];

/** For an application that requires a second factor. */
const required: readonly Row[] = [
  ['nothing', [], 'password'],
  ['app', [totp], 'password'],
  ['nothing', [password], 'enrollment'],
  ['app', [password], 'factor'],
  ['app and codes', [password], 'factor'],
  ['app and used codes', [password], 'factor'],
  ['codes', [password], 'factor'],
  ['used codes', [password], 'factor'],
  ['app', [password, totp], 'backup'],
  ['app and codes', [password, totp], 'finished'],
  ['app and used codes', [password, totp], 'backup'],
  ['app and codes not kept', [password], 'factor'],
  ['app and codes not kept', [password, totp], 'backup'],
  ['app and used codes', [password, code], 'backup'],
  ['codes', [password, code], 'enrollment'],
  ['used codes', [password, code], 'enrollment'],
];

for (const [held, proofs, expected] of required) {
  test(`required, has ${held}, proved ${proofs.map((one) => one.kind).join('+')}: ${expected}`, () => {
    const application = { secondFactor: 'required' } as const;
    assert.equal(
      nextStep({
        application,
        wants: {},
        proofs,
        authenticators: sets[held],
        account: accountOf(sets[held]),
      }),
      expected,
    );
  });
}

test('an application that says none never asks, whatever the account has', () => {
  for (const authenticators of Object.values(sets)) {
    const application = { secondFactor: 'none' } as const;
    assert.equal(
      nextStep({
        application,
        wants: {},
        proofs: [password],
        authenticators,
        account: accountOf(authenticators),
      }),
      'finished',
    );
  }
});

test('an application that says optional asks whoever has a method, and lets in who never had one', () => {
  for (const [held, authenticators] of Object.entries(sets)) {
    const application = { secondFactor: 'optional' } as const;
    const step = nextStep({
      application,
      wants: {},
      proofs: [password],
      authenticators,
      account: accountOf(authenticators),
    });
    assert.equal(step, held === 'nothing' ? 'finished' : 'factor');
  }
});

test('a request for two-factor assurance makes every application ask', () => {
  for (const secondFactor of ['required', 'optional', 'none'] as const) {
    const wants = { assurance: 'urn:secondring:acr:two-factor' } as const;
    const ask = (authenticators: readonly Authenticator[]): NextStep =>
      nextStep({
        application: { secondFactor },
        wants,
        proofs: [password],
        authenticators,
        account: accountOf(authenticators),
      });
    assert.equal(ask(sets.app), 'factor');
    assert.equal(ask(sets.nothing), 'enrollment');
  }
});

test('whoever ever had a method is never enrolled on the password alone (B4)', () => {
  for (const [held, authenticators] of Object.entries(sets)) {
    if (held === 'nothing') continue;
    for (const secondFactor of ['required', 'optional', 'none'] as const) {
      const step = nextStep({
        application: { secondFactor },
        wants: {},
        proofs: [password],
        authenticators,
        account: accountOf(authenticators),
      });
      assert.notEqual(step, 'enrollment', held);
    }
  }
});

test('an account whose methods were all removed is not one that never had any (B5)', () => {
  const application = { secondFactor: 'required' } as const;
  const removed = {
    application,
    wants: {},
    proofs: [password],
    authenticators: [],
    account: { arrangement: 3 },
  };
  assert.equal(nextStep(removed), 'factor');
  assert.equal(nextStep({ ...removed, account: { arrangement: 1 } }), 'factor');
  assert.equal(nextStep({ ...removed, account: { arrangement: 0 } }), 'enrollment');
});

test('single sign-on: what a session opens', () => {
  const two = [password, totp];
  const required = { secondFactor: 'required' } as const;
  const none = { secondFactor: 'none' } as const;
  assert.equal(satisfies(two, required, {}, true), true);
  assert.equal(satisfies([password], required, {}, true), false, 'a session of an application without one');
  assert.equal(satisfies([password], none, {}, true), true);
  assert.equal(satisfies([password], { secondFactor: 'optional' }, {}, true), false);
  assert.equal(satisfies([password], { secondFactor: 'optional' }, {}, false), true);
  assert.equal(satisfies([], none, {}, false), false);
  assert.equal(satisfies([totp], required, {}, true), false, 'a factor without the password is not enough');
});

test('single sign-on: proofs that are too old do not count, each by itself', () => {
  const required = { secondFactor: 'required' } as const;
  assert.equal(satisfies([password, totp], required, { freshSinceMs: 1000 }, true), true);
  assert.equal(satisfies([password, totp], required, { freshSinceMs: 1001 }, true), false);
  assert.equal(satisfies([password, totp], { secondFactor: 'none' }, { freshSinceMs: 2001 }, true), false);
});

test('single sign-on: a wanted assurance must be held', () => {
  const none = { secondFactor: 'none' } as const;
  const wants = (assurance: 'two-factor' | 'phishing-resistant' | 'password') =>
    ({ assurance: `urn:secondring:acr:${assurance}` }) as const;
  assert.equal(satisfies([password, totp], none, wants('two-factor'), true), true);
  assert.equal(satisfies([password, totp], none, wants('phishing-resistant'), true), false);
  assert.equal(satisfies([password], none, wants('two-factor'), true), false);
  assert.equal(satisfies([password], none, wants('password'), true), true);
});
