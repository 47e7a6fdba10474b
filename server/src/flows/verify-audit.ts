// Use case: checking the whole audit, while the service runs or not. Every leaf is read once, a page at a time; its
// text is hashed anew, compared with its columns and its personal fields, and put into a tree, whose root must be the
// one of every checkpoint on the way and, at the end, the head's. Then each authenticator in use must have its leaf.

import { commitsTo, saysTheSame } from '#core/audit.ts';
import type { StoredCheckpoint, StoredLeaf } from '#core/audit-store.ts';
import { isFault } from '#core/errors.ts';
import {
  appendLeaves,
  emptyTree,
  isSameHash,
  leafHashOf,
  type MerkleTree,
  rootOf,
} from '#core/merkle-tree.ts';
import type { Ports } from '#core/ports.ts';
import { type Checkpoint, checkpointKeyOf, openCheckpoint } from './audit-checkpoint.ts';
import type { AuditCounts, AuditFault, AuditVerdict } from './audit-verdict.ts';
import { sha256 } from './sha256.ts';
import { type NoteKey, verifierKeyOf } from './signed-note.ts';

const rowsAtOnce = 1000;
/** Before every number that a damaged row may have. */
const beforeAll = Number.MIN_SAFE_INTEGER;

export interface VerifyOptions {
  /** A checkpoint that was kept outside, as text: the leaves it was signed over must still be there, unchanged. */
  readonly expectedCheckpoint?: string | undefined;
  /** Called after each page. */
  readonly onProgress?: (progress: { readonly leaves: number; readonly of: number }) => void;
}

type Store = Pick<Ports, 'store'>['store'];

/** What is known so far. */
interface Run {
  readonly store: Store;
  keys: readonly NoteKey[];
  readonly counts: { -readonly [Name in keyof AuditCounts]: number };
  /** Of the leaves read so far. */
  tree: MerkleTree;
  /** Up to where a checkpoint was found to be right. */
  confirmedSize: number;
  lastCheckpoint: string | undefined;
  /** The texts of leaves that tell of a key's making, by their id. */
  readonly mentions: Map<string, string>;
  readonly expected: Checkpoint | undefined;
  readonly onProgress: NonNullable<VerifyOptions['onProgress']>;
}

/**
 * Checks everything and names the first row that is wrong. It takes as much memory as one page.
 * @throws SecondringError `store-unavailable`, `master-key-missing`
 */
export async function verifyAudit(
  { store }: Pick<Ports, 'store'>,
  { expectedCheckpoint, onProgress = () => undefined }: VerifyOptions = {},
): Promise<AuditVerdict> {
  const counts = { leaves: 0, waiting: 0, personal: 0, checkpoints: 0, bindings: 0 };
  const broken = (found: AuditFault): AuditVerdict => ({ verdict: 'broken', fault: found, counts });

  const keys = await readKeys(store);
  if (keys === undefined) {
    return broken(
      fault(
        'audit_keys',
        '1',
        'key-invalid',
        'The key that signs the audit does not open: its row was changed.',
      ),
    );
  }
  const expected = expectedCheckpoint === undefined ? undefined : openCheckpoint(expectedCheckpoint, keys);
  if (expectedCheckpoint !== undefined && expected === undefined) {
    const message = 'The checkpoint from outside is none that a key of this audit signed.';
    return broken(fault('expected-checkpoint', '', 'checkpoint-invalid', message));
  }
  const run: Run = {
    store,
    keys,
    counts,
    tree: emptyTree,
    confirmedSize: 0,
    lastCheckpoint: undefined,
    mentions: new Map(),
    expected,
    onProgress,
  };
  for (const step of [walkTree, walkWaiting, lookForStrays, compareKeys, walkBindings]) {
    const found = await step(run);
    if (found !== undefined) return broken(found);
  }
  return {
    verdict: 'intact',
    counts,
    root: Buffer.from(rootOf(sha256, run.tree)).toString('base64'),
    checkpoint: run.lastCheckpoint,
    verifierKeys: run.keys.map(verifierKeyOf),
  };
}

async function walkTree(run: Run): Promise<AuditFault | undefined> {
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

function leafFault(leaf: StoredLeaf, run: Run): AuditFault | undefined {
  const { id, canonical, leafHash, personal } = leaf;
  if (!isSameHash(leafHashOf(sha256, canonical), leafHash)) {
    return fault('audit_leaves', id, 'leaf-hash', `The leaf ${id} was changed: its text has another hash.`);
  }
  if (!saysTheSame(canonical, leaf)) {
    const message = `The leaf ${id} was changed: its columns say something else than its text.`;
    return fault('audit_leaves', id, 'leaf-columns', message);
  }
  if (personal !== undefined) {
    const made = Buffer.from(sha256(personal.salt, personal.fields)).toString('base64url');
    if (!commitsTo(canonical, made)) {
      const message = `The personal fields of leaf ${id} were changed: it commits to others.`;
      return fault('audit_personal', id, 'personal-changed', message);
    }
    run.counts.personal += 1;
  }
  if (leaf.event === 'audit-key.created') run.mentions.set(id, canonical);
  return undefined;
}

/** The leaves of the last seconds have no place yet, and no checkpoint protects them; their texts are checked. */
async function walkWaiting(run: Run): Promise<AuditFault | undefined> {
  let after = { atMs: beforeAll, id: '' };
  for (;;) {
    const leaves = await run.store.unindexedLeaves(after, rowsAtOnce);
    const last = leaves.at(-1);
    if (last === undefined) return undefined;
    for (const leaf of leaves) {
      const found = leafFault(leaf, run);
      if (found !== undefined) return found;
    }
    run.counts.waiting += leaves.length;
    after = { atMs: Number(last.atMs), id: last.id };
    await letOthers();
  }
}

async function lookForStrays({ store, counts }: Run): Promise<AuditFault | undefined> {
  // Counting is cheap; only where there are more than leaves that have some is it worth looking for which.
  if ((await store.countPersonal()) === counts.personal) return undefined;
  const leafId = await store.strayPersonal();
  if (leafId === undefined) return undefined;
  const message = `There are personal fields of a leaf that is not there: ${leafId}.`;
  return fault('audit_personal', leafId, 'personal-stray', message);
}

/** Each key has its leaf, and each such leaf its key: a key that was put there by hand is noticed, and one that went. */
async function compareKeys(run: Run): Promise<AuditFault | undefined> {
  // One may have been made since the beginning.
  run.keys = (await readKeys(run.store)) ?? run.keys;
  const facts = run.keys.map((key) => JSON.stringify(['verifierKey', verifierKeyOf(key)]));
  for (const [leafId, canonical] of run.mentions) {
    if (facts.some((fact) => canonical.includes(fact))) continue;
    const message = `The key that the leaf ${leafId} tells of is not there.`;
    return fault('audit_keys', '', 'key-invalid', message);
  }
  const texts = [...run.mentions.values()];
  const place = facts.findIndex((fact) => !texts.some((canonical) => canonical.includes(fact)));
  const unmentioned = run.keys[place];
  if (unmentioned === undefined) return undefined;
  const message = `The audit does not tell of the making of its key ${verifierKeyOf(unmentioned)}.`;
  return fault('audit_keys', unmentioned.name, 'key-invalid', message);
}

async function walkBindings({ store, counts }: Run): Promise<AuditFault | undefined> {
  for (let afterId = ''; ; ) {
    const bindings = await store.liveBindings(afterId, rowsAtOnce);
    const last = bindings.at(-1);
    if (last === undefined) return undefined;
    for (const { authenticatorId: id, isGenuine, hasLeaf } of bindings) {
      if (!isGenuine) {
        const message = `The binding of authenticator ${id} was changed or made by hand.`;
        return fault('authenticators', id, 'binding-forged', message);
      }
      if (!hasLeaf) {
        const message = `The audit does not tell that its owner bound the authenticator ${id}.`;
        return fault('authenticators', id, 'binding-unlogged', message);
      }
    }
    counts.bindings += bindings.length;
    afterId = last.authenticatorId;
  }
}

/** The embedded store answers at once; without a pause nothing else in the process would run until the end. */
function letOthers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Undefined: one of them was changed. */
async function readKeys(store: Store): Promise<readonly NoteKey[] | undefined> {
  return readSealed(async () => (await store.auditKeys()).map(checkpointKeyOf));
}

/** Undefined: it was changed. */
async function readHead(store: Store): Promise<MerkleTree | undefined> {
  return readSealed(() => store.auditTree());
}

async function readSealed<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isFault(error, 'sealed-value-unreadable')) return undefined;
    throw error;
  }
}

function fault(
  place: AuditFault['place'],
  row: string,
  problem: AuditFault['problem'],
  message: string,
): AuditFault {
  return { place, row, problem, message };
}
