// The database role of the staff process: it must be able to do less than the service does.

import type { Configuration } from '#config/configuration.ts';
import { checkStaffRole } from '#store/staff-role.ts';
import { advice, type Finding, faultFrom, fine } from './finding.ts';

/** What is said of the staff role; nothing where there is no PostgreSQL. */
export async function examineStaffRole({
  databaseUrl,
  staffDatabaseUrl,
}: Configuration): Promise<readonly Finding[]> {
  const check = 'staff role';
  if (databaseUrl.startsWith('sqlite:')) return [];
  if (staffDatabaseUrl === undefined) {
    const message = 'There are no staff pages: SECONDRING_STAFF_DATABASE_URL is not set.';
    return [advice(check, message, 'Make a role with docs/operate/staff-role.sql and name it.')];
  }
  try {
    await checkStaffRole(staffDatabaseUrl);
    return [fine(check, 'reads what it may, and writes nothing')];
  } catch (error) {
    return [faultFrom(check, error)];
  }
}
