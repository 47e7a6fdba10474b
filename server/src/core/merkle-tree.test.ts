// The tree against the reference tree of Certificate Transparency, and against RFC 6962's definitions written down as
// they stand there, which compute everything from all leaves.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  consistencyPath,
  inclusionPath,
  type LeafRange,
  provesConsistency,
  provesInclusion,
} from './merkle-proofs.ts';
import { appendLeaves, emptyTree, frontierLength, leafHashOf, rootOf, type Sha256 } from './merkle-tree.ts';

const sha256: Sha256 = (...pieces) => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
};
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (hex: string) => Buffer.from(hex, 'hex');

interface Vectors {
  readonly leaves: readonly string[];
  readonly roots: readonly string[];
  readonly inclusion: readonly { readonly index: number; readonly size: number; readonly proof: string[] }[];
  readonly consistency: readonly {
    readonly oldSize: number;
    readonly newSize: number;
    readonly proof: string[];
  }[];
}
const vectors: Vectors = JSON.parse(
  readFileSync(new URL('./merkle-tree.vectors.json', import.meta.url), 'utf8'),
);
const leafHashes = vectors.leaves.map((hex) => leafHashOf(sha256, bytesOf(hex).toString('latin1')));

const treeOf = (hashes: readonly Uint8Array[]) => appendLeaves(sha256, emptyTree, hashes);
const rootOfAll = (hashes: readonly Uint8Array[]) => rootOf(sha256, treeOf(hashes));
const look = (hashes: readonly Uint8Array[], path: readonly LeafRange[]) =>
  path.map(({ start, end }) => rootOfAll(hashes.slice(start, end)));

for (const [size, root] of vectors.roots.entries()) {
  test(`vector: the root of ${size} leaves`, () => {
    assert.equal(hexOf(rootOfAll(leafHashes.slice(0, size))), root);
  });
}

for (const { index, size, proof } of vectors.inclusion) {
  test(`vector: leaf ${index} is in the tree of ${size}`, () => {
    const hashes = leafHashes.slice(0, size);
    assert.deepEqual(look(hashes, inclusionPath(index, size)).map(hexOf), proof);
    const leaf = { index, hash: leafHashes[index] ?? new Uint8Array() };
    const tree = { size, root: bytesOf(vectors.roots[size] ?? '') };
    assert.equal(provesInclusion(sha256, leaf, tree, proof.map(bytesOf)), true);
  });
}

for (const { oldSize, newSize, proof } of vectors.consistency) {
  test(`vector: the tree of ${oldSize} is the beginning of the tree of ${newSize}`, () => {
    const hashes = leafHashes.slice(0, newSize);
    assert.deepEqual(look(hashes, consistencyPath(oldSize, newSize)).map(hexOf), proof);
    const [old, tree] = [oldSize, newSize].map((size) => ({
      size,
      root: bytesOf(vectors.roots[size] ?? ''),
    }));
    assert.ok(old && tree);
    assert.equal(provesConsistency(sha256, old, tree, proof.map(bytesOf)), true);
  });
}

/** The definitions of RFC 6962 sections 2.1, 2.1.1 and 2.1.2, word for word. */
const naive = {
  root(leaves: readonly Uint8Array[]): Uint8Array {
    const [only] = leaves;
    if (only === undefined) return sha256('');
    if (leaves.length === 1) return only;
    const k = naive.split(leaves.length);
    return sha256(Buffer.of(1), naive.root(leaves.slice(0, k)), naive.root(leaves.slice(k)));
  },
  path(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
    if (leaves.length === 1) return [];
    const k = naive.split(leaves.length);
    return m < k
      ? [...naive.path(m, leaves.slice(0, k)), naive.root(leaves.slice(k))]
      : [...naive.path(m - k, leaves.slice(k)), naive.root(leaves.slice(0, k))];
  },
  proof(m: number, leaves: readonly Uint8Array[], isComplete = true): Uint8Array[] {
    if (m === leaves.length) return isComplete ? [] : [naive.root(leaves)];
    const k = naive.split(leaves.length);
    return m <= k
      ? [...naive.proof(m, leaves.slice(0, k), isComplete), naive.root(leaves.slice(k))]
      : [...naive.proof(m - k, leaves.slice(k), false), naive.root(leaves.slice(0, k))];
  },
  split: (n: number) => 2 ** Math.ceil(Math.log2(n) - 1),
};

const manyLeaves = Array.from({ length: 300 }, (_, number) => leafHashOf(sha256, `leaf ${number}`));
const sizes = fc.integer({ min: 1, max: manyLeaves.length });

test('a tree that grew in batches of any size has the root of all its leaves, and as many hashes as its size has bits', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 7 }), (batches) => {
      let tree = emptyTree;
      for (const batch of batches) {
        tree = appendLeaves(sha256, tree, manyLeaves.slice(tree.size, tree.size + batch));
      }
      assert.deepEqual(rootOf(sha256, tree), naive.root(manyLeaves.slice(0, tree.size)));
      assert.equal(tree.frontier.length, frontierLength(tree.size));
    }),
  );
});

test('proofs are the definition’s, and prove what they are of and nothing else', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), fc.nat(255 * 8), (size, one, other, place, bit) => {
      const leaves = manyLeaves.slice(0, size);
      const tree = { size, root: naive.root(leaves) };
      const index = one % size;
      const path = look(leaves, inclusionPath(index, size));
      assert.deepEqual(path, naive.path(index, leaves));
      const leaf = { index, hash: leaves[index] ?? Buffer.of() };
      assert.equal(provesInclusion(sha256, leaf, tree, path), true);

      const oldSize = 1 + (other % size);
      const old = { size: oldSize, root: naive.root(leaves.slice(0, oldSize)) };
      const proof = look(leaves, consistencyPath(oldSize, size));
      assert.deepEqual(proof, naive.proof(oldSize, leaves));
      assert.equal(provesConsistency(sha256, old, tree, proof), true);

      const elsewhere = { ...leaf, index: (index + 1) % size };
      if (size > 1) assert.equal(provesInclusion(sha256, elsewhere, tree, path), false);
      assert.equal(provesInclusion(sha256, { ...leaf, index: size }, tree, path), false);
      const otherOld = { ...old, root: flipped(old.root, bit) };
      assert.equal(provesConsistency(sha256, otherOld, tree, proof), false);
      const otherTree = { ...tree, root: flipped(tree.root, bit) };
      assert.equal(provesInclusion(sha256, leaf, otherTree, path), false);
      assert.equal(provesConsistency(sha256, old, otherTree, proof), false);
      for (const changed of mangled(path, place, bit)) {
        assert.equal(provesInclusion(sha256, leaf, tree, changed), false);
      }
      for (const changed of mangled(proof, place, bit)) {
        assert.equal(provesConsistency(sha256, old, tree, changed), false);
      }
    }),
  );
});

test('no tree is the beginning of a smaller one, and nothing is proven of none', () => {
  const [small, large] = [2, 5].map((size) => ({ size, root: naive.root(manyLeaves.slice(0, size)) }));
  assert.ok(small && large);
  assert.equal(provesConsistency(sha256, large, small, []), false);
  assert.equal(provesConsistency(sha256, { size: 0, root: sha256('') }, large, []), false);
});

function flipped(hash: Uint8Array, bit: number): Uint8Array {
  const bytes = Buffer.from(hash);
  const place = Math.floor(bit / 8) % bytes.length;
  bytes.writeUInt8(bytes.readUInt8(place) ^ (1 << (bit % 8)), place);
  return bytes;
}

function mangled(proof: readonly Uint8Array[], place: number, bit: number): Uint8Array[][] {
  const longer = [...proof, Buffer.alloc(32)];
  if (proof.length === 0) return [longer];
  const at = place % proof.length;
  const bent = proof.map((hash, index) => (index === at ? flipped(hash, bit) : hash));
  return [longer, bent, proof.slice(1), proof.slice(0, -1)];
}
