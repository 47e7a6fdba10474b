// A company: a customer of the provider, with people in it.

import { SecondringError } from '#core/errors.ts';
import { createCompany } from '#flows/arrange.ts';
import type { Command } from '../command.ts';

export const companyAdd: Command = {
  name: 'company add',
  summary: 'Makes a company and its data key',
  options: [
    { name: 'name', value: 'NAME', isRequired: true, meaning: 'as people know it' },
    {
      name: 'authenticator-apps',
      value: 'COUNT',
      meaning: 'how many authenticator apps one account may have, 1 to 10; without it 1',
    },
  ],
  async run(given, desk) {
    const name = given.required('name');
    const authenticatorAppsPerAccount = readCount(given.optional('authenticator-apps') ?? '1');
    const ports = await desk.openPorts();
    const same = (await ports.store.companies()).find((company) => company.name === name);
    if (same !== undefined) {
      throw new SecondringError('already-exists', `The company ${name} exists already.`, {
        hint: `Its identifier is ${same.id}.`,
      });
    }
    const id = await createCompany(ports, { name, authenticatorAppsPerAccount });
    return {
      facts: { company: { id, name, authenticatorAppsPerAccount } },
      lines: [`The company ${name} is made.`, `  identifier  ${id}`],
    };
  },
};

function readCount(text: string): number {
  if (/^([1-9]|10)$/.test(text)) return Number(text);
  throw new SecondringError('not-understood', `--authenticator-apps must be 1 to 10: ${text}`);
}
