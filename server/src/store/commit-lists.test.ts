// A list of changes is one thing: it happens whole or not at all, the change that did not hold is named, and a row is
// touched by one of them at most, since in one statement of PostgreSQL only one of two would apply.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Change } from '#core/changes.ts';
import { isFault } from '#core/errors.ts';
import { differences, pictureOf } from '#test/support/database-differences.ts';
import { engines } from '#test/support/each-engine.ts';
import {
  aDocument,
  anEvent,
  commitAll,
  newHash,
  newId,
  openSeededStore,
  type SeededStore,
} from '#test/support/seeded-store.ts';

const added = (key: string): Change => ({
  change: 'try.add',
  ...{ key, nowMs: 5000, windowStartMs: 4000, expiresAtMs: 6000 },
});
const consumed = (id: string): Change => ({ change: 'challenge.consume', id, nowMs: 1 });

/** Lists of which two changes touch one row, as their commit has to find out. */
const sharedRows: Readonly<Record<string, (world: SeededStore) => Promise<readonly Change[]>>> = {
  'one counter, counted twice': async () => [added('a'), added('b'), added('a')],
  'one counter, counted in two ways': async () => [
    added('a'),
    {
      change: 'try.count',
      ...{ key: 'a', expected: undefined, count: 1, startedAtMs: 1, notBeforeMs: 1, expiresAtMs: 9 },
    },
  ],
  'one counter, counted and reset': async () => [added('a'), { change: 'try.reset', key: 'a' }],
  'one challenge, counted and consumed': async (world) => {
    const { id } = await world.newChallenge(await world.newTotp());
    return [{ change: 'challenge.count', id, limit: 3, nowMs: 1 }, consumed(id)];
  },
  'one sign-in, advanced twice': async (world) => {
    const signIn = await world.newSignInOf();
    const first = { ...signIn, revision: signIn.revision + 1 };
    const second = { ...signIn, revision: signIn.revision + 2 };
    const nowMs = world.clock.nowMs();
    return [first, second].map((next): Change => ({ change: 'sign-in.advance', next, nowMs }));
  },
  'one account, rearranged twice': async (world) => {
    const { id } = world.account;
    return [0, 1].map(
      (expectedArrangement): Change => ({ change: 'account.rearrange', id, expectedArrangement }),
    );
  },
  'one authenticator, advanced and removed': async (world) => {
    const { id } = await world.newTotp();
    return [
      { change: 'authenticator.advance', id, lastStep: 9, driftSteps: 0, nowMs: 1 },
      { change: 'authenticator.remove', id, accountId: world.account.id, nowMs: 1 },
    ];
  },
  'one recovery code, used twice': async (world) => {
    const { id: authenticatorId } = await world.newRecoveryCodes(['K7']);
    const use: Change = { change: 'recovery-code.consume', authenticatorId, selector: 'K7', nowMs: 1 };
    return [use, { ...use, nowMs: 2 }];
  },
  'one enrollment, counted and consumed': async (world) => {
    const { id } = await world.newEnrollment();
    return [
      { change: 'enrollment.count', id, limit: 5, nowMs: 1 },
      { change: 'enrollment.consume', id, nowMs: 1 },
    ];
  },
  'one document, put twice': async () => {
    const document = aDocument(9);
    return [
      { change: 'oidc-document.put', document },
      { change: 'oidc-document.put', document: { ...document, payload: '2' } },
    ];
  },
  'one document, known by the same bytes in another dress': async () => {
    const document = aDocument(9, { idHash: Buffer.alloc(32, 0xe9) });
    return [
      { change: 'oidc-document.put', document },
      { change: 'oidc-document.put', document: { ...document, idHash: new Uint8Array(32).fill(0xe9) } },
    ];
  },
  'one document, put and removed': async () => {
    const document = aDocument(9);
    const { model, idHash } = document;
    return [
      { change: 'oidc-document.put', document },
      { change: 'oidc-document.remove', model, idHash },
    ];
  },
  'one session, ended twice': async (world) => {
    const { id } = await world.newSession();
    const end: Change = { change: 'session.end', id, reason: 'signed-out', nowMs: 1 };
    return [end, { ...end, reason: 'replaced' }];
  },
  'one audit event, appended twice': async () => {
    const event = anEvent();
    return [
      { change: 'audit.append', event },
      { change: 'audit.append', event },
    ];
  },
};

for (const engine of engines) {
  describe(engine, () => {
    let world: SeededStore;
    before(async () => {
      world = await openSeededStore(engine);
    });
    after(() => world.close());

    for (const place of ['first', 'in the middle', 'last']) {
      test(`a change that does not hold undoes the whole list: it stands ${place}`, async () => {
        const others = [
          added(newId()),
          added(newId()),
          { change: 'audit.append', event: anEvent() } as const,
        ];
        const refused = consumed('none');
        const at = { first: 0, 'in the middle': 2, last: 3 }[place] ?? 0;
        const list = others.toSpliced(at, 0, refused as never);
        const was = await pictureOf(world.raw);
        assert.deepEqual(await world.store.commit(list), { committed: false, refused });
        assert.deepEqual(differences(was, await pictureOf(world.raw)), []);
      });
    }

    test('of several that do not hold the first is named', async () => {
      const list = [added(newId()), consumed('none'), consumed('nor this'), added(newId())];
      assert.deepEqual(await world.store.commit(list), { committed: false, refused: list[1] });
    });

    test('the change is named, not the statement, where a change is several statements', async () => {
      // A company is two rows and an audit event is two, so that places in the list and in the statement differ.
      const company: Change = {
        change: 'company.create',
        ...{ id: newId(), name: 'Bakery', authenticatorAppsPerAccount: 1, nowMs: 1 },
      };
      const list = [company, { change: 'audit.append', event: anEvent() } as const, consumed('none')];
      assert.deepEqual(await world.store.commit(list), { committed: false, refused: list[2] });
    });

    test('an empty list is done', async () => {
      assert.deepEqual(await world.store.commit([]), { committed: true });
    });

    test('a list may build on rows that it makes itself', async () => {
      const signIn = await world.newSignInOf();
      const totp = await world.newTotp();
      const challenge = await world.newChallenge(totp);
      const begun = { ...signIn, id: newId(), state: 'password', accountId: undefined, companyId: undefined };
      await commitAll(
        world,
        { change: 'sign-in.begin', signIn: begun as never, browserKeyHash: newHash() },
        { change: 'challenge.issue', challenge: { ...challenge, id: newId(), signInId: begun.id } },
      );
    });

    for (const [what, make] of Object.entries(sharedRows)) {
      test(`refused as malformed: ${what}`, async () => {
        const list = await make(world);
        const was = await pictureOf(world.raw);
        await assert.rejects(world.store.commit(list), (error) => isFault(error, 'commit-malformed'));
        assert.deepEqual(differences(was, await pictureOf(world.raw)), []);
      });
    }

    test('rows that only look alike are two rows', async () => {
      // As text in UTF-8 these two are the same, and so would their rows be for a check that spells them out so.
      const hashes = [Buffer.alloc(32, 0xfe), Buffer.alloc(32, 0xff)];
      const { id } = await world.newRecoveryCodes(['K7', 'K8']);
      const other = await world.newRecoveryCodes(['K7'], await world.newAccount());
      const use = (authenticatorId: string, selector: string): Change => ({
        change: 'recovery-code.consume',
        ...{ authenticatorId, selector, nowMs: 1 },
      });
      await commitAll(
        world,
        ...hashes.map(
          (idHash): Change => ({ change: 'oidc-document.put', document: aDocument(9, { idHash }) }),
        ),
        {
          change: 'oidc-document.put',
          document: aDocument(9, { idHash: Buffer.alloc(32, 0xff), model: 'Grant' }),
        },
        ...[use(id, 'K7'), use(id, 'K8'), use(other.id, 'K7')],
        ...[
          added(id),
          { change: 'account.rearrange', id: other.account.id, expectedArrangement: 1 } as const,
        ],
      );
    });
  });
}
