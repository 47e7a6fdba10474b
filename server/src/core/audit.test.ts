// The canonical text of an event: the bytes that leaves are made of, so it may never change and never be ambiguous.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type AuditEvent,
  auditEvent,
  canonicalEvent,
  canonicalPersonal,
  commitsTo,
  saysTheSame,
} from './audit.ts';

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

test('what is not said of an event is empty', () => {
  const { companyId, accountId, facts, personal } = auditEvent({ id: 'a', atMs: 1 }, 'session.ended');
  assert.deepEqual([companyId, accountId, facts, personal], [undefined, undefined, {}, {}]);
});

test('a text says the same as its own columns and as no others, and commits to its own fields and to no others', () => {
  const text = fc.string({ unit: 'binary' });
  const columns = fc.record({
    id: text,
    atMs: fc.integer(),
    companyId: fc.option(text, { nil: undefined }),
    accountId: fc.option(text, { nil: undefined }),
  });
  fc.assert(
    fc.property(columns, columns, text, text, (one, other, commitment, another) => {
      const canonical = canonicalEvent({ ...event, ...one }, commitment);
      assert.equal(saysTheSame(canonical, { ...event, ...one, atMs: String(one.atMs) }), true);
      assert.equal(commitsTo(canonical, commitment), true);
      const keys = ['id', 'atMs', 'companyId', 'accountId'] as const;
      const isSame = keys.every((key) => one[key] === other[key]);
      assert.equal(saysTheSame(canonical, { ...event, ...other }), isSame);
      assert.equal(saysTheSame(canonical, { ...event, ...one, event: 'session.ended' }), false);
      assert.equal(commitsTo(canonical, another), another === commitment);
      assert.equal(commitsTo(canonicalEvent(event, undefined), another), false);
    }),
  );
});
