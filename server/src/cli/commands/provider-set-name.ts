// The name of who runs the service, as people see it.

import { nameProvider } from '#flows/arrange.ts';
import type { Command } from '../command.ts';

export const providerSetName: Command = {
  name: 'provider set-name',
  summary: 'Gives the provider its name, as pages and authenticator apps show it',
  about: ['A service that runs shows the new name after it was started again.'],
  operands: [{ name: 'NAME', meaning: 'as people know the provider' }],
  async run(given, desk) {
    const name = given.operand('NAME');
    await nameProvider(await desk.openPorts(), name);
    return { facts: { provider: { name } }, lines: [`The provider is called ${name}.`] };
  },
};
