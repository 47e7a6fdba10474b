// When an authorization request is answered at once and when the person is asked: the library's own checks, and
// ours, which asks our session (the one row that is the truth) whether its proofs are enough.

import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { assuranceOf, meets } from '#core/assurance.ts';
import type { Ports } from '#core/ports.ts';
import { opens, sessionOfToken } from '#flows/fetch-session.ts';
import { type Cookies, parseCookies } from '../cookies.ts';
import { essentialAcrs, type RequestParameters, wantsOf } from './wants.ts';

/** The library's prompts without consent (all applications are the provider's own) and with our check. */
export function createPrompts(ports: Ports, cookies: Cookies): interactionPolicy.DefaultPolicy {
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
      'login_required',
      (context) => needsSignIn(ports, cookies, context),
    ),
  );
  return prompts;
}

/**
 * Whether the person must be asked. The session that answers is the one that both our cookie and the library's name;
 * what an earlier sign-in left in the interaction counts only while its own session lives, and the proofs are looked
 * at in any case.
 */
async function needsSignIn(ports: Ports, cookies: Cookies, context: KoaContextWithOIDC): Promise<boolean> {
  const { oidc } = context;
  if (oidc.session?.accountId === undefined) return false;
  const token = cookies.read(parseCookies(context.req.headers.cookie), 'session');
  const session = await sessionOfToken(ports, token);
  const view = await ports.store.client(oidc.client?.clientId ?? '');
  if (session === undefined || view === undefined || session.id !== oidc.session.uid) return true;

  const parameters: RequestParameters = oidc.params ?? {};
  const answered = oidc.result?.login as { readonly sessionId?: string } | undefined;
  if (answered === undefined) return !opens(session, view.application, wantsOf(parameters, ports.nowMs()));
  if (answered.sessionId !== session.id) return true;

  const askedAtMs = (oidc.entities.Interaction?.iat ?? 0) * 1000;
  const { freshSinceMs } = wantsOf(parameters, askedAtMs);
  if (!opens(session, view.application, freshSinceMs === undefined ? {} : { freshSinceMs })) return true;
  const held = assuranceOf(session.proofs);
  const essential = essentialAcrs(parameters);
  if (essential === undefined || essential.some((wanted) => meets(held, wanted))) return false;
  throw new errors.UnmetAuthenticationRequirements(
    'the requested assurance cannot be reached by this account',
  );
}
