// What the steps of checking the audit share: what is known so far, and how a leaf is looked at.

import { commitsTo, saysTheSame } from '#core/audit.ts';
import type { StoredLeaf } from '#core/audit-store.ts';
import { isFault } from '#core/errors.ts';
import { isSameHash, leafHashOf, type MerkleTree } from '#core/merkle-tree.ts';
import type { Ports } from '#core/ports.ts';
import { type Checkpoint, checkpointKeyOf } from './audit-checkpoint.ts';
import type { AuditCounts, AuditFault } from './audit-verdict.ts';
import { sha256 } from './sha256.ts';
import type { NoteKey } from './signed-note.ts';

/** Rows of a page. */
export const rowsAtOnce = 1000;
/** Before every number that a damaged row may have. */
export const beforeAll = Number.MIN_SAFE_INTEGER;

type Store = Pick<Ports, 'store'>['store'];

/** What is known so far. */
export interface Run {
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
  readonly onProgress: (progress: { readonly leaves: number; readonly of: number }) => void;
}

/** What is wrong with a leaf and its personal fields by themselves, wherever it stands. */
export function leafFault(leaf: StoredLeaf, run: Run): AuditFault | undefined {
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

/** The embedded store answers at once; without a pause nothing else in the process would run until the end. */
export function letOthers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Undefined: one of them was changed. */
export async function readKeys(store: Store): Promise<readonly NoteKey[] | undefined> {
  return readSealed(async () => (await store.auditKeys()).map(checkpointKeyOf));
}

/** Undefined: it was changed. */
export async function readHead(store: Store): Promise<MerkleTree | undefined> {
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

export function fault(
  place: AuditFault['place'],
  row: string,
  problem: AuditFault['problem'],
  message: string,
): AuditFault {
  return { place, row, problem, message };
}
