// Use case: a browser comes to sign in to an application.

import { ownPagesApplicationId } from '#core/application.ts';
import { SecondringError } from '#core/errors.ts';
import type { Wants } from '#core/policy.ts';
import type { Ports } from '#core/ports.ts';
import { beginSignIn, type SignIn } from '#core/sign-in.ts';
import { hashOfToken, newId, newToken, type Visitor } from './visitor.ts';

export interface BegunSignIn {
  readonly signIn: SignIn;
  /** The browser's key: the one it has, or a new one to be set as its cookie. */
  readonly browserKey: string;
}

/**
 * Begins a sign-in to our own pages, or to the application of an OIDC interaction.
 * @throws SecondringError `not-found` for an application that is not there
 */
export async function begin(
  ports: Ports,
  visitor: Visitor,
  request: { readonly applicationId?: string; readonly interaction?: string; readonly wants?: Wants },
): Promise<BegunSignIn> {
  const application = await ports.store.application(request.applicationId ?? ownPagesApplicationId);
  if (application === undefined) throw new SecondringError('not-found', 'There is no such application.');
  const browserKey = visitor.browserKey ?? newToken(ports);
  const signIn = beginSignIn({
    id: newId(ports),
    application,
    wants: request.wants ?? {},
    interaction: request.interaction,
    nowMs: ports.nowMs(),
  });
  await ports.store.commit([{ change: 'sign-in.begin', signIn, browserKeyHash: hashOfToken(browserKey) }]);
  return { signIn, browserKey };
}
