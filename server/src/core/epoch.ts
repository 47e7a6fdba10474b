// The epoch of a store, and the fence that begins a new one. A store that came back from a copy (a restored backup, a
// promoted replica) has forgotten what was used since the copy was made; the fence makes everything unusable that
// could be used a second time for that reason (attack D6).

export type FenceReason = 'restored' | 'asked';

/** What a fence is told. */
export interface FenceOrder {
  readonly reason: FenceReason;
  readonly nowMs: number;
  /** No code of an authenticator app of this step or an older one is taken any more. */
  readonly lowWaterStep: number;
  /** Whether the store knows of every recovery code that was used; where it does not, none can be trusted. */
  readonly knowsUsedRecoveryCodes: boolean;
  /** Identifier of the audit event. */
  readonly eventId: string;
  /** What else the audit is to say. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/** What a fence ended. */
export interface Fenced {
  readonly epoch: number;
  readonly signIns: number;
  readonly enrollments: number;
  readonly sessions: number;
  readonly oidcDocuments: number;
  readonly authenticators: number;
  readonly recoveryCodes: number;
}
