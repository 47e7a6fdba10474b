// Use case: the provider wants another password, and the person chooses it inside their sign-in.

import type { PasswordFault } from '#core/password.ts';
import type { Ports } from '#core/ports.ts';
import { acceptNewPassword } from '#core/sign-in.ts';
import { generateTotpKey } from '#factors/totp/totp.ts';
import { loadSignIn, passwordSituationOf } from './load-sign-in.ts';
import { checkNewPassword } from './new-password.ts';
import { type Outcome, settleDecision } from './outcome.ts';
import { circumstancesOf, networkOf, type Visitor } from './visitor.ts';

/** Takes the new password of a sign-in that waits for one. */
export async function changePassword(
  ports: Ports,
  visitor: Visitor,
  signInId: string,
  typed: unknown,
): Promise<Outcome | { readonly outcome: 'unacceptable'; readonly fault: PasswordFault }> {
  const view = await loadSignIn(ports, visitor, signInId);
  const { account, company } = view;
  if (view.signIn.state !== 'change-password') return { outcome: 'overtaken' };
  if (account === undefined || company === undefined) return { outcome: 'overtaken' };
  const around = { username: account.username, companyName: company.name };
  const chosen = await checkNewPassword(ports, typed, around);
  if (chosen.fault !== undefined) return { outcome: 'unacceptable', fault: chosen.fault };

  const network = networkOf(visitor.address);
  ports.slowHash.ensureRoom(network);
  const current = await ports.store.account(account.id);
  if (current === undefined) return { outcome: 'overtaken' };
  // Whoever knows the password that is to be changed would know this one, too.
  if (await ports.slowHash.verify(chosen.password, current.passwordHash, network)) {
    return { outcome: 'unacceptable', fault: 'unchanged' };
  }
  const passwordHash = await ports.slowHash.hash(chosen.password);
  const situation = await passwordSituationOf(ports, visitor, view);
  const circumstances = circumstancesOf(ports, visitor);
  const newSecret = () => generateTotpKey(ports.random);
  const decision =
    situation && acceptNewPassword(view.signIn, passwordHash, situation, newSecret, circumstances);
  if (decision === undefined) return { outcome: 'overtaken' };
  const settled = await settleDecision(ports, visitor, decision, [], circumstances);
  return settled.outcome === 'condition' ? { outcome: 'overtaken' } : settled;
}
