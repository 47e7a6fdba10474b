// The company that an operator means: by its identifier, or by its name where only one has it.

import type { Company } from '#core/account.ts';
import { SecondringError } from '#core/errors.ts';
import type { Store } from '#core/ports.ts';

/** @throws SecondringError `not-found` */
export async function findCompany(store: Store, typed: string): Promise<Company> {
  const companies = await store.companies();
  const byId = companies.find(({ id }) => id === typed);
  if (byId !== undefined) return byId;
  const [named, second] = companies.filter(({ name }) => name === typed);
  if (named !== undefined && second === undefined) return named;
  const why =
    named === undefined ? `There is no company ${typed}.` : `Several companies are called ${typed}.`;
  throw new SecondringError('not-found', why, {
    hint:
      named === undefined
        ? 'secondring company list shows them; secondring company add --name NAME makes one.'
        : 'Give its identifier, which secondring company list shows.',
  });
}
