// The outbox: what has to leave the house is written down in the commit of its cause and delivered afterwards, at
// least once, also when the process dies in between. Who delivers an item first takes it by one conditional change
// that raises its attempts and moves its due time into the future; that time is the lease, and when whoever took it
// died the item is simply due again. The number of attempts is the fence: a deliverer whose lease is over changes
// nothing any more.

import type { Change } from './changes.ts';
import type { Language, Letter } from './letter.ts';

/** Somebody forgot a password. That a name is known is found out here, after the answer has gone out. */
export interface ResetRequest {
  readonly usernameKey: string;
  readonly language: Language;
  readonly personal: Readonly<Record<string, string>>;
}

/** Sessions of an account ended at one moment; the panels they led into are found out when this is delivered. */
export interface EndedSessions {
  readonly accountId: string;
  readonly endedAtMs: number;
}

/** One panel is to hear of one session's end. */
export interface PanelNotice {
  readonly clientId: string;
  readonly accountId: string;
  readonly sessionId: string;
}

/** Each kind of item with what it carries. A further kind is a line here and a deliverer in service.ts. */
export interface OutboxPayloads {
  readonly mail: Letter;
  readonly 'password-reset': ResetRequest;
  readonly 'sessions-ended': EndedSessions;
  readonly 'back-channel-logout': PanelNotice;
}
export type OutboxKind = keyof OutboxPayloads;

type ItemOf<Kind extends OutboxKind> = {
  readonly id: string;
  readonly kind: Kind;
  /** Sealed by the store. */
  readonly payload: OutboxPayloads[Kind];
  readonly createdAtMs: number;
  /** Delivered later it would be of no use. */
  readonly expiresAtMs: number;
};
export type OutboxItem = { [Kind in OutboxKind]: ItemOf<Kind> }[OutboxKind];

/** What a delivery is decided on; the payload is opened by who delivers. */
export interface OutboxEntry {
  readonly id: string;
  readonly kind: string;
  readonly attempts: number;
  readonly expiresAtMs: number;
}

/** Tries go on for so long, in milliseconds: 72 hours (security.md section 6, Notification). */
export const outboxLifeMs = 72 * 60 * 60 * 1000;
/** How long who took an item has it alone, in milliseconds. */
export const outboxLeaseMs = 90 * 1000;
/** A delivery that takes longer has failed, in milliseconds; shorter than the lease, so that two never overlap. */
export const deliveryTimeoutMs = 60 * 1000;

const second = 1000;
const minute = 60 * second;
const waitsMs = [
  10 * second,
  30 * second,
  minute,
  2 * minute,
  5 * minute,
  15 * minute,
  30 * minute,
  60 * minute,
];

/** The wait after the n-th attempt failed, in milliseconds: ten seconds, growing to an hour. */
export function waitAfterAttemptMs(attempt: number): number {
  return waitsMs[Math.min(attempt, waitsMs.length) - 1] ?? second;
}

/** Puts an item into the outbox; it belongs into the list of what causes it. */
export function addToOutbox<Kind extends OutboxKind>(item: {
  readonly id: string;
  readonly kind: Kind;
  readonly payload: OutboxPayloads[Kind];
  readonly nowMs: number;
  readonly lifeMs?: number;
}): Change {
  const { id, kind, payload, nowMs, lifeMs = outboxLifeMs } = item;
  const added = { id, kind, payload, createdAtMs: nowMs, expiresAtMs: nowMs + lifeMs };
  return { change: 'outbox.add', item: added as OutboxItem };
}

/** Takes an item for one delivery; of several who try one succeeds. */
export function claim({ id, attempts }: OutboxEntry, nowMs: number): Change {
  return { change: 'outbox.claim', id, attempts, nowMs, leaseUntilMs: nowMs + outboxLeaseMs };
}

/**
 * What becomes of a claimed item whose delivery failed: it waits, or is given up when its time would be over.
 * @param isRefused the other side will never take it, so that trying again only annoys
 */
export function afterFailure(
  claimed: OutboxEntry,
  isRefused: boolean,
  nowMs: number,
): Extract<Change, { readonly change: 'outbox.postpone' | 'outbox.remove' }> {
  const { id, attempts, expiresAtMs } = claimed;
  const dueAtMs = nowMs + waitAfterAttemptMs(attempts);
  if (isRefused || dueAtMs >= expiresAtMs) return { change: 'outbox.remove', id, attempts };
  return { change: 'outbox.postpone', id, attempts, dueAtMs };
}
