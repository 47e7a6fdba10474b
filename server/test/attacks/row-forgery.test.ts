// Attack D3, further on: somebody who can write rows skips the factors altogether and writes the outcome, a session
// under a token of their own, or a sign-in that is proven and waits for their browser. A row that lets somebody in
// carries a MAC over what makes it do so, and a row without the right one is not there.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Account } from '#core/account.ts';
import { engines } from '#test/support/each-engine.ts';
import type { RawRow, RawValue } from '#test/support/raw-database.ts';
import { commitAll, newHash, newId, openSeededStore, type SeededStore } from '#test/support/seeded-store.ts';

/** Columns of a session that its MAC does not cover, each for a reason. */
const mutableOfSession: Readonly<Record<string, string>> = {
  sign_in_id: 'says where it came from and lets nobody in',
  last_seen_at_ms: 'a session of an hour ago asks again, whoever says so',
  ended_at_ms: 'ending a session is one statement that knows no key',
  end_reason: 'goes with the end',
};

/** Columns of a sign-in that its MAC does not cover, each for a reason. */
const mutableOfSignIn: Readonly<Record<string, string>> = {
  challenge_id: 'a challenge is checked against the sign-in and the account that it is for',
  enrollment_id: 'so is an enrollment',
  created_at_ms: 'only says who makes way for whom',
};

function otherThan(
  value: RawValue | undefined,
  others: Readonly<Record<string, RawValue>>,
  column: string,
): RawValue {
  const other = others[column];
  if (other !== undefined) return other;
  if (value instanceof Uint8Array) return newHash();
  if (typeof value === 'number') return value + 1;
  return value === null ? 'x' : `${value}x`;
}

for (const engine of engines) {
  describe(engine, () => {
    let world: SeededStore;
    let bob: Account;
    before(async () => {
      world = await openSeededStore(engine);
      bob = await world.newAccount(await world.newCompany());
    });
    after(() => world.close());

    async function rowOf(table: string, id: string): Promise<RawRow> {
      const [row] = await world.raw.rows(`select * from ${table} where id = $1`, id);
      assert.ok(row);
      return row;
    }

    /** The columns that can be edited, one at a time, without the row being lost to whoever looks for it. */
    async function unnoticed(table: string, id: string, others: RawRow, isThere: () => Promise<boolean>) {
      const row = await rowOf(table, id);
      assert.ok(await isThere(), 'it is there before it is touched');
      const columns: string[] = [];
      for (const [column, value] of Object.entries(row)) {
        if (column === 'id') continue;
        const set = (to: RawValue) =>
          world.raw.run(`update ${table} set ${column} = $1 where id = $2`, to, id);
        await set(otherThan(value, others, column));
        if (await isThere()) columns.push(column);
        await set(value);
      }
      assert.ok(await isThere(), 'it is there after everything was put back');
      return columns.toSorted();
    }

    test('every column of a session, edited by hand: it is mutable, or the session is gone', async () => {
      const session = await world.newSession();
      const others = {
        account_id: bob.id,
        company_id: bob.companyId,
        ended_at_ms: null,
        end_reason: 'x',
        last_seen_at_ms: 1e15,
      };
      const nowMs = world.clock.nowMs();
      const byToken = async () => (await world.store.session(session.tokenHash, nowMs)) !== undefined;
      const byId = async () => (await world.store.sessionById(session.id, nowMs)) !== undefined;
      const expected = Object.keys(mutableOfSession).toSorted();
      assert.deepEqual(await unnoticed('sessions', session.id, others, byToken), expected);
      assert.deepEqual(await unnoticed('sessions', session.id, others, byId), expected);
    });

    test('a session of somebody else under one’s own token, and one’s own under another account', async () => {
      const [mine, theirs] = [await world.newSession(), await world.newSession(bob)];
      const nowMs = world.clock.nowMs();
      const own = newHash();
      await world.raw.run('update sessions set token_hash = $1 where id = $2', own, theirs.id);
      assert.equal(await world.store.session(own, nowMs), undefined);
      await world.raw.run(
        'update sessions set row_mac = $1 where id = $2',
        (await rowOf('sessions', mine.id)).row_mac ?? null,
        theirs.id,
      );
      assert.equal(await world.store.session(own, nowMs), undefined);
      await world.raw.run(
        'update sessions set account_id = $1, company_id = $2 where id = $3',
        ...[bob.id, bob.companyId, mine.id],
      );
      assert.equal(await world.store.session(mine.tokenHash, nowMs), undefined);
    });

    test('a session that was never begun', async () => {
      const own = newHash();
      const nowMs = world.clock.nowMs();
      await world.raw.run(
        `insert into sessions (id, token_hash, sign_in_id, company_id, account_id, proofs, created_at_ms, expires_at_ms,
           row_mac)
         values ($1, $2, $1, $3, $4, '[]', 0, $5, $6)`,
        ...[newId(), own, bob.companyId, bob.id, nowMs + 1000, newHash()],
      );
      assert.equal(await world.store.session(own, nowMs), undefined);
    });

    test('every column of a sign-in, edited by hand: it is mutable, or the sign-in is gone', async () => {
      const signIn = await world.newSignInOf();
      const other = newId();
      await commitAll(world, {
        change: 'application.create',
        ...{
          id: other,
          name: 'Other',
          secondFactor: 'none',
          homeUrl: undefined,
          client: undefined,
          nowMs: 1,
        },
      });
      const others = {
        ...{ state: 'proven', application_id: other, account_id: bob.id, company_id: bob.companyId },
        wants: '{"freshSinceMs":1}',
      };
      const isThere = async () => (await world.store.signIn(signIn.id)) !== undefined;
      const columns = await unnoticed('sign_ins', signIn.id, others, isThere);
      assert.deepEqual(columns, Object.keys(mutableOfSignIn).toSorted());
    });

    test('a sign-in given to another browser, where it waits to be fetched', async () => {
      const signIn = await world.newSignInOf();
      const next = { ...signIn, revision: signIn.revision + 1, state: 'proven' as const };
      await commitAll(world, { change: 'sign-in.advance', next, nowMs: world.clock.nowMs() });
      await world.raw.run('update sign_ins set browser_key_hash = $1 where id = $2', newHash(), signIn.id);
      assert.equal(await world.store.signIn(signIn.id), undefined);
    });

    test('a sign-in set back to an earlier revision with the MAC it had then', async () => {
      const signIn = await world.newSignInOf();
      const was = await rowOf('sign_ins', signIn.id);
      const next = { ...signIn, revision: signIn.revision + 1, state: 'refused' as const };
      await commitAll(world, { change: 'sign-in.advance', next, nowMs: world.clock.nowMs() });
      const { row_mac: mac = null } = was;
      await world.raw.run('update sign_ins set row_mac = $1 where id = $2', mac, signIn.id);
      assert.equal(await world.store.signIn(signIn.id), undefined);
    });
  });
}
