// Every request on a sign-in begins here: the sign-in named in the URL, asked for by the browser that began it.
// Another browser's sign-in is as unknown as one that never was.

import { timingSafeEqual } from 'node:crypto';
import { SecondringError } from '#core/errors.ts';
import type { Ports, SignInView } from '#core/ports.ts';
import { isLive, leftKeyBehind, type Situation } from '#core/sign-in.ts';
import { correspondentOf } from './correspondent.ts';
import { hashOfToken, type Visitor } from './visitor.ts';

/**
 * @throws SecondringError `sign-in-unknown` when it is not this browser's, `sign-in-expired` when its time is over,
 *   `set-up-expired` when an app was being set up meanwhile
 */
export async function loadSignIn(ports: Ports, visitor: Visitor, id: string): Promise<SignInView> {
  const view = visitor.browserKey === undefined ? undefined : await ports.store.signIn(id);
  if (view === undefined || !timingSafeEqual(hashOfToken(visitor.browserKey ?? ''), view.browserKeyHash)) {
    throw new SecondringError('sign-in-unknown', 'This sign-in was not begun in this browser.');
  }
  // What is decided is to be seen for as long as it is kept: its session may live on, or have ended since.
  const isDecided = ['done', 'refused'].includes(view.signIn.state);
  if (!isDecided && !isLive(view.signIn, ports.nowMs())) {
    throw new SecondringError(
      leftKeyBehind(view.signIn) ? 'set-up-expired' : 'sign-in-expired',
      'This sign-in took longer than ten minutes, or made way for newer ones.',
    );
  }
  return view;
}

/** What decisions need to know about an account that gave its password; undefined before that. */
export async function situationOf(ports: Ports, view: SignInView) {
  const { application, account, company } = view;
  if (account === undefined || company === undefined) return undefined;
  // The arrangement was read before the authenticators, so a change in between is found at the commit.
  return { application, account, company, authenticators: await ports.store.authenticators(account.id) };
}

/** The same where the password may become another one: with the one that waits, and whom to tell. */
export async function passwordSituationOf(
  ports: Ports,
  visitor: Visitor,
  view: SignInView,
): Promise<Situation | undefined> {
  const situation = await situationOf(ports, view);
  if (situation === undefined) return undefined;
  const { passwordResetId } = view.signIn;
  const [waiting, correspondent] = await Promise.all([
    passwordResetId === undefined ? undefined : ports.store.waitingPassword(passwordResetId),
    correspondentOf(ports, visitor.language, situation.account.id),
  ]);
  const isOver = waiting === undefined || waiting.expiresAtMs <= ports.nowMs();
  return { ...situation, correspondent, waiting: isOver ? undefined : waiting };
}
