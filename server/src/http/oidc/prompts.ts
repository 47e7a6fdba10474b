// When an authorization request is answered at once and when the person is asked: the library's own checks, and
// ours, which asks our session (the one row that is the truth) whether its proofs are enough.

import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { assuranceOf, meets } from '#core/assurance.ts';
import type { Ports } from '#core/ports.ts';
import { opens } from '#flows/fetch-session.ts';
import { essentialAcrs, wantsOf } from './wants.ts';

/** The library's prompts without consent (all applications are the provider's own) and with our check. */
export function createPrompts(ports: Ports): interactionPolicy.DefaultPolicy {
  const prompts = interactionPolicy.base();
  prompts.remove('consent');
  const login = prompts.get('login');
  // An unmet essential acr would have the library ask for ever; ours asks once and then says so.
  login?.checks.remove('essential_acrs');
  login?.checks.remove('essential_acr');
  login?.checks.add(
    new interactionPolicy.Check(
      'proofs',
      'the session does not have the proofs this application wants',
      (context) => needsSignIn(ports, context),
    ),
  );
  return prompts;
}

async function needsSignIn(ports: Ports, context: KoaContextWithOIDC): Promise<boolean> {
  const { oidc } = context;
  if (oidc.session?.accountId === undefined) return false;
  const session = await ports.store.sessionById(oidc.session.uid, ports.nowMs());
  const view = await ports.store.client(oidc.client?.clientId ?? '');
  if (session === undefined || view === undefined) return true;
  const hasJustSignedIn = oidc.result?.login !== undefined;
  const parameters = oidc.params ?? {};
  const essential = essentialAcrs(parameters);
  if (hasJustSignedIn) {
    const held = assuranceOf(session.proofs);
    if (essential === undefined || essential.some((wanted) => meets(held, wanted))) return false;
    throw new errors.UnmetAuthenticationRequirements(
      'the requested assurance cannot be reached by this account',
    );
  }
  return !opens(session, view.application, wantsOf(parameters, ports.nowMs()));
}
