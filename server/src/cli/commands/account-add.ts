// An account: one login of a company, with its first password and without any sign-in method. The password comes on
// standard input, since arguments are seen by everybody on the machine and kept by the shell.

import { SecondringError } from '#core/errors.ts';
import { maximumPasswordLength, minimumPasswordLength, type PasswordFault } from '#core/password.ts';
import { createAccount } from '#flows/arrange.ts';
import { checkNewPassword } from '#flows/new-password.ts';
import type { Command } from '../command.ts';
import { findCompany } from '../find-company.ts';

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
    {
      name: 'address',
      value: 'MAIL',
      meaning: 'where the person is written to, as for a forgotten password',
    },
    {
      name: 'must-change-password',
      meaning: 'the person chooses another password at their first sign-in',
    },
  ],
  async run(given, desk) {
    const username = given.required('username');
    const typed = (await desk.readInput()).replace(/\r?\n$/, '');
    const ports = await desk.openPorts();
    const company = await findCompany(ports.store, given.required('company'));
    const chosen = await checkNewPassword(ports, typed, { username, companyName: company.name });
    const fault = /[\r\n\0]/.test(typed) ? 'several-lines' : chosen.fault;
    if (chosen.fault !== undefined || fault !== undefined) throw refused(fault ?? 'too-short');
    const id = await createAccount(ports, {
      ...{ companyId: company.id, username, password: chosen.password },
      address: given.optional('address'),
      mustChangePassword: given.has('must-change-password'),
    });
    return {
      facts: { account: { id, username, company: { id: company.id, name: company.name } } },
      lines: [`The account ${username} of ${company.name} is made.`, `  identifier  ${id}`],
    };
  },
};

const sentences: Readonly<Record<PasswordFault | 'several-lines', string>> = {
  'several-lines': 'The password must be one line.',
  'too-short': `The password must have at least ${minimumPasswordLength} characters.`,
  'too-long': `The password must have at most ${maximumPasswordLength} characters.`,
  'about-you': 'The password must not be the name of the person, the company or the provider.',
  common: 'The password is one of those that everybody tries first.',
  unchanged: 'The password is the old one.',
};

function refused(fault: PasswordFault | 'several-lines'): SecondringError {
  return new SecondringError('not-understood', sentences[fault], {
    hint: 'Send another on standard input, as in: secondring account add … --password-stdin < FILE',
  });
}
