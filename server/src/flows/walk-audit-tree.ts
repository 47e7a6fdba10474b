// The longest step of checking the audit: every leaf in its place, the root of each checkpoint on the way, and the head
// at the end.

import type { StoredCheckpoint, StoredLeaf } from '#core/audit-store.ts';
import { appendLeaves, isSameHash, type MerkleTree, rootOf } from '#core/merkle-tree.ts';
import { beforeAll, fault, leafFault, letOthers, type Run, readHead, rowsAtOnce } from './audit-check.ts';
import { type Checkpoint, openCheckpoint } from './audit-checkpoint.ts';
import type { AuditFault } from './audit-verdict.ts';
import { sha256 } from './sha256.ts';

/** Reads the leaves in the order of their places, and compares what they come to with all that was signed of them. */
export async function walkTree(run: Run): Promise<AuditFault | undefined> {
  const { store, counts, expected } = run;
  const upcoming = checkpointsOf(run);
  if (expected?.size === 0) {
    const found = expectedFault(run, expected);
    if (found !== undefined) return found;
  }
  for (;;) {
    // In this order: what a checkpoint or the head speaks of is there before it, also while the service goes on.
    let next = await upcoming.peek();
    if (next !== undefined && 'problem' in next) return next;
    const head = await readHead(store);
    if (head === undefined) {
      return fault(
        'audit_tree',
        'audit',
        'tree-head',
        'The head of the tree does not open: its row was changed.',
      );
    }
    const afterIndex = run.tree.size === 0 ? beforeAll : run.tree.size - 1;
    let leaves = await store.indexedLeaves(afterIndex, rowsAtOnce);
    if (leaves.length === 0) return endFault(run, next, head);

    while (leaves.length > 0) {
      const { size } = run.tree;
      const stops = [next?.size, expected?.size].filter((stop) => stop !== undefined && stop > size);
      const count = Math.min(leaves.length, ...stops.map((stop = 0) => stop - size));
      const segment = leaves.slice(0, count);
      leaves = leaves.slice(count);
      for (const [place, leaf] of segment.entries()) {
        const found = indexFault(leaf, size + place) ?? leafFault(leaf, run);
        if (found !== undefined) return found;
      }
      run.tree = appendLeaves(
        sha256,
        run.tree,
        segment.map(({ leafHash }) => leafHash),
      );
      counts.leaves = run.tree.size;
      const found = (next && checkpointFault(run, next)) ?? (expected && expectedFault(run, expected));
      if (found !== undefined) return found;
      if (next !== undefined && next.size <= run.tree.size) {
        if (next.size === run.tree.size) confirm(run, next);
        upcoming.take();
        next = await upcoming.peek();
        if (next !== undefined && 'problem' in next) return next;
      }
    }
    run.onProgress({ leaves: run.tree.size, of: Math.max(head.size, run.tree.size) });
    await letOthers();
  }
}

type Opened = Checkpoint & { readonly note: string };

/** The checkpoints by size, each opened and compared with its row when it is first looked at. */
function checkpointsOf({ store, keys }: Run) {
  let page: readonly StoredCheckpoint[] = [];
  let after = beforeAll;
  let current: Opened | AuditFault | undefined;

  function open({ size, note }: StoredCheckpoint): Opened | AuditFault {
    const opened = openCheckpoint(note, keys);
    if (opened !== undefined && String(opened.size) === size) return { ...opened, note };
    const message = `The checkpoint of size ${size} was changed, or signed with another key.`;
    return fault('audit_checkpoints', size, 'checkpoint-invalid', message);
  }

  return {
    async peek(): Promise<Opened | AuditFault | undefined> {
      if (current !== undefined) return current;
      if (page.length === 0) page = await store.checkpoints(after, rowsAtOnce);
      const [row, ...rest] = page;
      if (row === undefined) return undefined;
      page = rest;
      after = Number(row.size);
      current = open(row);
      return current;
    },
    take(): void {
      current = undefined;
    },
  };
}

function confirm(run: Run, { size, note }: Opened): void {
  run.counts.checkpoints += 1;
  run.confirmedSize = size;
  run.lastCheckpoint = note;
}

function checkpointFault({ tree, confirmedSize }: Run, { size, root }: Opened): AuditFault | undefined {
  if (size !== tree.size || isSameHash(root, rootOf(sha256, tree))) return undefined;
  const message =
    `The checkpoint of size ${size} was signed over other leaves: between places ${confirmedSize} and ` +
    `${size - 1} leaves were exchanged, or replaced by others.`;
  return fault('audit_checkpoints', String(size), 'checkpoint-root', message);
}

function expectedFault({ tree }: Run, { size, root }: Checkpoint): AuditFault | undefined {
  if (size !== tree.size || isSameHash(root, rootOf(sha256, tree))) return undefined;
  const message = `The first ${size} leaves are not those that the checkpoint from outside was signed over.`;
  return fault('expected-checkpoint', String(size), 'checkpoint-root', message);
}

/** After the last leaf: nothing may speak of more, and the head must be of these. */
function endFault({ tree, expected, confirmedSize }: Run, next: Opened | undefined, head: MerkleTree) {
  const { size } = tree;
  if (next !== undefined && next.size > size) {
    const message = `A checkpoint was signed over ${next.size} leaves, and only ${size} are there.`;
    return fault('audit_checkpoints', String(next.size), 'checkpoint-ahead', message);
  }
  if (head.size !== size) {
    const message = `The tree has ${head.size} leaves, and ${size} are there.`;
    return fault('audit_tree', 'audit', 'tree-size', message);
  }
  if (expected !== undefined && expected.size > size) {
    const message = `The checkpoint from outside was signed over ${expected.size} leaves, and only ${size} are there.`;
    return fault('expected-checkpoint', String(expected.size), 'checkpoint-ahead', message);
  }
  const isSame = head.frontier.every((hash, place) =>
    isSameHash(hash, tree.frontier[place] ?? hash.subarray(1)),
  );
  if (isSame) return undefined;
  const message = `The head of the tree is of other leaves: from place ${confirmedSize} on some were exchanged.`;
  return fault('audit_tree', 'audit', 'tree-head', message);
}

function indexFault({ id, index = '' }: StoredLeaf, expected: number): AuditFault | undefined {
  if (index === String(expected)) return undefined;
  const message = `Place ${expected} of the tree is empty; the next leaf, ${id}, has place ${index}.`;
  return fault('audit_leaves', id, 'leaf-missing', message);
}
