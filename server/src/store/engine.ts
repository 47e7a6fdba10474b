// What the two drivers have in common: apply one list of statements whole or not at all, read rows, run
// migrations. The domain is known above (parts.ts, store.ts), the database below (sqlite.ts, postgres.ts).

import type { Part, Row, Statement, Value } from './statement.ts';

/** The place of the first part that did not find its condition; undefined: the list is applied, durably. */
export type Refusal = number | undefined;

/** The refusal of a list that was decided in another epoch of the store. */
export const otherEpoch = -1;
/** What a process does with the database: `reading` is refused every write by the database itself. */
export type Access = 'everything' | 'reading';

export interface Engine {
  readonly kind: 'sqlite' | 'postgres';
  /**
   * Applies all parts or none. Resolves after they are on disk. Given an epoch, only while the store is in it:
   * otherwise the refusal is `otherEpoch`.
   */
  apply(parts: readonly Part[], epoch?: number): Promise<Refusal>;
  read(statement: Statement, values: Readonly<Record<string, Value>>): Promise<readonly Row[]>;
  /** Runs a script of several statements in one transaction, alone among all processes. */
  runAlone(work: (session: AloneSession) => Promise<void>): Promise<void>;
  /** Reads as of one moment, whatever is committed meanwhile, and without holding anybody up. */
  readSnapshot(work: (rows: RowsInBatches) => Promise<void>): Promise<void>;
  /** Calls back when a commit anywhere announced the identifier, and every two seconds. Returns how to stop. */
  watch(id: string, onAnnounced: () => void): () => void;
  close(): Promise<void>;
}

/** The rows of a query without parameters, some at a time. */
export type RowsInBatches = (sql: string) => AsyncIterable<readonly Row[]>;

/** The database held by one process, for what no other commit may come in between of: migrations, a fence. */
export interface AloneSession {
  readonly kind: Engine['kind'];
  run(script: string): Promise<void>;
  rows(sql: string): Promise<readonly Row[]>;
  /** Returns how many rows changed. */
  change(statement: Statement, values: Readonly<Record<string, Value>>): Promise<number>;
  insertRows(table: string, columns: readonly string[], rows: readonly (readonly Value[])[]): Promise<void>;
  /** Waits for the commits that are under way; those that come later see what this session leaves. */
  lockEpoch(): Promise<void>;
}

/** How often watchers look for themselves: an announcement that was lost is late by this much, and not for good. */
const lookAgainMs = 2000;

/** Watchers by identifier, shared by both drivers. */
export function createWatchers(): {
  readonly watch: (id: string, onAnnounced: () => void) => () => void;
  readonly announce: (id: string) => void;
  readonly announceAll: () => void;
} {
  const watchers = new Map<string, Set<() => void>>();
  let timer: NodeJS.Timeout | undefined;
  const announceAll = () => {
    for (const listeners of watchers.values()) for (const listener of listeners) listener();
  };
  return {
    watch(id, onAnnounced) {
      const listeners = watchers.get(id) ?? new Set();
      watchers.set(id, listeners.add(onAnnounced));
      timer ??= setInterval(announceAll, lookAgainMs).unref();
      return () => {
        listeners.delete(onAnnounced);
        // Others may watch the same again by now, in a set of their own.
        if (listeners.size === 0 && watchers.get(id) === listeners) watchers.delete(id);
        if (watchers.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    announce(id) {
      for (const listener of watchers.get(id) ?? []) listener();
    },
    announceAll,
  };
}
