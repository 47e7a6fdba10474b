// What checking the audit comes to: it is whole, or where it is first broken and how, for programs and for people.

export interface AuditCounts {
  /** In the tree. */
  readonly leaves: number;
  /** Not in the tree yet: those of the last seconds. */
  readonly waiting: number;
  /** Leaves whose personal fields are still there. */
  readonly personal: number;
  readonly checkpoints: number;
  /** Authenticators in use. */
  readonly bindings: number;
}

export type AuditVerdict =
  | {
      readonly verdict: 'intact';
      readonly counts: AuditCounts;
      /** Of the tree, in base64. */
      readonly root: string;
      /** The newest signed note: to be kept outside and given as expected checkpoint later. */
      readonly checkpoint: string | undefined;
      /** The keys that checkpoints are checked with, as `name+id+key`. */
      readonly verifierKeys: readonly string[];
    }
  | { readonly verdict: 'broken'; readonly fault: AuditFault; readonly counts: AuditCounts };

export interface AuditFault {
  /** The table, or the checkpoint that was given from outside. */
  readonly place:
    | 'audit_leaves'
    | 'audit_personal'
    | 'audit_tree'
    | 'audit_checkpoints'
    | 'audit_keys'
    | 'authenticators'
    | 'expected-checkpoint';
  /** Its row: the id of a leaf or authenticator, the size of a checkpoint, the serial of a key. */
  readonly row: string;
  readonly problem: AuditProblem;
  /** A sentence for people. */
  readonly message: string;
}

export type AuditProblem =
  /** The text of a leaf does not hash to what is stored. */
  | 'leaf-hash'
  /** Columns say something else than the text that is hashed. */
  | 'leaf-columns'
  /** The personal fields are not those that the leaf commits to. */
  | 'personal-changed'
  /** Personal fields of a leaf that is not there. */
  | 'personal-stray'
  /** A place in the tree is empty, doubled or out of range. */
  | 'leaf-missing'
  /** Indexed leaves that the head of the tree does not know, or the other way round. */
  | 'tree-size'
  /** The head was changed by hand, or is of other leaves. */
  | 'tree-head'
  /** No checkpoint signed by a key of this log, or a size that differs from the row's. */
  | 'checkpoint-invalid'
  /** A root over other leaves. */
  | 'checkpoint-root'
  /** More leaves than there are. */
  | 'checkpoint-ahead'
  /** A key that does not open, that the audit does not mention, or that is gone. */
  | 'key-invalid'
  /** An authenticator whose binding was changed or made by hand. */
  | 'binding-forged'
  /** An authenticator of whose binding its owner has no leaf. */
  | 'binding-unlogged';
