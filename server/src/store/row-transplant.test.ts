// Attack D3: somebody who can write rows, and has an account of their own, makes their authenticator somebody else's:
// by copying a sealed secret, a whole row, or by editing one column. Every secret is sealed to its row and every
// binding carries a MAC over what makes it somebody's, so that what was moved or edited opens nothing.
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { isFault } from '#core/errors.ts';
import type { Store } from '#core/ports.ts';
import { engines } from '#test/support/each-engine.ts';
import type { RawRow, RawValue } from '#test/support/raw-database.ts';
import {
  type Bound,
  commitAll,
  newId,
  openSeededStore,
  type SeededStore,
} from '#test/support/seeded-store.ts';

/** Columns of an authenticator that its binding does not cover, each for a reason. */
const mutable: Readonly<Record<string, string>> = {
  label: 'the person renames it',
  position: 'the person orders their methods',
  state: 'removing it changes this; whoever sets it back finds the secret gone',
  removed_at_ms: 'goes with the state',
  last_step: 'moves with every code',
  drift_steps: 'is learned with every code, and bounded by the schema',
  last_used_at_ms: 'moves with every code',
  kept_at_ms: 'says of recovery codes that they are kept, and of an app nothing',
};

const isForged = (error: unknown) =>
  isFault(error, 'binding-invalid') || isFault(error, 'sealed-value-unreadable');
const isUnreadable = (error: unknown) => isFault(error, 'sealed-value-unreadable');

/** The key that a challenge would be checked against, or nothing where it cannot be had. */
async function keyOf(store: Store, challengeId: string): Promise<Uint8Array | undefined> {
  try {
    return (await (await store.challenge(challengeId))?.openTotp())?.key;
  } catch (error) {
    if (isForged(error)) return undefined;
    throw error;
  }
}

/** A value of the same type that is not this one. */
function otherThan(column: string, value: RawValue | undefined): RawValue {
  if (column === 'kind') return 'phone';
  if (column === 'state') return 'removed';
  if (column === 'drift_steps') return 1;
  if (value instanceof Uint8Array) {
    const flipped = Buffer.from(value);
    flipped.writeUInt8(flipped.readUInt8(flipped.length - 1) ^ 1, flipped.length - 1);
    return flipped;
  }
  if (typeof value === 'number') return value + 1;
  return value === null ? 123 : `${value}x`;
}

for (const engine of engines) {
  describe(engine, () => {
    let world: SeededStore;
    let mine: Bound;
    let theirs: Bound;
    let elsewhere: Bound;
    before(async () => {
      world = await openSeededStore(engine);
      mine = await world.newTotp();
      theirs = await world.newTotp(await world.newAccount());
      elsewhere = await world.newTotp(await world.newAccount(await world.newCompany()));
    });
    after(() => world.close());

    async function rowOf(table: string, id: string): Promise<RawRow> {
      const [row] = await world.raw.rows(`select * from ${table} where id = $1`, id);
      assert.ok(row);
      return row;
    }

    async function edit(table: string, id: string, columns: RawRow): Promise<void> {
      for (const [column, value] of Object.entries(columns)) {
        await world.raw.run(`update ${table} set ${column} = $1 where id = $2`, value, id);
      }
    }

    /** Edits a row, looks, and puts everything back. */
    async function whileEdited(table: string, id: string, columns: RawRow, look: () => Promise<void>) {
      const was = await rowOf(table, id);
      await edit(table, id, columns);
      try {
        await look();
      } finally {
        await edit(
          table,
          String(columns.id ?? id),
          Object.fromEntries(Object.keys(columns).map((c) => [c, was[c] ?? null])),
        );
      }
    }

    test('an authenticator that nobody touched opens, also at a replica', async () => {
      const challenge = await world.newChallenge(theirs);
      assert.deepEqual(await keyOf(world.store, challenge.id), Buffer.from(theirs.enrollment.secret));
      const replica = await world.openReplica();
      assert.deepEqual(await keyOf(replica, challenge.id), Buffer.from(theirs.enrollment.secret));
    });

    for (const [whose, source] of [
      ['an account of the same company', () => mine],
      ['an account of another company', () => elsewhere],
    ] as const) {
      for (const columns of [
        ['secret'],
        ['secret', 'binding_mac'],
        ['secret', 'binding_mac', 'bound_leaf_hash', 'bound_at_ms'],
      ]) {
        test(`${columns.join(', ')} copied from ${whose}`, async () => {
          const challenge = await world.newChallenge(theirs);
          const own = await rowOf('authenticators', source().id);
          const copied = Object.fromEntries(columns.map((column) => [column, own[column] ?? null]));
          await whileEdited('authenticators', theirs.id, copied, async () => {
            assert.equal(await keyOf(world.store, challenge.id), undefined);
          });
          assert.ok(await keyOf(world.store, challenge.id));
        });
      }
    }

    test('a whole authenticator given to somebody else, with the enrollment it came from', async () => {
      const owner = { account_id: theirs.account.id };
      await whileEdited('enrollments', mine.enrollment.id, owner, () =>
        whileEdited('authenticators', mine.id, owner, async () => {
          const challenge = await world.newChallenge({ ...mine, account: theirs.account });
          assert.equal(await keyOf(world.store, challenge.id), undefined);
        }),
      );
    });

    test('an authenticator under a challenge of another account', async () => {
      const challenge = await world.newChallenge({ ...mine, account: theirs.account });
      assert.equal(await world.store.challenge(challenge.id), undefined);
    });

    test('every column of an authenticator, edited by hand: it is mutable, or the authenticator is unusable', async () => {
      const challenge = await world.newChallenge(theirs);
      const row = await rowOf('authenticators', theirs.id);
      const usable: string[] = [];
      for (const column of Object.keys(row)) {
        await whileEdited(
          'authenticators',
          theirs.id,
          { [column]: otherThan(column, row[column]) },
          async () => {
            if (await keyOf(world.store, challenge.id)) usable.push(column);
          },
        );
      }
      // Of the mutable ones one makes it unusable as well, because a removed authenticator is.
      const expected = Object.keys(mutable).filter((column) => column !== 'state');
      assert.deepEqual(usable.toSorted(), expected.toSorted());
      assert.ok(await keyOf(world.store, challenge.id));
    });

    test('what an authenticator is known by, edited in its row and wherever else it stands', async () => {
      const elsewhereToo = (value: string, id: string) =>
        ({
          id: ['challenges', id, { authenticator_id: value }],
          kind: ['challenges', id, { kind: value }],
          account_id: ['challenges', id, { account_id: value }],
          enrollment_id: ['enrollments', theirs.enrollment.id, { id: value }],
          company_id: ['accounts', theirs.account.id, { company_id: value }],
        }) as const;
      const editions = {
        ...{ id: newId(), kind: 'phone', enrollment_id: newId() },
        ...{ account_id: mine.account.id, company_id: elsewhere.account.companyId },
      };
      for (const [column, value] of Object.entries(editions)) {
        const challenge = await world.newChallenge(theirs);
        const [table, id, columns] = elsewhereToo(value, challenge.id)[column as keyof typeof editions];
        await whileEdited('authenticators', theirs.id, { [column]: value }, () =>
          whileEdited(table, id, columns, async () => {
            assert.equal(await keyOf(world.store, challenge.id), undefined, column);
          }),
        );
        assert.ok(await keyOf(world.store, challenge.id), `${column} was put back`);
      }
    });

    test('an authenticator that was removed and set back is none any more', async () => {
      const totp = await world.newTotp();
      const challenge = await world.newChallenge(totp);
      const { id, account } = totp;
      await commitAll(world, { change: 'authenticator.remove', id, accountId: account.id, nowMs: 1 });
      await edit('authenticators', id, { state: 'active', removed_at_ms: null });
      assert.equal(await keyOf(world.store, challenge.id), undefined);
    });

    test('a set of recovery codes whose binding was edited is none any more', async () => {
      const set = await world.newRecoveryCodes(['K7'], theirs.account);
      assert.ok(await world.store.recoveryCode(set.id, 'K7'));
      for (const column of ['bound_at_ms', 'bound_leaf_hash', 'binding_mac', 'enrollment_id']) {
        const value = otherThan(column, (await rowOf('authenticators', set.id))[column]);
        await whileEdited('authenticators', set.id, { [column]: value }, async () => {
          await assert.rejects(world.store.recoveryCode(set.id, 'K7'), isForged, column);
        });
      }
    });

    test('the secret of an enrollment moved to another one, of the same person or of somebody else', async () => {
      const own = await world.newEnrollment();
      const others = [
        await world.newEnrollment(),
        await world.newEnrollment('totp', theirs.account),
        await world.newEnrollment('totp', elsewhere.account),
      ];
      assert.deepEqual((await world.store.enrollment(own.id))?.secret, Buffer.from(own.secret));
      for (const other of others) {
        const { secret = null } = await rowOf('enrollments', own.id);
        await edit('enrollments', other.id, { secret });
        await assert.rejects(world.store.enrollment(other.id), isUnreadable);
      }
    });

    test('every column that an enrollment is bound by, edited by hand', async () => {
      const own = await world.newEnrollment();
      const columns = {
        account_id: theirs.account.id,
        company_id: elsewhere.account.companyId,
        kind: 'phone',
        secret: randomBytes(60),
      };
      for (const [column, value] of Object.entries(columns)) {
        await whileEdited('enrollments', own.id, { [column]: value }, () =>
          assert.rejects(world.store.enrollment(own.id), isUnreadable, column),
        );
      }
      assert.ok(await world.store.enrollment(own.id));
    });

    test('the secret of an enrollment is no secret of an authenticator, nor the reverse', async () => {
      const totp = await world.newTotp();
      const challenge = await world.newChallenge(totp);
      const open = await world.newEnrollment();
      const { secret = null } = await rowOf('enrollments', open.id);
      const { secret: bound = null } = await rowOf('authenticators', totp.id);
      await edit('authenticators', totp.id, { secret });
      assert.equal(await keyOf(world.store, challenge.id), undefined);
      await edit('enrollments', open.id, { secret: bound });
      await assert.rejects(world.store.enrollment(open.id), isUnreadable);
    });

    test('a signing key moved to another row or renamed', async () => {
      const [one, two] = [await newSigningKey(world, 'ES256'), await newSigningKey(world, 'RS256')];
      const opened = await world.store.signingKeys();
      assert.deepEqual(
        opened
          .map(({ createdAtMs: _, ...key }) => key)
          .toSorted((a, b) => (a.algorithm < b.algorithm ? -1 : 1)),
        [one, two],
      );
      const { private_key: privateKey = null } = await rowOf('signing_keys', one.id);
      await whileEdited('signing_keys', two.id, { private_key: privateKey }, () =>
        assert.rejects(world.store.signingKeys(), isUnreadable),
      );
      await whileEdited('signing_keys', two.id, { algorithm: 'none' }, () =>
        assert.rejects(world.store.signingKeys(), isUnreadable),
      );
      assert.equal((await world.store.signingKeys()).length, 2);
    });

    test('a data key under another company’s name', async () => {
      const challenge = await world.newChallenge(theirs);
      const { companyId } = theirs.account;
      const [own] = await world.raw.rows('select wrapped from data_keys where scope = $1', companyId);
      const [other] = await world.raw.rows(
        'select wrapped from data_keys where scope = $1',
        elsewhere.account.companyId,
      );
      const put = (wrapped: RawValue = null) =>
        world.raw.run('update data_keys set wrapped = $1 where scope = $2', wrapped, companyId);
      await put(other?.wrapped);
      // A replica that was just opened keeps no key from before.
      assert.equal(await keyOf(await world.openReplica(), challenge.id), undefined);
      await world.raw.run(`update data_keys set scope = 'gone' where scope = $1`, companyId);
      assert.equal(await keyOf(await world.openReplica(), challenge.id), undefined);
      await world.raw.run(`update data_keys set scope = $1 where scope = 'gone'`, companyId);
      await put(own?.wrapped);
      assert.ok(await keyOf(await world.openReplica(), challenge.id));
    });
  });
}

async function newSigningKey(world: SeededStore, algorithm: string) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = {
    id: newId(),
    algorithm,
    serial: 1,
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
    publicJwk: JSON.stringify(createPublicKey(privateKey).export({ format: 'jwk' })),
  };
  await commitAll(world, { change: 'signing-key.create', ...key, nowMs: 1 });
  return key;
}
