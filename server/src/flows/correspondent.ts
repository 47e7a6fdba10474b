// Where the owner of an account is written to, if there is a way at all.

import type { Correspondent, Language } from '#core/letter.ts';
import type { Ports } from '#core/ports.ts';

/** Undefined: the account has no address, or the provider has set up no mail. */
export async function correspondentOf(
  ports: Ports,
  language: Language,
  accountId: string,
): Promise<Correspondent | undefined> {
  if (ports.mailer === undefined) return undefined;
  const address = await ports.store.address(accountId);
  return address === undefined ? undefined : { address, language };
}
