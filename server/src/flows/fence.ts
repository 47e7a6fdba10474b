// Use case: what was used or revoked before this moment never works again. Asked for by who restores a backup or
// promotes a replica.

import type { Fenced, FenceOrder, FenceReason } from '#core/epoch.ts';
import type { Ports } from '#core/ports.ts';
import { defaultTotpParameters, furthestStepAt } from '#factors/totp/totp.ts';
import { newId } from './visitor.ts';

/** Begins a new epoch of the store. */
export function raiseFence(ports: Ports): Promise<Fenced> {
  return ports.store.fence(fenceOrder(ports, { reason: 'asked', knowsUsedRecoveryCodes: false, facts: {} }));
}

/** The order for a fence at this moment: no code that could have been accepted by now is accepted after it. */
export function fenceOrder(
  { nowMs, random }: Pick<Ports, 'nowMs' | 'random'>,
  why: {
    readonly reason: FenceReason;
    readonly knowsUsedRecoveryCodes: boolean;
    readonly facts: FenceOrder['facts'];
  },
): FenceOrder {
  const atMs = nowMs();
  const lowWaterStep = furthestStepAt(atMs, defaultTotpParameters);
  return { ...why, nowMs: atMs, lowWaterStep, eventId: newId({ nowMs, random }) };
}
