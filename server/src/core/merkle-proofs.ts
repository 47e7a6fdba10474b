// That a leaf is in the tree (RFC 6962 section 2.1.1), and that a smaller tree is the beginning of a larger one
// (section 2.1.2). A proof is first a list of ranges of leaves, whose hashes whoever has the leaves then looks up;
// checking one needs nothing but the hashes.

import { isSameHash, nodeHashOf, type Sha256 } from './merkle-tree.ts';

/** Leaves from `start` up to and without `end`; the hash of a range is the root of a tree of its leaves alone. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** The ranges whose hashes are PATH(index, D[size]); none for a leaf that is not in the tree. */
export function inclusionPath(index: number, size: number): readonly LeafRange[] {
  const path: LeafRange[] = [];
  if (index < 0 || index >= size) return path;
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + split(end - start);
    if (index < middle) {
      path.unshift({ start: middle, end });
      end = middle;
    } else {
      path.unshift({ start, end: middle });
      start = middle;
    }
  }
  return path;
}

/** The ranges whose hashes are PROOF(oldSize, D[newSize]); none where there is nothing to prove. */
export function consistencyPath(oldSize: number, newSize: number): readonly LeafRange[] {
  const path: LeafRange[] = [];
  if (oldSize < 1 || oldSize >= newSize) return path;
  let [start, end] = [0, newSize];
  while (end !== oldSize) {
    const middle = start + split(end - start);
    if (oldSize <= middle) {
      path.unshift({ start: middle, end });
      end = middle;
    } else {
      path.unshift({ start, end: middle });
      start = middle;
    }
  }
  // A range that begins at 0 is the old tree itself, whose hash is known.
  return start === 0 ? path : [{ start, end }, ...path];
}

/** Whether a leaf is at its place in the tree of this size and root. */
export function provesInclusion(
  sha256: Sha256,
  leaf: { readonly index: number; readonly hash: Uint8Array },
  tree: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  const path = inclusionPath(leaf.index, tree.size);
  if (leaf.index < 0 || leaf.index >= tree.size || path.length !== proof.length) return false;
  let hash = leaf.hash;
  for (const [place, beside] of proof.entries()) {
    const isLeft = (path[place]?.start ?? 0) < leaf.index;
    hash = isLeft ? nodeHashOf(sha256, beside, hash) : nodeHashOf(sha256, hash, beside);
  }
  return isSameHash(hash, tree.root);
}

/** Whether the new tree has all leaves of the old one, in the same places. */
export function provesConsistency(
  sha256: Sha256,
  old: { readonly size: number; readonly root: Uint8Array },
  tree: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (old.size < 1 || old.size > tree.size) return false;
  if (old.size === tree.size) return proof.length === 0 && isSameHash(old.root, tree.root);
  const path = consistencyPath(old.size, tree.size);
  if (path.length !== proof.length) return false;
  const isWhole = path[0]?.start === old.size;
  const [first = old.root, ...rest] = isWhole ? [old.root, ...proof] : proof;
  const ranges = isWhole ? path : path.slice(1);
  let [oldHash, newHash] = [first, first];
  for (const [place, beside] of rest.entries()) {
    if ((ranges[place]?.start ?? 0) < old.size) {
      oldHash = nodeHashOf(sha256, beside, oldHash);
      newHash = nodeHashOf(sha256, beside, newHash);
    } else {
      newHash = nodeHashOf(sha256, newHash, beside);
    }
  }
  return isSameHash(oldHash, old.root) && isSameHash(newHash, tree.root);
}

/** The largest power of two below a size (RFC 6962 section 2.1: k < n <= 2k). */
function split(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}
