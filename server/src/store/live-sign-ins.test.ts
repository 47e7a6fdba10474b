// An account has ten live sign-ins at most (security.md §6), the same on both engines: the password that makes one too
// many ends the oldest, and never the one that it is given in.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { acceptPassword, liveSignInsPerAccount, type SignIn, settle } from '#core/sign-in.ts';
import { engines } from '#test/support/each-engine.ts';
import { commitAll, newId, openSeededStore, type SeededStore } from '#test/support/seeded-store.ts';

for (const engine of engines) {
  describe(engine, () => {
    let world: SeededStore;
    before(async () => {
      world = await openSeededStore(engine);
    });
    after(() => world.close());

    /** Gives the right password in a sign-in, as the flow does. */
    async function givePassword(signIn: SignIn, account: SeededStore['account']): Promise<void> {
      const nowMs = world.clock.nowMs();
      const { application, company } = world;
      const decision = acceptPassword(
        signIn,
        { application, account, company, authenticators: [] },
        () => new Uint8Array(20),
        { nowMs, mint: newId, personal: {} },
      );
      assert.ok(decision);
      await commitAll(world, ...settle(decision, nowMs));
    }

    async function stateOf(signIn: SignIn): Promise<string | undefined> {
      return (await world.store.signIn(signIn.id))?.signIn.state;
    }

    async function begun(count: number): Promise<SignIn[]> {
      const signIns: SignIn[] = [];
      for (let made = 0; made < count; made += 1) {
        world.clock.advance(1000);
        signIns.push(await world.newSignIn());
      }
      return signIns;
    }

    test('ten live side by side, and the eleventh ends the oldest', async () => {
      const account = await world.newAccount();
      const signIns = await begun(liveSignInsPerAccount + 1);
      for (const signIn of signIns.slice(0, -1)) await givePassword(signIn, account);
      for (const signIn of signIns.slice(0, -1)) assert.equal(await stateOf(signIn), 'enrollment');
      const [oldest, ...others] = signIns;
      assert.ok(oldest);
      await givePassword(others.at(-1) ?? oldest, account);
      assert.equal(await stateOf(oldest), 'expired');
      for (const signIn of others) assert.equal(await stateOf(signIn), 'enrollment');
    });

    test('the password in the oldest tab lets that tab go on', async () => {
      const account = await world.newAccount();
      const [oldest, ...others] = await begun(liveSignInsPerAccount + 1);
      assert.ok(oldest);
      for (const signIn of others) await givePassword(signIn, account);
      await givePassword(oldest, account);
      assert.equal(await stateOf(oldest), 'enrollment');
      const states = await Promise.all(others.map(stateOf));
      assert.equal(states.filter((state) => state === 'enrollment').length, liveSignInsPerAccount - 1);
    });

    test('what has been told that it is over cannot go on', async () => {
      const account = await world.newAccount();
      const [oldest, ...others] = await begun(liveSignInsPerAccount + 1);
      assert.ok(oldest);
      await givePassword(oldest, account);
      const held = await world.store.signIn(oldest.id);
      assert.ok(held);
      for (const signIn of others) await givePassword(signIn, account);
      const next: SignIn = { ...held.signIn, revision: held.signIn.revision + 1, state: 'proven' };
      const change = { change: 'sign-in.advance', next, nowMs: world.clock.nowMs() } as const;
      assert.deepEqual(await world.store.commit([change]), { committed: false, refused: change });
    });
  });
}
