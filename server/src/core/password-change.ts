// What a new password brings with it, however it was chosen: whoever came in with the old one is out, every link to
// choose another is void, and the owner is told. All of it is one commit, so that there is no moment at which an old
// session outlives its password.

import type { Account } from './account.ts';
import type { Change } from './changes.ts';
import type { Correspondent } from './letter.ts';
import { addToOutbox } from './outbox.ts';
import { tellPanels } from './session.ts';

/** Replaces an account's password. It asks nothing itself: sign-in.ts calls it where everything was proven. */
export function replacePassword(
  input: {
    readonly signIn: { readonly id: string; readonly passwordResetId: string | undefined };
    readonly account: Account;
    readonly passwordHash: string;
    readonly correspondent: Correspondent | undefined;
  },
  { nowMs, mint }: { readonly nowMs: number; readonly mint: () => string },
): { readonly account: Account; readonly changes: readonly Change[] } {
  const { signIn, account, passwordHash, correspondent } = input;
  const { id: accountId, username, passwordRevision: expectedRevision } = account;
  const changes: Change[] = [
    { change: 'password.replace', accountId, passwordHash, expectedRevision },
    { change: 'session.end-all', accountId, reason: 'password-changed', nowMs },
    tellPanels(accountId, { nowMs, mint }),
    { change: 'sign-in.end-others', accountId, exceptId: signIn.id },
    { change: 'password-reset.clear', accountId, exceptId: signIn.passwordResetId },
  ];
  if (signIn.passwordResetId !== undefined) {
    changes.push({ change: 'password-reset.consume', id: signIn.passwordResetId, accountId, nowMs });
  }
  if (correspondent !== undefined) {
    const payload = { ...correspondent, username, letter: 'password-changed', atMs: nowMs } as const;
    changes.push(addToOutbox({ id: mint(), kind: 'mail', payload, nowMs }));
  }
  return {
    account: { ...account, mustChangePassword: false, passwordRevision: expectedRevision + 1 },
    changes,
  };
}
