// Random histories of one sign-in against a model that knows no more than the documented machine: only its
// transitions happen, what is refused or expired stays so, the account never becomes another's, and a session exists
// exactly when what the policy asks for was proven and the browser came for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { check, type Event, happen, Run, startMs } from '#test/support/sign-in-history.ts';
import { issueChallenge } from './challenge.ts';
import { acceptFactor, acceptPassword } from './sign-in.ts';

const event = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('password'),
      account: fc.constantFrom('ann', 'bob'),
      isWaiting: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('code'),
      challenge: fc.constantFrom('current', 'earlier', 'foreign'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('choose'), method: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('new key') }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('new password') }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('other link') }) },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('bind'), enrollment: fc.constantFrom('current', 'earlier') }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('issue codes') }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('keep codes') }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('come for it') }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('wait'), ms: fc.nat(240_000) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('crowd out') }) },
) as fc.Arbitrary<Event>;

const holdings = fc.record({
  apps: fc.nat(2),
  unusedCodes: fc.constantFrom(undefined, 0, 1, 2),
  mustChange: fc.boolean(),
});

test('random histories keep to the documented machine', () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(
      fc.constantFrom('required', 'optional', 'none'),
      fc.boolean(),
      holdings,
      fc.array(event, { minLength: 8, maxLength: 40 }),
      (demand, wantsTwo, held, events) => {
        const run = new Run(demand as 'required', wantsTwo, held);
        check(run);
        for (const happened of events) {
          happen(run, happened);
          check(run);
          reached.add(run.signIn.state);
        }
      },
    ),
    { numRuns: 5000 },
  );
  // The histories went everywhere, or nothing was shown.
  assert.equal(reached.size, 9);
});

test('B3: a challenge proven for one sign-in is worth nothing in another of the same account', () => {
  const [one, other] = [
    new Run('required', false, { apps: 1, unusedCodes: 2 }),
    new Run('required', false, { apps: 1, unusedCodes: 2 }),
  ];
  other.signIn = { ...other.signIn, id: 'other' };
  for (const run of [one, other]) {
    assert.ok(
      run.settle(acceptPassword(run.signIn, run.situation(), () => new Uint8Array(20), run.circumstances)),
    );
  }
  const [authenticator] = one.methods;
  assert.ok(authenticator);
  const challenge = issueChallenge({
    id: one.signIn.challengeId ?? '',
    signIn: one.signIn,
    authenticator,
    nowMs: startMs,
  });
  const secret = () => new Uint8Array(20);
  const moved = { ...other.signIn, challengeId: challenge.id };
  assert.equal(acceptFactor(moved, challenge, other.situation(), secret, other.circumstances), undefined);
  assert.ok(acceptFactor(one.signIn, challenge, one.situation(), secret, one.circumstances));
});
