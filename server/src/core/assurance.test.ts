// What proofs are worth and how it is said on the wire.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { amrOf, assuranceLevels, assuranceOf, authTimeSeconds, meets, type Proof } from './assurance.ts';

const password: Proof = { kind: 'password', atMs: 1000 };
const proof = (kind: Exclude<Proof['kind'], 'password'>, authenticatorId: string = kind): Proof => ({
  kind,
  authenticatorId,
  atMs: 2000,
});
const [passwordOnly, twoFactor, phishingResistant] = assuranceLevels;

/** Proofs, `acr`, `amr`. */
const table: readonly (readonly [readonly Proof[], string | undefined, readonly string[]])[] = [
  [[], undefined, []],
  [[password], passwordOnly, ['pwd']],
  [[password, proof('totp')], twoFactor, ['pwd', 'otp', 'mfa']],
  [[password, proof('recovery-code')], twoFactor, ['pwd', 'otp', 'mfa']],
  [[password, proof('phone')], twoFactor, ['pwd', 'tel', 'mca', 'mfa']],
  [[password, proof('app')], twoFactor, ['pwd', 'otp', 'mca', 'mfa']],
  [[password, proof('passkey')], phishingResistant, ['pwd', 'pop', 'user', 'mfa']],
  [[proof('totp')], undefined, ['otp']],
  [[proof('recovery-code'), proof('phone')], undefined, ['otp', 'tel', 'mca']],
  [[proof('passkey')], undefined, ['pop', 'user']],
];

for (const [proofs, acr, amr] of table) {
  test(`${proofs.map((one) => one.kind).join('+') || 'nothing'} is ${acr ?? 'no assurance'}`, () => {
    assert.equal(assuranceOf(proofs), acr);
    assert.deepEqual(amrOf(proofs), amr);
  });
}

test('the same authenticator proven again adds nothing, and mfa is never said without the password (B7)', () => {
  const kind = fc.constantFrom('totp', 'recovery-code', 'phone', 'app', 'passkey');
  const proofs = fc.array(
    kind.map((one) => proof(one as 'totp')),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(proofs, (factors) => {
      assert.deepEqual(assuranceOf([password, ...factors, ...factors]), assuranceOf([password, ...factors]));
      assert.equal(amrOf(factors).includes('mfa'), false);
      assert.equal(assuranceOf(factors), undefined);
    }),
  );
});

test('an assurance meets itself and what is weaker, never what is stronger or unknown', () => {
  for (const [held, heldLevel] of assuranceLevels.entries()) {
    for (const [wanted, wantedLevel] of assuranceLevels.entries()) {
      assert.equal(meets(heldLevel, wantedLevel), held >= wanted);
    }
    assert.equal(meets(heldLevel, 'urn:somebody:else'), false);
    assert.equal(meets(undefined, heldLevel), false);
  }
});

test('auth_time is when the last proof was given, in whole seconds', () => {
  assert.equal(
    authTimeSeconds([
      { kind: 'password', atMs: 61_999 },
      { ...proof('totp'), atMs: 75_001 },
    ]),
    75,
  );
});
