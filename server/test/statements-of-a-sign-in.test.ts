// How much of the database a sign-in uses, counted in statements and not in time: a statement more in a step is seen
// here before anybody feels it.

import assert from 'node:assert/strict';
import { StatementSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { passwordRule } from '#core/throttle.ts';
import { enrolledPerson, type Person } from './support/person.ts';
import { onEachEngine } from './support/service-under-test.ts';
import { type WebAnswer, WebClient } from './support/web-client.ts';

interface Used {
  reads: number;
  writes: number;
  commits: number;
}

/** What SQLite was asked since it was last said. */
let used: Used = { reads: 0, writes: 0, commits: 0 };
const { all, run } = StatementSync.prototype;

before(() => {
  StatementSync.prototype.all = function (...values: unknown[]) {
    used.reads += 1;
    return Reflect.apply(all, this, values);
  };
  StatementSync.prototype.run = function (...values: unknown[]) {
    if (/^\s*(insert|update|delete)/.test(this.sourceSQL)) used.writes += 1;
    if (this.sourceSQL === 'commit') used.commits += 1;
    return Reflect.apply(run, this, values);
  };
});
after(() => Object.assign(StatementSync.prototype, { all, run }));

/** Does one step with the page that the one before led to, and says how much it took. */
async function usedBy(step: () => Promise<WebAnswer>): Promise<{ readonly page: WebAnswer } & Used> {
  used = { reads: 0, writes: 0, commits: 0 };
  const page = await step();
  return { page, ...used };
}

const countsOf = ({ reads, writes, commits }: Used): Used => ({ reads, writes, commits });

onEachEngine('the statements of a sign-in', (running) => {
  let person: Person;
  before(async () => {
    person = await enrolledPerson(running(), 'counted');
    // The keys of the company and of the provider are read once and kept.
    await person.signIn();
    person.browser = new WebClient();
  });

  test('each step takes this many and no more', async (context) => {
    if (running().engine !== 'sqlite')
      return context.skip('the statements are the same, and are counted on SQLite');
    const begun = await usedBy(() => person.open());
    assert.deepEqual(countsOf(begun), { reads: 2, writes: 1, commits: 1 });
    const asked = await usedBy(() => person.givePassword(begun.page));
    assert.deepEqual(countsOf(asked), { reads: 8, writes: 7, commits: 2 });
    const wrong = await usedBy(() => person.giveCode(asked.page, person.wrongCode()));
    assert.deepEqual(countsOf(wrong), { reads: 7, writes: 4, commits: 2 });
    const done = await usedBy(() => person.giveCode(wrong.page));
    assert.deepEqual(countsOf(done), { reads: 7, writes: 11, commits: 2 });
  });

  test('a password that comes too early takes two reads, no write and no comparison', async () => {
    const { page } = await usedBy(() => person.open());
    for (let tries = 0; passwordRule.waitAfterMs(tries) === 0; tries += 1) {
      await person.givePassword(page, 'not the password');
    }
    const compared = running().comparisons();
    const refused = await usedBy(() => person.givePassword(page));
    assert.equal(refused.page.status, 429);
    assert.equal(running().comparisons(), compared);
    // Counted on SQLite; the statements are the same elsewhere.
    if (running().engine !== 'sqlite') return;
    assert.deepEqual(countsOf(refused), { reads: 2, writes: 0, commits: 0 });
  });
});
