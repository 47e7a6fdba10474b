// Whoever asks for a page that begins something makes us keep a row for ten minutes, before anybody is known. One
// network may do that as often as a large office on a Monday morning, and is then asked to come back.

import { SecondringError } from '#core/errors.ts';
import { networkOf } from '#flows/visitor.ts';

/** Beginnings that a network has at once, and how many come back in a second. */
export const burst = 2000;
export const perSecond = 50;
/** Networks that are remembered; the one that was seen longest ago is forgotten first. */
const networksRemembered = 10_000;

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/**
 * Makes the check of one process.
 * @returns what is called with the address of each such request; it throws SecondringError `busy` for one too many
 */
export function createCrowdCheck(nowMs: () => number): (address: string) => void {
  const buckets = new Map<string, Bucket>();
  return (address) => {
    const network = networkOf(address);
    const atMs = nowMs();
    const bucket = buckets.get(network) ?? { left: burst, atMs };
    const refilled = Math.min(burst, bucket.left + (Math.max(0, atMs - bucket.atMs) / 1000) * perSecond);
    // Seen last stands last; a Map keeps the order in which its entries came.
    buckets.delete(network);
    buckets.set(network, { left: Math.max(0, refilled - 1), atMs });
    if (buckets.size > networksRemembered) forgetFirst(buckets);
    if (refilled >= 1) return;
    throw new SecondringError('busy', 'Too many sign-ins were begun from this network.', {
      retryAfterSeconds: Math.ceil((1 - refilled) / perSecond),
    });
  };
}

function forgetFirst(buckets: Map<string, Bucket>): void {
  const [oldest] = buckets.keys();
  if (oldest !== undefined) buckets.delete(oldest);
}
