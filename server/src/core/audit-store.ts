// What the store has for the audit's tree: its head, the leaves with and without a place in it, signed checkpoints
// and the keys that sign them; and, for checking all of it, every row page by page.

import type { MerkleTree } from './merkle-tree.ts';

/** A leaf as stored. Whole numbers are text here, so that a damaged one is read as what it is. */
export interface StoredLeaf {
  readonly id: string;
  readonly atMs: string;
  readonly event: string;
  readonly companyId: string | null;
  readonly accountId: string | null;
  readonly canonical: string;
  readonly leafHash: Uint8Array;
  /** Its place in the tree; undefined as long as it has none. */
  readonly index: string | undefined;
  /** Undefined once it is erased, and where there never was any. */
  readonly personal: { readonly salt: Uint8Array; readonly fields: string } | undefined;
}

export interface StoredCheckpoint {
  readonly size: string;
  /** The signed note. */
  readonly note: string;
}

/** A key that signs checkpoints, opened. */
export interface AuditKey {
  readonly serial: number;
  /** The origin line of the checkpoints, and the name of the key. */
  readonly origin: string;
  readonly algorithm: string;
  /** PKCS #8. */
  readonly privateKey: Uint8Array;
}

/** An authenticator in use, and whether its binding is what it should be. */
export interface LiveBinding {
  readonly authenticatorId: string;
  /** Whether its MAC is right, which covers owner, kind, time, leaf and secret. */
  readonly isGenuine: boolean;
  /** Whether its owner has a leaf `authenticator.bound` with the hash that it names. */
  readonly hasLeaf: boolean;
}

export interface AuditStore {
  /** The head of the tree. Throws SecondringError `sealed-value-unreadable` for one that was changed by hand. */
  auditTree(): Promise<MerkleTree>;
  /** The oldest leaves without a place in the tree, by time and then id. */
  leavesToIndex(limit: number): Promise<readonly { readonly id: string; readonly leafHash: Uint8Array }[]>;
  latestCheckpoint(): Promise<StoredCheckpoint | undefined>;
  /** Newest first. Throws SecondringError `sealed-value-unreadable`. */
  auditKeys(): Promise<readonly AuditKey[]>;

  /** By place in the tree. */
  indexedLeaves(afterIndex: number, limit: number): Promise<readonly StoredLeaf[]>;
  /** By time and then id. */
  unindexedLeaves(
    after: { readonly atMs: number; readonly id: string },
    limit: number,
  ): Promise<readonly StoredLeaf[]>;
  /** By size. */
  checkpoints(afterSize: number, limit: number): Promise<readonly StoredCheckpoint[]>;
  countPersonal(): Promise<number>;
  /** Personal fields of a leaf that is not there: its id. */
  strayPersonal(): Promise<string | undefined>;
  /** By id. */
  liveBindings(afterId: string, limit: number): Promise<readonly LiveBinding[]>;
}
