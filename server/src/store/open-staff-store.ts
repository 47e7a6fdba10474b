// Opens the store for the staff process: to read, without keys. The schema is the main process's business, and so is
// the master key; this file must not come to know either.

import { SecondringError } from '#core/errors.ts';
import type { StaffStore } from '#core/ports.ts';
import { isPostgresUrl, openEngine } from './open-engine.ts';
import { checkStaffRole } from './staff-role.ts';
import { createStaffStore } from './staff-store.ts';

/**
 * @param databaseUrl of the role that may only look; with SQLite the file that the main process keeps
 * @throws SecondringError `configuration-invalid`, `store-unavailable`
 */
export async function openStaffStore(databaseUrl: string): Promise<StaffStore> {
  if (isPostgresUrl(databaseUrl)) await checkStaffRole(databaseUrl);
  const engine = await openEngine(databaseUrl, 'reading');
  const store = createStaffStore(engine);
  if ((await store.providerName()) !== undefined) return store;
  await store.close();
  throw new SecondringError('store-unavailable', 'The store of the staff pages has no provider.');
}
