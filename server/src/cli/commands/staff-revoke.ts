// Takes a role on the staff pages away.

import { revokeRole } from '#flows/arrange.ts';
import type { Command } from '../command.ts';
import { roleOf, roleOption, usernameOption } from '../staff-options.ts';

export const staffRevoke: Command = {
  name: 'staff revoke',
  summary: 'Takes a role on the staff pages away',
  about: ['It is gone at the very next request.'],
  options: [usernameOption, roleOption],
  async run(given, desk) {
    const username = given.required('username');
    const role = roleOf(given);
    await revokeRole(await desk.openPorts(), { username, role });
    return { facts: { username, role }, lines: [`${username} no longer has the role of ${role}.`] };
  },
};
