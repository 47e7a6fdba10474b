// The shape of an example of a change: what it does when its condition holds, and ways in which it does not hold.
import type { Change } from '#core/changes.ts';
import type { Difference } from '../database-differences.ts';
import type { SeededStore } from '../seeded-store.ts';

type Made<Result> = (world: SeededStore) => Promise<Result>;

export interface Example {
  /** By what is special about it: the change, with its companions, and all that it does to the database. */
  readonly applied: Readonly<
    Record<string, Made<{ readonly changes: readonly Change[]; readonly does: readonly Difference[] }>>
  >;
  /** By why it does not hold: the list is refused, this change is named, nothing happened. Empty: unconditional. */
  readonly refused: Readonly<Record<string, Made<Change>>>;
  /** By what is wrong: rows that cannot be, which no decision of the core asks for. A fault, and nothing happened. */
  readonly faults?: Readonly<Record<string, Made<Change>>>;
}

export type Examples<Name extends Change['change']> = Readonly<Record<Name, Example>>;

/** Bytes as a picture of the database shows them. */
export const hex = (bytes: Uint8Array): string => `x'${Buffer.from(bytes).toString('hex')}'`;
