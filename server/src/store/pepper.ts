// Keyed hashing with a company's pepper: what is hashed can be guessed at only by who holds the master key.

import { createHmac } from 'node:crypto';
import type { DataKey } from '#custody/keyring.ts';

/** HMAC-SHA-256 of a recovery code's preimage under the company's recovery pepper, as text. */
export function recoveryPepper(key: DataKey, preimage: Uint8Array): string {
  return createHmac('sha256', key.subkey('pepper-recovery')).update(preimage).digest('base64url');
}
