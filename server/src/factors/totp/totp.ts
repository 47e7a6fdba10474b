// Codes of an authenticator app: RFC 6238 (TOTP) on RFC 4226 (HOTP). The check is a function of values:
// the state in, the next state out; the store advances `lastStep` only where it is still lower.

import { createHmac, createSecretKey, KeyObject, timingSafeEqual } from 'node:crypto';
import { normalizeDigits } from '#core/one-time-code.ts';
import type { Verdict } from '#core/verdict.ts';

export type TotpAlgorithm = 'SHA-1' | 'SHA-256' | 'SHA-512';

export interface TotpParameters {
  readonly algorithm: TotpAlgorithm;
  readonly digits: 6 | 8;
  readonly periodSeconds: number;
}

/** The defaults of RFC 6238 §1.2 and §4.1, and the only ones that every authenticator app understands. */
export const defaultTotpParameters: TotpParameters = { algorithm: 'SHA-1', digits: 6, periodSeconds: 30 };

export interface TotpState {
  /** The highest step whose code was accepted; no code of this step or an older one is taken again. */
  readonly lastStep: number;
  /** How many steps the clock of the authenticator was seen to be ahead (positive) or behind, at most 1. */
  readonly driftSteps: number;
}

/** The state of an authenticator that has not proven anything yet. */
export const initialTotpState: TotpState = { lastStep: -1, driftSteps: 0 };

/** A KeyObject that the caller keeps is several times faster than bytes. */
export type TotpKey = KeyObject | Uint8Array;

/** RFC 4226 §4 R6 recommends 160 bits. */
const keyBytes = 20;

/** RFC 6238 §5.2: at most one step of delay, here on either side of the learned drift. */
const windowSteps = 1;

/**
 * RFC 6238 §6 asks for a bound on resynchronization. It is no more than the window, so that the window always holds
 * the current step: what was learned of somebody who typed slowly must not refuse the same person typing at once.
 */
const driftLimitSteps = 1;

const digestNames: Record<TotpAlgorithm, string> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-512': 'sha512',
};

/**
 * A new key of 160 bits (RFC 4226 §4 R6).
 *
 * @param random a cryptographic source of the number of bytes asked for
 * @throws RangeError when the source gives another number of bytes
 */
export function generateTotpKey(random: (bytes: number) => Uint8Array): Uint8Array {
  const key = random(keyBytes);
  if (key.length !== keyBytes)
    throw new RangeError(`The random source gave ${key.length} bytes of ${keyBytes}`);
  return key;
}

/** The step that a moment lies in, counted from 1970 (RFC 6238 §4.2). `nowMs` in milliseconds since 1970. */
export function stepAt(nowMs: number, parameters: TotpParameters): number {
  return Math.floor(nowMs / (parameters.periodSeconds * 1000));
}

/** The furthest step of which a code can have been accepted by a moment: the window beyond the greatest drift. */
export function furthestStepAt(nowMs: number, parameters: TotpParameters): number {
  return stepAt(nowMs, parameters) + driftLimitSteps + windowSteps;
}

/**
 * The code of a step, with its leading zeros (RFC 6238 §4.2, RFC 4226 §5.3).
 *
 * @throws RangeError when the step is negative or not a whole number
 */
export function totpCode(key: TotpKey, step: number, parameters: TotpParameters): string {
  if (!Number.isSafeInteger(step) || step < 0) throw new RangeError(`There is no step ${step}`);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = totpMac(key, parameters.algorithm, counter);
  // Dynamic truncation: the low four bits of the last byte say where the 31 bits start, for every hash length.
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const truncated = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(truncated % 10 ** parameters.digits).padStart(parameters.digits, '0');
}

/** The HMAC beneath every code (RFC 2104), by itself so that published HMAC vectors reach it. */
export function totpMac(key: TotpKey, algorithm: TotpAlgorithm, message: Uint8Array): Buffer {
  return createHmac(digestNames[algorithm], key).update(message).digest();
}

/**
 * Checks what somebody typed against the codes of the current step plus the learned drift and, unless
 * `strict`, of one step on either side. Learns the drift from where the code was found: which is
 * never more than one step away.
 *
 * A code of the last accepted step or an older one is refused as `used`, and so is a code that happens to
 * belong to a used and to an unused step: the same digits never pass twice inside their window. All candidates
 * are computed and compared in full whatever the outcome, so that right, used and wrong cost the same.
 *
 * @param attempt `nowMs` in milliseconds since 1970, from the clock of the server (never from the client)
 */
export function verifyTotp(attempt: {
  readonly key: TotpKey;
  readonly parameters: TotpParameters;
  readonly state: TotpState;
  readonly response: unknown;
  readonly nowMs: number;
  readonly strict?: boolean;
}): Verdict<TotpState> {
  const { parameters, state } = attempt;
  const digits = normalizeDigits(attempt.response, parameters.digits);
  if (digits === undefined) return { verdict: 'refused', reason: 'malformed' };

  const response = Buffer.from(digits, 'ascii');
  const key = attempt.key instanceof KeyObject ? attempt.key : createSecretKey(attempt.key);
  const current = stepAt(attempt.nowMs, parameters);
  const center = current + withinDriftLimit(state.driftSteps);
  const reach = attempt.strict === true ? 0 : windowSteps;

  let isUsed = false;
  let acceptedStep: number | undefined;
  for (let step = Math.max(0, center - reach); step <= center + reach; step += 1) {
    const candidate = Buffer.from(totpCode(key, step, parameters), 'ascii');
    if (!timingSafeEqual(candidate, response)) continue;
    // The highest matching step wins, which spends the code for all the steps it belongs to.
    if (step > state.lastStep) acceptedStep = step;
    else isUsed = true;
  }

  if (isUsed) return { verdict: 'refused', reason: 'used' };
  if (acceptedStep === undefined) return { verdict: 'refused', reason: 'wrong' };
  return {
    verdict: 'accepted',
    next: { lastStep: acceptedStep, driftSteps: withinDriftLimit(acceptedStep - current) },
  };
}

function withinDriftLimit(steps: number): number {
  return Math.max(-driftLimitSteps, Math.min(driftLimitSteps, steps));
}
