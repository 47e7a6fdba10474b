// An account: one login of a company, with its first password and without any sign-in method. The password comes on
// standard input, since arguments are seen by everybody on the machine and kept by the shell.

import { SecondringError } from '#core/errors.ts';
import { createAccount } from '#flows/arrange.ts';
import type { Command } from '../command.ts';
import { findCompany } from '../find-company.ts';

/** SP 800-63B-4 section 3.1.1.2: at least eight characters where a second factor is asked as well. */
const shortestPassword = 8;
const longestPassword = 1024;

export const accountAdd: Command = {
  name: 'account add',
  summary: 'Makes an account with its first password',
  about: [
    'The account has no sign-in method. The person sets up their own at their first sign-in; nobody else can.',
  ],
  options: [
    { name: 'company', value: 'COMPANY', isRequired: true, meaning: 'its name or identifier' },
    { name: 'username', value: 'USERNAME', isRequired: true, meaning: 'what the person types' },
    {
      name: 'password-stdin',
      isRequired: true,
      meaning: 'reads the password from standard input; a line end at its end is dropped',
    },
  ],
  async run(given, desk) {
    const username = given.required('username');
    const password = await readPassword(desk.readInput);
    const ports = await desk.openPorts();
    const company = await findCompany(ports.store, given.required('company'));
    const id = await createAccount(ports, { companyId: company.id, username, password });
    return {
      facts: { account: { id, username, company: { id: company.id, name: company.name } } },
      lines: [`The account ${username} of ${company.name} is made.`, `  identifier  ${id}`],
    };
  },
};

async function readPassword(readInput: () => Promise<string>): Promise<string> {
  const password = (await readInput()).replace(/\r?\n$/, '');
  const length = [...password].length;
  if (length >= shortestPassword && length <= longestPassword && !/[\r\n\0]/.test(password)) return password;
  throw new SecondringError(
    'not-understood',
    `The password must be one line of ${shortestPassword} to ${longestPassword} characters.`,
    { hint: 'Send it on standard input, as in: secondring account add … --password-stdin < FILE' },
  );
}
