// Gives an account a role on the staff pages.

import { grantRole } from '#flows/arrange.ts';
import type { Command } from '../command.ts';
import { roleOf, roleOption, usernameOption } from '../staff-options.ts';

export const staffGrant: Command = {
  name: 'staff grant',
  summary: 'Gives an account a role on the staff pages',
  about: [
    'An agent works for the provider and sees the people of every company; an administrator sees those of their own company. Neither can set up a sign-in method for anybody.',
  ],
  options: [usernameOption, roleOption],
  async run(given, desk) {
    const username = given.required('username');
    const role = roleOf(given);
    await grantRole(await desk.openPorts(), { username, role });
    return { facts: { username, role }, lines: [`${username} now has the role of ${role}.`] };
  },
};
