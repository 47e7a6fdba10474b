// Use case: somebody follows the mailed link and chooses a new password. It is not in force by that: it waits until
// a factor is proven in a sign-in (core/password-reset.ts).

import type { PasswordFault } from '#core/password.ts';
import { chooseResetPassword, isChoosable } from '#core/password-reset.ts';
import type { PasswordResetView, Ports } from '#core/ports.ts';
import { checkNewPassword } from './new-password.ts';
import { hashOfToken, networkOf, newId, personalOf, type Visitor } from './visitor.ts';

/** Tokens as `newToken` makes them. */
const tokenPattern = /^[\w-]{43}$/;

/** What a link leads to; undefined: to nothing, for whatever reason. */
export async function lookAtReset(ports: Ports, token: string): Promise<PasswordResetView | undefined> {
  if (!tokenPattern.test(token)) return undefined;
  const view = await ports.store.passwordReset(hashOfToken(token));
  return view !== undefined && isChoosable(view.reset, view.account, ports.nowMs()) ? view : undefined;
}

export type ResetOutcome =
  | { readonly outcome: 'chosen' }
  /** The link was used, is over, or never was. */
  | { readonly outcome: 'void' }
  | { readonly outcome: 'refused'; readonly fault: PasswordFault; readonly username: string };

/** Takes the new password of a link. */
export async function choosePassword(
  ports: Ports,
  visitor: Visitor,
  token: string,
  typed: unknown,
): Promise<ResetOutcome> {
  const view = await lookAtReset(ports, token);
  if (view === undefined) return { outcome: 'void' };
  const { reset, account, company } = view;
  const { username } = account;
  const chosen = await checkNewPassword(ports, typed, { username, companyName: company.name });
  if (chosen.fault !== undefined) return { outcome: 'refused', fault: chosen.fault, username };
  const network = networkOf(visitor.address);
  ports.slowHash.ensureRoom(network);
  const passwordHash = await ports.slowHash.hash(chosen.password);
  const nowMs = ports.nowMs();
  const { committed } = await ports.store.commit([
    ...chooseResetPassword(reset, passwordHash, nowMs),
    {
      change: 'audit.append',
      event: {
        id: newId(ports),
        atMs: nowMs,
        event: 'password-reset.chosen',
        companyId: account.companyId,
        accountId: account.id,
        facts: { resetId: reset.id },
        personal: personalOf(visitor),
      },
    },
  ]);
  return { outcome: committed ? 'chosen' : 'void' };
}
