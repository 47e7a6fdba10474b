// Use case: a browser comes to sign in to an application, with nothing or with a session that is not enough for it.

import { type Application, ownPagesApplicationId } from '#core/application.ts';
import type { Change } from '#core/changes.ts';
import { SecondringError } from '#core/errors.ts';
import type { Wants } from '#core/policy.ts';
import type { Ports, SessionView } from '#core/ports.ts';
import { beginSignIn, type Decision, type SignIn, stepUp } from '#core/sign-in.ts';
import { generateTotpKey } from '#factors/totp/totp.ts';
import { circumstancesOf, hashOfToken, newId, newToken, type Visitor } from './visitor.ts';

export interface SignInRequest {
  readonly applicationId?: string;
  readonly interaction?: string;
  readonly wants?: Wants;
}

export interface BegunSignIn {
  readonly signIn: SignIn;
  /** The browser's key: the one it has, or a new one to be set as its cookie. */
  readonly browserKey: string;
}

/**
 * Begins a sign-in to our own pages, or to the application of an OIDC interaction.
 * @throws SecondringError `not-found` for an application that is not there
 */
export async function begin(ports: Ports, visitor: Visitor, request: SignInRequest): Promise<BegunSignIn> {
  const application = await applicationOf(ports, request);
  return commitBegun(ports, visitor, { next: begun(ports, application, request), changes: [] });
}

/**
 * Begins a sign-in in a browser whose session is not enough for the application: only what is missing is asked for.
 * @returns undefined when nothing is missing that could be asked for, so that the session has to do
 * @throws SecondringError `not-found` for an application that is not there
 */
export async function beginStepUp(
  ports: Ports,
  visitor: Visitor,
  session: SessionView,
  request: SignInRequest,
): Promise<BegunSignIn | undefined> {
  const application = await applicationOf(ports, request);
  const found = await ports.store.account(session.accountId);
  if (found === undefined || found.account.status !== 'active') return begin(ports, visitor, request);
  const decision = stepUp(
    begun(ports, application, request),
    session.proofs,
    { application, ...found, authenticators: await ports.store.authenticators(session.accountId) },
    () => generateTotpKey(ports.random),
    circumstancesOf(ports, visitor),
  );
  return decision.next.state === 'proven' ? undefined : commitBegun(ports, visitor, decision);
}

async function applicationOf(ports: Ports, { applicationId }: SignInRequest): Promise<Application> {
  const application = await ports.store.application(applicationId ?? ownPagesApplicationId);
  if (application === undefined) throw new SecondringError('not-found', 'There is no such application.');
  return application;
}

function begun(ports: Ports, application: Application, { wants = {}, interaction }: SignInRequest): SignIn {
  return beginSignIn({ id: newId(ports), application, wants, interaction, nowMs: ports.nowMs() });
}

async function commitBegun(
  ports: Ports,
  visitor: Visitor,
  { next, changes }: Decision,
): Promise<BegunSignIn> {
  const browserKey = visitor.browserKey ?? newToken(ports);
  const begin: Change = { change: 'sign-in.begin', signIn: next, browserKeyHash: hashOfToken(browserKey) };
  await ports.store.commit([begin, ...changes]);
  return { signIn: next, browserKey };
}
