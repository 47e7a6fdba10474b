// Use case: leaves of the audit get their places in the tree, and the tree is signed from time to time. Any replica
// may do it at any moment: a batch is one commit, conditional on the size of the tree it was decided on, so that of
// several at once one wins and the others have nothing to do. A leaf that arrives late comes later.

import { appendLeaves, type MerkleTree, rootOf } from '#core/merkle-tree.ts';
import type { Ports } from '#core/ports.ts';
import { signCheckpoint } from './audit-checkpoint.ts';
import { sha256 } from './sha256.ts';
import type { SigningNoteKey } from './signed-note.ts';

/** Leaves that one commit gives a place; more would hold up everything that waits for the next commit. */
export const leavesAtOnce = 500;
/** A checkpoint is made when there is something new and this long after the last one, in milliseconds… */
const checkpointEveryMs = 10_000;
/** …or when so many leaves are new. */
const checkpointEveryLeaves = 1000;

export interface Sequenced {
  /** Leaves that got a place. */
  readonly count: number;
  /** Whether there may be more to do at once. */
  readonly isFull: boolean;
  readonly tree: MerkleTree;
}

/**
 * Gives one batch of leaves their places. A batch that another replica was first with counts as nothing done.
 * @throws SecondringError `sealed-value-unreadable` when the head of the tree was changed by hand
 */
export async function sequenceAudit(
  { store }: Pick<Ports, 'store'>,
  limit = leavesAtOnce,
): Promise<Sequenced> {
  // The head first: leaves that get their place in between are then missing from the list, and the size has moved on.
  const tree = await store.auditTree();
  const leaves = await store.leavesToIndex(limit);
  if (leaves.length === 0) return { count: 0, isFull: false, tree };
  const hashes = leaves.map(({ leafHash }) => leafHash);
  const next = appendLeaves(sha256, tree, hashes);
  const leafIds = leaves.map(({ id }) => id);
  const { committed } = await store.commit([
    { change: 'audit.index', expectedSize: tree.size, next, leafIds },
  ]);
  if (!committed) return { count: 0, isFull: false, tree };
  return { count: leaves.length, isFull: leaves.length === limit, tree: next };
}

/** The last checkpoint as a replica last saw it, whoever made it. */
export interface SeenCheckpoint {
  readonly size: number;
  /** When this replica first saw it. */
  readonly atMs: number;
}

/**
 * Signs the tree when it is time to, and says what the last checkpoint is now.
 * @param key asked for only when there is something to sign
 */
export async function checkpointAudit(
  { store, log, nowMs }: Pick<Ports, 'store' | 'log' | 'nowMs'>,
  key: () => Promise<SigningNoteKey>,
  tree: MerkleTree,
  seen: SeenCheckpoint | undefined,
): Promise<SeenCheckpoint | undefined> {
  if (tree.size === (seen?.size ?? 0)) return seen;
  const atMs = nowMs();
  const size = Number((await store.latestCheckpoint())?.size ?? 0);
  // Another replica signed meanwhile: the time starts anew.
  const last = seen === undefined || size !== seen.size ? { size, atMs } : seen;
  const waitedMs = Math.abs(atMs - last.atMs);
  const isDue =
    seen === undefined || waitedMs >= checkpointEveryMs || tree.size - size >= checkpointEveryLeaves;
  if (tree.size <= size || !isDue) return last;
  const note = signCheckpoint({ size: tree.size, root: rootOf(sha256, tree) }, await key());
  const { committed } = await store.commit([{ change: 'audit.checkpoint', size: tree.size, note }]);
  if (!committed) return last;
  // Wherever the log goes, a copy of it is out of reach of whoever can write to the database.
  log.info({ checkpoint: note }, 'the audit was signed');
  return { size: tree.size, atMs };
}
