// Attacks A1, A2, B9 and B11: one code, one link, one document presented many times at once, in the hope that the
// check and its record lie apart (security.md §0.1: a SELECT and then an UPDATE accepted 6,389 of 2,000). Two
// replicas take part, and everything is fired in one turn of the event loop.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Change } from '#core/changes.ts';
import { frontierLength } from '#core/merkle-tree.ts';
import type { Committed, Store } from '#core/ports.ts';
import { engines } from '#test/support/each-engine.ts';
import {
  aDocument,
  anEvent,
  bindingOf,
  commitAll,
  newHash,
  newId,
  openSeededStore,
  type SeededStore,
} from '#test/support/seeded-store.ts';

const presented = 200;

/** Each gives the change that many requests make at once; `request` tells them apart where they would differ. */
const oneTime: Readonly<
  Record<string, (world: SeededStore) => Promise<(request: number) => readonly Change[]>>
> = {
  'a step of an authenticator app': async (world) => {
    const { id } = await world.newTotp();
    return (nowMs) => [{ change: 'authenticator.advance', id, lastStep: 7, driftSteps: 0, nowMs }];
  },
  'a challenge': async (world) => {
    const { id } = await world.newChallenge(await world.newTotp());
    return (nowMs) => [{ change: 'challenge.consume', id, nowMs }];
  },
  'a recovery code': async (world) => {
    const { id: authenticatorId } = await world.newRecoveryCodes(['K7', 'K8']);
    return (nowMs) => [{ change: 'recovery-code.consume', authenticatorId, selector: 'K7', nowMs }];
  },
  'an enrollment': async (world) => {
    const { id } = await world.newEnrollment();
    return (nowMs) => [{ change: 'enrollment.consume', id, nowMs }];
  },
  'a whole binding': async (world) => {
    const account = await world.newAccount();
    const enrollment = await world.newEnrollment('totp', account);
    return () => bindingOf(enrollment, newId(), 0);
  },
  'a document of the OIDC library': async (world) => {
    const document = aDocument(world.clock.nowMs() + 1000);
    await commitAll(world, { change: 'oidc-document.put', document });
    const { model, idHash } = document;
    return (nowMs) => [{ change: 'oidc-document.consume', model, idHash, nowMs }];
  },
  'the same count of tries': async () => {
    const key = newId();
    return (startedAtMs) => [
      {
        change: 'try.count',
        ...{ key, expected: undefined, count: 1, startedAtMs, notBeforeMs: 0, expiresAtMs: undefined },
      },
    ];
  },
  'the same next count of tries': async (world) => {
    const key = newId();
    const first = { key, startedAtMs: 5, notBeforeMs: 0, expiresAtMs: undefined };
    await commitAll(world, { change: 'try.count', ...first, expected: undefined, count: 1 });
    const expected = { count: 1, startedAtMs: 5 };
    return (notBeforeMs) => [{ change: 'try.count', ...first, expected, count: 2, notBeforeMs }];
  },
  'the same revision of a sign-in': async (world) => {
    const signIn = await world.newSignInOf();
    const nowMs = world.clock.nowMs();
    return (request) => {
      const next = { ...signIn, revision: signIn.revision + 1, challengeId: `challenge ${request}` };
      return [{ change: 'sign-in.advance', next, nowMs }];
    };
  },
  'the session of a sign-in': async (world) => {
    const { id: accountId, companyId } = world.account;
    const signInId = newId();
    return () => [
      {
        change: 'session.begin',
        session: { id: newId(), accountId, companyId, proofs: [], createdAtMs: 1, expiresAtMs: 2 },
        ...{ signInId, tokenHash: newHash() },
      },
    ];
  },
  'the arrangement of an account': async (world) => {
    const { id } = await world.newAccount();
    return () => [{ change: 'account.rearrange', id, expectedArrangement: 0 }];
  },
  'the provider': async (world) => {
    await world.raw.run('delete from providers');
    return (nowMs) => [{ change: 'provider.create', id: newId(), name: 'Telecom', nowMs }];
  },
  'a user name': async (world) => {
    const usernameKey = newId();
    const { id: companyId } = world.company;
    return (nowMs) => [
      {
        change: 'account.create',
        ...{ id: newId(), companyId, username: usernameKey, usernameKey, passwordHash: '', nowMs },
        mustChangePassword: false,
        address: undefined,
      },
    ];
  },
  'the next places in the audit’s tree': async (world) => {
    const event = anEvent();
    await commitAll(world, { change: 'audit.append', event });
    const { size: expectedSize } = await world.store.auditTree();
    const next = { size: expectedSize + 1, frontier: frontierOf(expectedSize + 1) };
    return () => [{ change: 'audit.index', expectedSize, next, leafIds: [event.id] }];
  },
  'a checkpoint of one size': async () => (request) => [
    { change: 'audit.checkpoint', size: 1, note: `note ${request}` },
  ],
  'the key that signs the audit': async () => (nowMs) => [
    {
      change: 'audit-key.create',
      ...{ origin: 'a.test', algorithm: 'Ed25519', privateKey: new Uint8Array(3), nowMs },
    },
  ],
  'the first signing key': async () => (nowMs) => [
    {
      change: 'signing-key.create',
      ...{
        id: newId(),
        algorithm: 'ES256',
        serial: 1,
        publicJwk: '{}',
        privateKey: new Uint8Array(3),
        nowMs,
      },
    },
  ],
};

const frontierOf = (size: number) => Array.from({ length: frontierLength(size) }, newHash);

for (const engine of engines) {
  describe(engine, () => {
    let world: SeededStore;
    let replicas: readonly Store[];
    before(async () => {
      world = await openSeededStore(engine);
      replicas = [world.store, await world.openReplica()];
      await Promise.all(replicas.map((replica) => replica.providerName()));
    });
    after(() => world.close());

    function fire(count: number, changesOf: (request: number) => readonly Change[]): Promise<Committed[]> {
      return Promise.all(
        Array.from({ length: count }, (_, request) => {
          const replica = replicas[request % replicas.length] ?? world.store;
          return replica.commit(changesOf(request));
        }),
      );
    }

    for (const [what, arrange] of Object.entries(oneTime)) {
      test(`${what}, presented ${presented} times at once, is taken once`, async () => {
        const outcomes = await fire(presented, await arrange(world));
        assert.equal(outcomes.filter(({ committed }) => committed).length, 1);
      });
    }

    test('1,000 steps of one app at once: what is accepted only ever goes up', async () => {
      const { id } = await world.newTotp();
      await recordSteps(world);
      const steps = shuffled(1000);
      const outcomes = await fire(1000, (request) => {
        const lastStep = steps[request] ?? 0;
        return [{ change: 'authenticator.advance', id, lastStep, driftSteps: 0, nowMs: lastStep }];
      });
      const accepted = steps.filter((_, request) => outcomes[request]?.committed === true);
      const recorded = (await world.raw.rows('select step from test_steps order by place')).map(({ step }) =>
        Number(step),
      );
      assert.deepEqual(
        recorded,
        recorded.toSorted((a, b) => a - b),
      );
      assert.equal(new Set(recorded).size, recorded.length);
      assert.deepEqual(
        accepted.toSorted((a, b) => a - b),
        recorded,
      );
      assert.equal(recorded.at(-1), 1000, 'the highest is always accepted');
      const [row] = await world.raw.rows('select last_step from authenticators where id = $1', id);
      assert.equal(row?.last_step, 1000);
    });

    test('200 guesses at once, each counting on from what it read: every one counted is counted once', async () => {
      const key = newId();
      const evaluated = await Promise.all(
        Array.from({ length: presented }, async (_, request) => {
          const replica = replicas[request % replicas.length] ?? world.store;
          const known = (await replica.tries([key])).get(key);
          const expected = known && { count: known.count, startedAtMs: known.startedAtMs };
          const count = (known?.count ?? 0) + 1;
          const at = { startedAtMs: 5, notBeforeMs: 0, expiresAtMs: undefined };
          return replica.commit([{ change: 'try.count', key, expected, count, ...at }]);
        }),
      );
      const counted = evaluated.filter(({ committed }) => committed).length;
      assert.ok(counted > 0);
      assert.equal((await world.store.tries([key])).get(key)?.count, counted);
    });
  });
}

/** Has the database itself write down the steps, in the order in which it takes them. */
async function recordSteps({ raw, engine }: SeededStore): Promise<void> {
  if (engine === 'sqlite') {
    await raw.run('create table test_steps (place integer primary key autoincrement, step integer) strict');
    await raw.run(
      `create trigger test_record after update of last_step on authenticators
       begin insert into test_steps (step) values (new.last_step); end`,
    );
    return;
  }
  await raw.run('create table test_steps (place bigserial primary key, step bigint)');
  await raw.run(
    `create function test_record() returns trigger language plpgsql as
     $$ begin insert into test_steps (step) values (new.last_step); return new; end $$`,
  );
  await raw.run(
    `create trigger test_record after update of last_step on authenticators
     for each row execute function test_record()`,
  );
}

/** The numbers 1 … count in an order that is neither up nor down, and the same every time. */
function shuffled(count: number): number[] {
  const order = Array.from({ length: count }, (_, index) => (index * 7919 + 13) % 1009);
  return Array.from({ length: count }, (_, index) => index + 1).toSorted(
    (a, b) => (order[a - 1] ?? 0) - (order[b - 1] ?? 0),
  );
}
