// What an authorization request wants of the sign-in, as a table of its parameters (OIDC Core 3.1.2.1, 5.5.1.1).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Wants } from '#core/policy.ts';
import { essentialAcrs, type RequestParameters, wantsOf } from './wants.ts';

const askedAtMs = 1_700_000_000_000;
const [password, twoFactor, resistant] = ['password', 'two-factor', 'phishing-resistant'].map(
  (level) => `urn:secondring:acr:${level}`,
) as [never, never, never];
const acr = (request: unknown) => ({ claims: JSON.stringify({ id_token: { acr: request } }) });

const table: readonly (readonly [RequestParameters, Wants])[] = [
  [{}, {}],
  [{ prompt: 'none', max_age: undefined, acr_values: '', claims: '' }, {}],

  [{ prompt: 'login' }, { freshSinceMs: askedAtMs }],
  [{ prompt: 'consent login' }, { freshSinceMs: askedAtMs }],
  [{ prompt: 'login', max_age: '3600' }, { freshSinceMs: askedAtMs }],
  [{ prompt: 'loginx' }, {}],
  [{ prompt: ['login'] }, {}],
  [{ max_age: '0' }, { freshSinceMs: askedAtMs }],
  [{ max_age: 60 }, { freshSinceMs: askedAtMs - 60_000 }],
  [{ max_age: '60' }, { freshSinceMs: askedAtMs - 60_000 }],
  [{ max_age: '' }, {}],
  [{ max_age: 'soon' }, {}],
  [{ max_age: 'Infinity' }, {}],

  [{ acr_values: twoFactor }, { assurance: twoFactor }],
  [{ acr_values: password }, { assurance: password }],
  [{ acr_values: `${resistant} ${twoFactor}` }, { assurance: resistant }],
  [{ acr_values: `urn:other ${twoFactor} ${resistant}` }, { assurance: twoFactor }],
  [{ acr_values: 'urn:other' }, {}],
  [{ acr_values: [twoFactor] }, {}],

  [acr({ essential: true, value: twoFactor }), { assurance: twoFactor }],
  [acr({ essential: true, values: ['urn:other', resistant] }), { assurance: resistant }],
  [acr({ essential: true, values: [7, null, twoFactor] }), { assurance: twoFactor }],
  [{ acr_values: password, ...acr({ essential: true, value: resistant }) }, { assurance: resistant }],
  [{ acr_values: twoFactor, ...acr({ value: resistant }) }, { assurance: twoFactor }],
  [{ acr_values: twoFactor, ...acr({ essential: true }) }, { assurance: twoFactor }],
  [{ acr_values: twoFactor, ...acr({ essential: 'true', value: resistant }) }, { assurance: twoFactor }],
  [{ acr_values: twoFactor, ...acr({ essential: true, values: [] }) }, {}],
  [acr({ essential: true, value: 'urn:other' }), {}],
  [acr(null), {}],
  [{ claims: { id_token: { acr: { essential: true, value: twoFactor } } } }, { assurance: twoFactor }],
  [{ claims: 'not json' }, {}],
  [{ claims: 'null' }, {}],
  [{ claims: '{"id_token":null}' }, {}],
  [{ claims: '{"userinfo":{"acr":{"essential":true,"value":"x"}}}' }, {}],

  [
    { prompt: 'login', acr_values: twoFactor },
    { assurance: twoFactor, freshSinceMs: askedAtMs },
  ],
];

for (const [parameters, expected] of table) {
  test(JSON.stringify(parameters), () => assert.deepEqual(wantsOf(parameters, askedAtMs), expected));
}

test('what an essential acr insists on, known to us or not', () => {
  assert.deepEqual(essentialAcrs(acr({ essential: true, value: 'urn:other' })), ['urn:other']);
  assert.deepEqual(essentialAcrs(acr({ essential: true, values: ['a', 1, 'b'] })), ['a', 'b']);
  assert.deepEqual(essentialAcrs(acr({ essential: true, values: ['a'], value: 'b' })), ['a']);
  assert.deepEqual(essentialAcrs(acr({ essential: true, values: [] })), []);
  assert.equal(essentialAcrs(acr({ essential: true })), undefined);
  assert.equal(essentialAcrs(acr({ essential: false, value: 'a' })), undefined);
  assert.equal(essentialAcrs({ acr_values: twoFactor }), undefined);
});

test('whatever the parameters are, wants are read without a fault and are only ours', () => {
  const parameter = fc.oneof(fc.anything(), fc.string(), fc.json());
  const parameters = fc.record({
    prompt: parameter,
    max_age: parameter,
    acr_values: parameter,
    claims: parameter,
  });
  fc.assert(
    fc.property(parameters, (given) => {
      const wants = wantsOf(given, askedAtMs);
      assert.ok(wants.assurance === undefined || wants.assurance.startsWith('urn:secondring:acr:'));
      assert.ok(!Number.isNaN(wants.freshSinceMs));
    }),
    // A value of which no number can be made.
    { examples: [[{ prompt: '', max_age: { toString: '', valueOf: '' }, acr_values: '', claims: '' }]] },
  );
});
