// Nothing is done for a form that another site sent. Every request that changes something must say that it comes
// from our own origin; browsers do, with every POST, and scripts elsewhere cannot (attack B12).

import { SecondringError } from '#core/errors.ts';

/** @throws SecondringError `forbidden-origin` unless the Origin header is exactly ours */
export function checkOrigin(
  origin: string | undefined,
  fetchSite: string | undefined,
  publicUrl: string,
): void {
  const isOurs = origin === publicUrl && (fetchSite === undefined || fetchSite === 'same-origin');
  if (!isOurs) throw new SecondringError('forbidden-origin', 'This form did not come from our own page.');
}
