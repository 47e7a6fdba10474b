// A session: what exists after, and only after, everything the policy asks for was proven. One row is the truth.

import type { Proof } from './assurance.ts';

export interface Session {
  readonly id: string;
  readonly accountId: string;
  readonly companyId: string;
  readonly proofs: readonly Proof[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Absolute life of a session, in milliseconds: 12 hours (security.md §6). */
export const sessionLifeMs = 12 * 60 * 60 * 1000;
