// What the commands about staff are given: whose role, and which.

import { SecondringError } from '#core/errors.ts';
import { type StaffRole, staffRoles } from '#core/staff.ts';
import type { Given, Option } from './command.ts';

export const usernameOption: Option = {
  name: 'username',
  value: 'USERNAME',
  isRequired: true,
  meaning: 'the account',
};

export const roleOption: Option = {
  name: 'role',
  value: 'ROLE',
  isRequired: true,
  meaning: staffRoles.join(' or '),
};

/** @throws SecondringError `not-understood` */
export function roleOf(given: Given): StaffRole {
  const typed = given.required('role');
  const role = staffRoles.find((one) => one === typed);
  if (role !== undefined) return role;
  throw new SecondringError('not-understood', `There is no role ${typed}.`, {
    hint: `Give --role ${staffRoles.join(' or --role ')}.`,
  });
}
