// The leaves of the audit: the vectors say what they are and stay, and the tests that personal fields can be erased
// without a leaf losing its validity, but not be changed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type AuditEvent, canonicalEvent, canonicalPersonal } from '#core/audit.ts';
import { engines } from '#test/support/each-engine.ts';
import { anEvent, commitAll, openSeededStore, type SeededStore } from '#test/support/seeded-store.ts';
import { commitment, leafHash, leafOf } from './audit-leaf.ts';

interface Vector {
  readonly name: string;
  readonly event: Omit<AuditEvent, 'companyId' | 'accountId'> & {
    readonly companyId: string | null;
    readonly accountId: string | null;
  };
  readonly salt?: string;
  readonly fields?: string;
  readonly commitment?: string;
  readonly canonical: string;
  readonly leafHash: string;
}

const vectors: { readonly leaves: readonly Vector[] } = JSON.parse(
  readFileSync(new URL('./audit-leaf.vectors.json', import.meta.url), 'utf8'),
);

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

for (const vector of vectors.leaves) {
  test(`vector: ${vector.name}`, () => {
    const { companyId, accountId } = vector.event;
    const event = { ...vector.event, companyId: companyId ?? undefined, accountId: accountId ?? undefined };
    if (vector.salt !== undefined) {
      assert.equal(canonicalPersonal(event), vector.fields);
      assert.equal(commitment(Buffer.from(vector.salt, 'hex'), vector.fields ?? ''), vector.commitment);
    }
    assert.equal(canonicalEvent(event, vector.commitment), vector.canonical);
    assert.equal(hexOf(leafHash(vector.canonical)), vector.leafHash);
  });
}

test('a leaf is made of its event: text, hash, and a commitment to the personal fields under a salt of its own', () => {
  const event = anEvent({ personal: { address: '192.0.2.7', userAgent: 'x' } });
  const [one, other] = [leafOf(event), leafOf(event)];
  assert.ok(one.personal && other.personal);
  assert.equal(one.personal.salt.length, 16);
  assert.notDeepEqual(one.personal.salt, other.personal.salt);
  assert.equal(one.personal.fields, canonicalPersonal(event));
  assert.equal(one.canonical, canonicalEvent(event, commitment(one.personal.salt, one.personal.fields)));
  assert.deepEqual(one.hash, leafHash(one.canonical));
  assert.notEqual(one.canonical, other.canonical);
});

test('an event without personal fields has nothing beside it, and says so', () => {
  const leaf = leafOf(anEvent({ personal: {} }));
  assert.equal(leaf.personal, undefined);
  assert.match(leaf.canonical, /"personal":null\}$/);
});

for (const engine of engines) {
  describe(engine, () => {
    let world: SeededStore;
    before(async () => {
      world = await openSeededStore(engine);
    });
    after(() => world.close());

    async function stored(event: AuditEvent) {
      await commitAll(world, { change: 'audit.append', event });
      const read = async () => {
        const [leaf] = await world.raw.rows('select * from audit_leaves where id = $1', event.id);
        const [personal] = await world.raw.rows('select * from audit_personal where leaf_id = $1', event.id);
        assert.ok(leaf);
        return { leaf, personal };
      };
      return { ...(await read()), read };
    }

    test('what is stored verifies: the hash is of the text, and the text holds the commitment', async () => {
      const { leaf, personal } = await stored(anEvent());
      assert.equal(hexOf(leafHash(String(leaf.canonical))), hexOf(leaf.leaf_hash as Uint8Array));
      const made = commitment(personal?.salt as Uint8Array, String(personal?.fields));
      assert.equal(JSON.parse(String(leaf.canonical)).personal, made);
      assert.doesNotMatch(String(leaf.canonical), /192\.0\.2\.7/);
    });

    test('erasing the personal fields leaves the leaf as it was', async () => {
      const event = anEvent();
      const { leaf, read } = await stored(event);
      await world.raw.run('delete from audit_personal where leaf_id = $1', event.id);
      const erased = await read();
      assert.equal(erased.personal, undefined);
      assert.deepEqual(erased.leaf, leaf);
      assert.equal(
        hexOf(leafHash(String(erased.leaf.canonical))),
        hexOf(erased.leaf.leaf_hash as Uint8Array),
      );
    });

    test('changing the personal fields shows', async () => {
      const { leaf, personal } = await stored(anEvent());
      const changed = commitment(personal?.salt as Uint8Array, '[["address","198.51.100.9"]]');
      assert.notEqual(JSON.parse(String(leaf.canonical)).personal, changed);
    });
  });
}
