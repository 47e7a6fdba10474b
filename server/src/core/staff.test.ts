// What a staff page wants of a session, by its age and by how long nobody worked with it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Proof } from './assurance.ts';
import { satisfies } from './policy.ts';
import { staffIdleMs, staffLifeMs, wantsOfStaff } from './staff.ts';

const nowMs = 1_900_000_000_000;
const application = { secondFactor: 'required' } as const;
const password = (ageMs: number): Proof => ({ kind: 'password', atMs: nowMs - ageMs });
const totp = (ageMs: number): Proof => ({ kind: 'totp', authenticatorId: 'a', atMs: nowMs - ageMs });

const opens = (proofs: readonly Proof[], unseenMs: number) =>
  satisfies(proofs, application, wantsOfStaff('/helpdesk', nowMs - unseenMs, nowMs), true);

test('a page opens to two factors of the last eight hours, at work within a quarter of an hour', () => {
  assert.equal(opens([password(0), totp(0)], 0), true);
  assert.equal(opens([password(staffLifeMs - 1), totp(staffLifeMs - 1)], staffIdleMs - 1), true);
  assert.equal(opens([password(staffLifeMs), totp(0)], 0), false);
  assert.equal(opens([password(0), totp(staffLifeMs)], 0), false);
  assert.equal(opens([password(1), totp(1)], staffIdleMs), false);
  assert.equal(opens([password(0)], 0), false);
  assert.equal(opens([totp(0)], 0), false);
});

test('the numbers are those of the threat model', () => {
  assert.deepEqual([staffLifeMs, staffIdleMs], [8 * 3_600_000, 15 * 60_000]);
});
