// The companies there are.

import { columns } from '../columns.ts';
import type { Command } from '../command.ts';

export const companyList: Command = {
  name: 'company list',
  summary: 'Lists the companies',
  async run(_given, desk) {
    const { store } = await desk.openPorts();
    const companies = await store.companies();
    return {
      facts: { companies },
      lines: columns(
        ['IDENTIFIER', 'NAME'],
        companies.map(({ id, name }) => [id, name]),
      ),
    };
  },
};
