// The OIDC library, configured: authorization code with PKCE, nothing else (RFC 9700 section 2.1). Its sessions have
// our session's id for their `uid`, so that everything it gives out lives and dies with our session.

import { type Configuration, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { assuranceLevels } from '#core/assurance.ts';
import type { Ports, SigningKey } from '#core/ports.ts';
import { sessionLifeMs } from '#core/session.ts';
import { privateJwkOf } from '#flows/signing-keys.ts';
import type { Cookies } from '../cookies.ts';
import { createAdapter } from './adapter.ts';
import { compareSecretsByHash } from './client.ts';
import { authorizePath } from './mount.ts';
import type { OidcPages } from './pages.ts';
import { createPrompts } from './prompts.ts';
import { nameBySession } from './session-names.ts';
import { endOurSession, signOutWithoutLibrary } from './sign-out.ts';

const sessionLifeSeconds = sessionLifeMs / 1000;

/** Lifetimes in seconds (security.md §6). */
const lifetimes = {
  AuthorizationCode: 60,
  AccessToken: 5 * 60,
  IdToken: 5 * 60,
  Interaction: 10 * 60,
  Grant: sessionLifeSeconds,
};

/**
 * Builds the provider.
 * @param options.keys what tokens are signed with, the newest first
 */
export function createProvider(
  ports: Ports,
  options: {
    readonly publicUrl: string;
    readonly cookies: Cookies;
    readonly pages: OidcPages;
    /** The one that signs first. */
    readonly signingKeys: readonly SigningKey[];
  },
): Provider {
  const { publicUrl, cookies, pages } = options;
  const configuration: Configuration = {
    adapter: (model) => createAdapter(ports, model),
    jwks: { keys: options.signingKeys.map(privateJwkOf) },
    routes: {
      authorization: authorizePath,
      token: '/oidc/token',
      userinfo: '/oidc/userinfo',
      jwks: '/oidc/jwks',
      end_session: '/oidc/sign-out',
    },
    cookies: {
      names: {
        session: cookies.nameOf('oidcSession'),
        interaction: 'secondring-interaction',
        resume: 'secondring-resume',
      },
      long: { httpOnly: true, sameSite: 'lax', path: '/', secure: publicUrl.startsWith('https:') },
      short: { httpOnly: true, sameSite: 'lax' },
      // What the cookies hold are random identifiers of 256 bits; a signature would add nothing.
      keys: [],
    },
    ttl: {
      ...lifetimes,
      // Before anybody signed in the library's session is worth nothing and must not be kept for long.
      Session: (_context, session) =>
        session.accountId === undefined ? lifetimes.Interaction : sessionLifeSeconds,
    },
    responseTypes: ['code'],
    discovery: { response_modes_supported: ['query'] },
    // All that is fetched is a panel's address for logout tokens, which the operator registered; panels may well stand in
    // the provider's own network, where the library's dispatcher would not go.
    fetch: (url, options = {}) => fetch(url, withoutDispatcher(options)),
    scopes: ['openid', 'profile'],
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time'],
      profile: ['preferred_username', 'company'],
    },
    acrValues: [...assuranceLevels],
    clientAuthMethods: ['client_secret_basic'],
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    expiresWithSession: () => true,
    findAccount: (context, _id, token) => findAccount(ports, context, token),
    loadExistingGrant,
    interactions: {
      policy: createPrompts(ports, cookies),
      url: (_context, interaction) => `/oidc/interaction/${interaction.uid}`,
    },
    renderError: (context, out, error) => pages.renderError(context, out, error),
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      // Who is told of an ended session, and that they are told, is ours to see to: see flows/end-session.ts.
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context) => pages.renderSignOut(context),
        postLogoutSuccessSource: (context) => pages.renderSignedOut(context),
      },
    },
  };
  const provider = new Provider(publicUrl, configuration);
  // Host and protocol are set from the configuration before a request gets here; see mount.ts.
  provider.proxy = true;
  compareSecretsByHash(provider);
  nameBySession(provider);
  provider.use((context, next) => refuseOtherResponseModes(pages, context as KoaContextWithOIDC, next));
  const signOutFirst = signOutWithoutLibrary(ports, cookies, pages, provider);
  const signOutThen = endOurSession(ports, cookies);
  provider.use((context, next) => signOutFirst(context as KoaContextWithOIDC, next));
  provider.use((context, next) => signOutThen(context as KoaContextWithOIDC, next));
  provider.on('server_error', (_context, error) => void pages.incidentOf(error));
  return provider;
}

function withoutDispatcher({ dispatcher: _, ...options }: RequestInit): RequestInit {
  return options;
}

async function findAccount(ports: Ports, context: KoaContextWithOIDC, token: unknown) {
  const { sessionUid } = (token ?? {}) as { sessionUid?: string };
  const session = await ports.store.sessionById(sessionUid ?? context.oidc.session?.uid ?? '', ports.nowMs());
  if (session === undefined) return undefined;
  return {
    accountId: session.accountId,
    claims: async () => ({
      sub: session.accountId,
      preferred_username: session.username,
      company: session.companyName,
    }),
  };
}

/** Every application is the provider's own and gets what it asks for; nobody is asked for consent to that. */
async function loadExistingGrant(context: KoaContextWithOIDC) {
  const { oidc } = context;
  const clientId = oidc.client?.clientId ?? '';
  const jti = oidc.session?.grantIdFor(clientId);
  if (jti === undefined) return undefined;
  const found = await oidc.provider.Grant.find(jti);
  if (found !== undefined) return found;
  const grant = Object.assign(
    new oidc.provider.Grant({ clientId, accountId: oidc.session?.accountId ?? '' }),
    { jti },
  );
  grant.addOIDCScope('openid profile');
  await grant.save();
  return grant;
}

/** Answers go back in the address and no other way: the library's page for form_post runs a script of its own. */
async function refuseOtherResponseModes(
  pages: OidcPages,
  context: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  const isAuthorization = context.path === authorizePath;
  const mode = context.query['response_mode'];
  if (!isAuthorization || mode === undefined || mode === 'query') return next();
  context.status = 400;
  const description = 'the only response_mode is query';
  await pages.renderError(context, { error: 'unsupported_response_mode', error_description: description });
}
