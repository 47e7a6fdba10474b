// The accounts of a company.

import { columns } from '../columns.ts';
import type { Command } from '../command.ts';
import { findCompany } from '../find-company.ts';

export const accountList: Command = {
  name: 'account list',
  summary: 'Lists the accounts of a company',
  options: [{ name: 'company', value: 'COMPANY', isRequired: true, meaning: 'its name or identifier' }],
  async run(given, desk) {
    const { store } = await desk.openPorts();
    const company = await findCompany(store, given.required('company'));
    const accounts = (await store.accounts(company.id)).map(({ id, username, status, arrangement }) => ({
      id,
      username,
      status,
      everHadMethod: arrangement > 0,
    }));
    return {
      facts: { company: { id: company.id, name: company.name }, accounts },
      lines: columns(
        ['IDENTIFIER', 'USERNAME', 'STATUS', 'SIGN-IN METHOD'],
        accounts.map(({ id, username, status, everHadMethod }) => [
          id,
          username,
          status,
          everHadMethod ? 'set up' : 'not yet',
        ]),
      ),
    };
  },
};
