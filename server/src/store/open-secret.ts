// The secret of an authenticator, from a row that has all that its binding is made of.

import { SecondringError } from '#core/errors.ts';
import type { DataKeys } from './data-keys.ts';
import { bytes, number, text } from './rows.ts';
import { openBinding } from './sealed.ts';
import type { Row } from './statement.ts';

/**
 * The secret of an authenticator whose binding is genuine.
 * @throws SecondringError `binding-invalid`, `sealed-value-unreadable`
 */
export async function openSecret(row: Row, keys: DataKeys): Promise<Uint8Array> {
  const sealed = row['secret'];
  if (!(sealed instanceof Uint8Array)) {
    throw new SecondringError('binding-invalid', 'An authenticator without its secret is none.');
  }
  const companyId = text(row, 'company_id');
  const binding = {
    id: text(row, 'authenticator_id'),
    companyId,
    accountId: text(row, 'account_id'),
    enrollmentId: text(row, 'enrollment_id'),
    kind: text(row, 'authenticator_kind'),
    boundAtMs: number(row, 'bound_at_ms'),
    boundLeafHash: bytes(row, 'bound_leaf_hash'),
  };
  const key = await keys.opening(companyId, sealed);
  return openBinding(key, binding, sealed, bytes(row, 'binding_mac'));
}
