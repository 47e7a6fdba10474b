// Which methods a person can be asked for, in which order, and how many of a kind there may be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Authenticator, type FactorKind, inAskingOrder, isOtpClass, limitOf } from './authenticator.ts';

const kinds: readonly FactorKind[] = ['app', 'totp', 'phone', 'passkey', 'recovery-code'];

const method = (id: string, fields: Partial<Authenticator> = {}): Authenticator => ({
  id,
  accountId: 'account',
  companyId: 'company',
  kind: 'totp',
  label: '',
  position: 1,
  boundAtMs: 0,
  lastUsedAtMs: undefined,
  unusedCodes: undefined,
  keptAtMs: undefined,
  ...fields,
});

const asked = (...methods: readonly Authenticator[]) => inAskingOrder(methods).map(({ id }) => id);

test('the person’s own order, and within a place the older first', () => {
  assert.deepEqual(
    asked(
      method('third', { position: 3 }),
      method('first', { position: 1 }),
      method('second', { position: 2 }),
    ),
    ['first', 'second', 'third'],
  );
  assert.deepEqual(asked(method('younger', { boundAtMs: 2 }), method('older', { boundAtMs: 1 })), [
    'older',
    'younger',
  ]);
  assert.deepEqual(
    asked(
      method('last place', { position: 2, boundAtMs: 0 }),
      method('first place', { position: 1, boundAtMs: 9 }),
    ),
    ['first place', 'last place'],
  );
});

test('recovery codes come last, wherever they stand', () => {
  const codes = method('codes', { kind: 'recovery-code', position: 0, unusedCodes: 1 });
  assert.deepEqual(asked(codes, method('app', { position: 9 })), ['app', 'codes']);
});

test('a set without an unused code is none', () => {
  const codes = (unusedCodes: number | undefined) => method('codes', { kind: 'recovery-code', unusedCodes });
  assert.deepEqual(asked(codes(0)), []);
  assert.deepEqual(asked(codes(undefined)), []);
  assert.deepEqual(asked(codes(1)), ['codes']);
  assert.deepEqual(asked(method('app', { unusedCodes: 0 })), ['app'], 'other kinds have no codes to use up');
});

test('the order is one of what was given, and does not depend on how it was given', () => {
  const some = fc.uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1 }),
      kind: fc.constantFrom(...kinds),
      position: fc.nat(3),
      boundAtMs: fc.nat(),
      unusedCodes: fc.constantFrom(undefined, 0, 2),
    }),
    { selector: ({ boundAtMs }) => boundAtMs, maxLength: 8 },
  );
  fc.assert(
    fc.property(some, (fields) => {
      const methods = fields.map((one) => method(one.id, one));
      const given = structuredClone(methods);
      const order = inAskingOrder(methods);
      assert.deepEqual(methods, given, 'what was given is left alone');
      assert.deepEqual(inAskingOrder(methods.toReversed()), order);
      const expected = methods.filter((one) => one.kind !== 'recovery-code' || one.unusedCodes === 2);
      assert.deepEqual(new Set(order), new Set(expected));
      assert.equal(order.length, expected.length);
    }),
  );
});

test('how many of a kind: authenticator apps as the company says, one set of codes, ten of what else there is', () => {
  const limits = Object.fromEntries(
    kinds.map((kind) => [kind, limitOf(kind, { authenticatorAppsPerAccount: 3 })]),
  );
  assert.deepEqual(limits, { app: 10, totp: 3, phone: 10, passkey: 10, 'recovery-code': 1 });
});

test('short codes are under one counter; passkeys and recovery codes are not', () => {
  assert.deepEqual(kinds.filter(isOtpClass), ['app', 'totp', 'phone']);
});
