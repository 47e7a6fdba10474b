// The canonical text of an event: the bytes that leaves are made of, so it may never change and never be ambiguous.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AuditEvent, canonicalEvent, canonicalPersonal } from './audit.ts';

const event: AuditEvent = {
  id: '01jd',
  atMs: 1_700_000_000_000,
  event: 'authenticator.bound',
  companyId: 'bakery',
  accountId: 'ann',
  facts: { kind: 'totp', authenticatorId: 'a' },
  personal: { userAgent: 'x', address: '10.0.0.1' },
};

test('the canonical text is this and stays this', () => {
  assert.equal(
    canonicalEvent(event, 'commitment'),
    '{"version":1,"id":"01jd","atMs":1700000000000,"event":"authenticator.bound","companyId":"bakery","accountId":"ann","facts":[["authenticatorId","a"],["kind","totp"]],"personal":"commitment"}',
  );
  assert.equal(canonicalPersonal(event), '[["address","10.0.0.1"],["userAgent","x"]]');
});

test('personal fields do not stand in the canonical text', () => {
  assert.equal(canonicalEvent(event, 'commitment').includes('10.0.0.1'), false);
});

test('the order in which facts were given makes no difference', () => {
  const facts = { authenticatorId: 'a', kind: 'totp' };
  assert.equal(canonicalEvent({ ...event, facts }, undefined), canonicalEvent(event, undefined));
});

test('different events have different texts', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  const facts = fc.dictionary(fc.string(), value, { noNullPrototype: true });
  fc.assert(
    fc.property(facts, facts, (one, other) => {
      const isSame =
        canonicalEvent({ ...event, facts: one }, undefined) ===
        canonicalEvent({ ...event, facts: other }, undefined);
      let isEqual = true;
      try {
        assert.deepEqual(one, other);
      } catch {
        isEqual = false;
      }
      assert.equal(isSame, isEqual);
    }),
  );
});
