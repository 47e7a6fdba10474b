// The Merkle tree of the audit (RFC 6962 section 2.1), kept by its right edge: the roots of the complete subtrees
// that the leaves so far fall into, one for each bit of the size. A new leaf costs two hashes on average, and the
// tree is never computed anew. Pure: the hash function is given.

/** SHA-256 over its pieces one after another; text counts as UTF-8. */
export type Sha256 = (...pieces: readonly (string | Uint8Array)[]) => Uint8Array;

export interface MerkleTree {
  /** How many leaves it has. */
  readonly size: number;
  /** The roots of its complete subtrees, the largest (of the oldest leaves) first. */
  readonly frontier: readonly Uint8Array[];
}

export const emptyTree: MerkleTree = { size: 0, frontier: [] };

/** Bytes of a hash. */
export const hashBytes = 32;

/** The hash of a leaf: SHA-256(0x00 ‖ leaf) (RFC 6962 section 2.1). */
export function leafHashOf(sha256: Sha256, leaf: string): Uint8Array {
  return sha256(`\0${leaf}`);
}

/** The hash of a node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 section 2.1). */
export function nodeHashOf(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + 2 * hashBytes);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 1 + hashBytes);
  return sha256(bytes);
}

/** The tree with more leaves at its end, given by their hashes. */
export function appendLeaves(
  sha256: Sha256,
  tree: MerkleTree,
  leafHashes: readonly Uint8Array[],
): MerkleTree {
  const frontier = [...tree.frontier];
  let { size } = tree;
  for (const leafHash of leafHashes) {
    let hash = leafHash;
    // Each bit that carries joins two complete subtrees into one; without `<<`, which ends at 32 bits.
    for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = frontier.pop();
      if (left === undefined) throw new RangeError('the frontier is shorter than the size says');
      hash = nodeHashOf(sha256, left, hash);
    }
    frontier.push(hash);
    size += 1;
  }
  return { size, frontier };
}

/** The root hash, MTH (RFC 6962 section 2.1); of no leaves it is the hash of nothing. */
export function rootOf(sha256: Sha256, { frontier }: MerkleTree): Uint8Array {
  const [right, ...rest] = frontier.toReversed();
  if (right === undefined) return sha256('');
  return rest.reduce((hash, left) => nodeHashOf(sha256, left, hash), right);
}

/** How many hashes the frontier of a tree of this size has. */
export function frontierLength(size: number): number {
  let bits = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
}

export function isSameHash(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let place = 0; place < one.length; place++) if (one[place] !== other[place]) return false;
  return true;
}
