// Where an authorization request meets a sign-in: it begins one, or is answered with the session the browser has;
// and with the session that a sign-in brought it goes on.

import type { Provider } from 'oidc-provider';
import { amrOf, assuranceOf, authTimeSeconds } from '#core/assurance.ts';
import { SecondringError } from '#core/errors.ts';
import type { Ports, SessionView } from '#core/ports.ts';
import { type BegunSignIn, begin, beginStepUp } from '#flows/begin-sign-in.ts';
import { opens, sessionOf } from '#flows/fetch-session.ts';
import { newToken } from '#flows/visitor.ts';
import type { Interactions } from '../interactions.ts';
import { type Answer, beginning, get, type PageRequest, type Route, redirect } from '../route.ts';
import type { OidcLibrary } from './loaded-once.ts';
import { wantsOf } from './wants.ts';

/** The routes of interactions; the library sends browsers here. */
export function interactionRoutes(ports: Ports, library: OidcLibrary): readonly Route[] {
  return [beginning(get('/oidc/interaction/:uid', (request) => meet(ports, library, request)))];
}

/** Hands completed sign-ins back to the library. */
export function createInteractions(ports: Ports, library: OidcLibrary): Interactions {
  return {
    async finish(uid, session) {
      const provider = await library();
      const interaction = await provider.Interaction.find(uid);
      return interaction === undefined ? undefined : answer(ports, provider, interaction, session);
    },
  };
}

type Interaction = InstanceType<Provider['Interaction']>;

async function meet(ports: Ports, library: OidcLibrary, request: PageRequest): Promise<Answer> {
  const provider = await library();
  const uid = request.parameters['uid'] ?? '';
  const interaction = await provider.Interaction.find(uid);
  // The library's cookie is scoped to this very path: only the browser that made the request has it.
  if (interaction === undefined || request.cookies.get(provider.cookieName('interaction')) !== uid) {
    throw new SecondringError('sign-in-unknown', 'This request was not made in this browser, or it is over.');
  }
  const view = await ports.store.client(String(interaction.params['client_id']));
  if (view === undefined)
    throw new SecondringError('not-found', 'The application is not registered any more.');

  // The library keeps whole seconds; what was proven within the second of the request may have been before it.
  const askedAtMs = ((interaction.iat ?? 0) + 1) * 1000;
  const wants = wantsOf(interaction.params, askedAtMs);
  const asked = { applicationId: view.application.id, interaction: uid, wants };
  const session = await sessionOf(ports, request.visitor);
  if (session === undefined) return lead(await begin(ports, request.visitor, asked));
  const isEnough = opens(session, view.application, wants);
  const begun = isEnough ? undefined : await beginStepUp(ports, request.visitor, session, asked);
  if (begun !== undefined) return lead(begun);
  // Nothing is missing, or nothing that this account could give: the panel is told what there is (OIDC Core 5.5.1.1).
  const { location, cookies } = await answer(ports, provider, interaction, session);
  return redirect(location, cookies);
}

function lead({ signIn, browserKey }: BegunSignIn): Answer {
  return redirect(`/sign-in/${signIn.id}`, [{ cookie: 'browser', value: browserKey }]);
}

/**
 * Gives the library a session of its own with our session's id for its `uid`, and the interaction its result. What
 * the interaction remembers of an earlier session is over.
 */
async function answer(ports: Ports, provider: Provider, interaction: Interaction, session: SessionView) {
  const nowSeconds = Math.floor(ports.nowMs() / 1000);
  const login = {
    accountId: session.accountId,
    ts: authTimeSeconds(session.proofs),
    amr: [...amrOf(session.proofs)],
    acr: assuranceOf(session.proofs) ?? '',
  };
  const jti = newToken(ports);
  const { ts: loginTs, ...known } = login;
  const librarySession = Object.assign(new provider.Session(), { jti, uid: session.id, loginTs, ...known });
  await librarySession.save(Math.max(1, Math.floor(session.expiresAtMs / 1000) - nowSeconds));

  interaction.result = { login: { ...login, sessionId: session.id, remember: true } };
  delete (interaction as { session?: unknown }).session;
  await interaction.save(Math.max(1, interaction.exp - nowSeconds));
  return { location: interaction.returnTo, cookies: [{ cookie: 'oidcSession', value: jti }] as const };
}
