// B9. What may happen once is asked for a hundred times at once, and then again. ZITADEL (CVE-2025-46815) took an
// intent a second time; every check that reads "not used yet" before it writes "used" does so under load. Each step
// of a sign-in is raced; what it must leave behind is counted in the tables.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formAt } from '../support/person.ts';
import { changesSince, onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import { burst } from './burst.ts';
import { type At, comeTo, everythingRight, stateOf } from './sign-in-states.ts';
import { tallyOf } from './tally.ts';

const times = 100;

onEachEngine('B9 one-time things raced', (running) => {
  test('a password brings an account in once', async () => {
    const at = await comeTo(running(), 'password', 'password');
    const before = await countsOf(running(), at);
    await race(at, 'password');
    assert.equal(await stateOf(running(), at.page), 'factor');
    assert.deepEqual(await gained(running(), at, before), { challenges: 1, accepted: 1 });
  });

  test('a code gives one session', async () => {
    const at = await comeTo(running(), 'factor', 'code');
    const before = await countsOf(running(), at);
    await race(at, 'code');
    assert.equal(await stateOf(running(), at.page), 'done');
    assert.deepEqual(await gained(running(), at, before), { sessions: 1, succeeded: 1 });
  });

  test('a setup binds one app', async () => {
    const at = await comeTo(running(), 'enrollment', 'setup');
    const before = await countsOf(running(), at);
    await race(at, 'authenticator-app');
    assert.equal(await stateOf(running(), at.page), 'backup');
    assert.deepEqual(await gained(running(), at, before), { authenticators: 1, bound: 1 });
  });

  test('one set of recovery codes is left, whole, and it is one that was shown', async () => {
    const service = running();
    const at = await comeTo(service, 'backup', 'codes');
    const answers = await race(at, 'recovery-codes');
    const sets = await service.rows(
      `select id from authenticators
       where account_id = '${at.person.accountId}' and kind = 'recovery-code' and state = 'active'`,
    );
    assert.equal(sets.length, 1);
    const codes = await service.rows(
      `select selector from recovery_codes where authenticator_id = '${String(sets[0]?.['id'])}'`,
    );
    assert.equal(codes.length, 10);
    const selectors = codes.map((row) => String(row['selector']));
    const shown = answers.filter(({ text }) => selectors.every((one) => text.includes(`<li>${one}-`)));
    assert.equal(shown.length, 1);
  });

  test('kept codes give one session', async () => {
    const at = await comeTo(running(), 'backup', 'kept');
    await at.person.takeRecoveryCodes(await at.person.open(at.page.url));
    const before = await countsOf(running(), at);
    await race(at, 'backup');
    assert.deepEqual(await gained(running(), at, before), { sessions: 1, succeeded: 1 });
  });

  test('a proven sign-in gives one session', async () => {
    const at = await comeTo(running(), 'proven', 'proven');
    const before = await countsOf(running(), at);
    await race(at, 'continue');
    assert.deepEqual(await gained(running(), at, before), { sessions: 1, succeeded: 1 });
  });

  test('a session is ended once', async () => {
    const at = await comeTo(running(), 'factor', 'ended');
    await race(at, 'code');
    const service = running();
    const signedIn = await at.person.signIn();
    assert.equal(signedIn.status, 200);
    const before = await countsOf(service, at);
    const shot = { url: `${service.origin}/sign-out`, browser: at.person.browser, form: {} };
    await burst(Array.from({ length: times }, () => shot));
    assert.deepEqual(await gained(service, at, before), { ended: 1 });
  });

  test('what was used in a race is used afterwards', async () => {
    const at = await comeTo(running(), 'factor', 'afterwards');
    await race(at, 'code');
    const before = await running().tables();
    for (const action of ['password', 'code', 'continue', 'backup']) {
      await at.person.browser.post(formAt(at.page, action), everythingRight(at));
    }
    assert.deepEqual(await changesSince(running(), before), []);
    assert.equal((await tallyOf(running(), at.person)).gotIn, 2);
  });
});

function race(at: At, action: string) {
  const shot = { url: formAt(at.page, action), browser: at.person.browser, form: everythingRight(at) };
  return burst(Array.from({ length: times }, () => shot));
}

type Counts = Readonly<Record<string, number>>;

/** How many rows there are of everything that a step could make too many of. */
async function countsOf(service: ServiceUnderTest, { person: { accountId } }: At): Promise<Counts> {
  const mine = `where account_id = '${accountId}'`;
  const queries: Readonly<Record<string, string>> = {
    sessions: `sessions ${mine}`,
    authenticators: `authenticators ${mine}`,
    challenges: `challenges ${mine}`,
    accepted: `audit_leaves ${mine} and event = 'password.accepted'`,
    bound: `audit_leaves ${mine} and event = 'authenticator.bound'`,
    succeeded: `audit_leaves ${mine} and event = 'sign-in.succeeded'`,
    ended: `audit_leaves ${mine} and event = 'session.ended'`,
  };
  const counts: Record<string, number> = {};
  for (const [name, from] of Object.entries(queries)) {
    const [row] = await service.rows(`select count(*) as number from ${from}`);
    counts[name] = Number(row?.['number']);
  }
  return counts;
}

async function gained(service: ServiceUnderTest, at: At, before: Counts): Promise<Counts> {
  const now = Object.entries(await countsOf(service, at));
  const more = now.map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(more.filter(([, count]) => count !== 0));
}
