// A panel of a provider, as its makers would write it: the third-party client `openid-client` does everything it can
// do (discovery, PKCE, state, nonce, iss, the ID token's signature), so that what it accepts is what others accept.

import * as oidc from 'openid-client';
import type { Person } from '../support/person.ts';
import type { ServiceUnderTest } from '../support/service-under-test.ts';
import type { WebAnswer } from '../support/web-client.ts';

export type Tokens = Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>;

/** One authorization request and what its answer is checked against. */
export interface Begun {
  readonly url: string;
  readonly codeVerifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly maxAge: number | undefined;
}

export interface Panel {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly url: string;
  readonly redirectUri: string;
  readonly config: oidc.Configuration;
  /** A request with everything a careful client sends, and the parameters given on top of it. */
  begin(parameters?: Readonly<Record<string, string>>): Promise<Begun>;
  /** Exchanges the answer that the browser brought. */
  finish(begun: Begun, answered: string): Promise<Tokens>;
  /** Has a person sign in from the first request to the tokens. */
  signIn(person: Person, parameters?: Readonly<Record<string, string>>): Promise<Tokens>;
  userInfo(tokens: Tokens): Promise<oidc.UserInfoResponse>;
  signOutUrl(tokens: Tokens): string;
}

/** Registers an application and connects its panel. */
export async function connectPanel(
  service: ServiceUnderTest,
  clientId: string,
  secondFactor: 'required' | 'optional' | 'none' = 'required',
  hearing: { readonly backchannelLogoutUri?: string } = {},
): Promise<Panel> {
  // Nothing listens there: browsers of tests stop before they leave the service.
  const url = `https://${clientId}.example`;
  const { clientSecret } = await service.addApplication({ clientId, secondFactor, url, ...hearing });
  const redirectUri = `${url}/callback`;
  const config = await oidc.discovery(
    new URL(service.origin),
    clientId,
    undefined,
    oidc.ClientSecretBasic(clientSecret),
    { execute: [oidc.allowInsecureRequests] },
  );

  async function begin(parameters: Readonly<Record<string, string>> = {}): Promise<Begun> {
    const codeVerifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const target = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile',
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...parameters,
    });
    const maxAge = parameters['max_age'] === undefined ? undefined : Number(parameters['max_age']);
    return { url: target.href, codeVerifier, state, nonce, maxAge };
  }

  function finish(begun: Begun, answered: string): Promise<Tokens> {
    return oidc.authorizationCodeGrant(config, new URL(answered), {
      pkceCodeVerifier: begun.codeVerifier,
      expectedState: begun.state,
      expectedNonce: begun.nonce,
      idTokenExpected: true,
      ...(begun.maxAge !== undefined && { maxAge: begun.maxAge }),
    });
  }

  return {
    clientId,
    clientSecret,
    url,
    redirectUri,
    config,
    begin,
    finish,
    async signIn(person, parameters) {
      const begun = await begin(parameters);
      return finish(begun, leftFor(await person.signIn(begun.url)));
    },
    userInfo: (tokens) =>
      oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? oidc.skipSubjectCheck),
    signOutUrl: (tokens) =>
      oidc.buildEndSessionUrl(config, {
        post_logout_redirect_uri: `${url}/signed-out`,
        id_token_hint: tokens.id_token ?? '',
      }).href,
  };
}

/** Where a browser was sent when it left the service. */
export function leftFor(answer: { readonly location: string | undefined; readonly text: string }): string {
  if (answer.location === undefined) throw new Error(`the browser did not leave: ${answer.text}`);
  return answer.location;
}

/** The parameters that an answer brought to the panel; those of a refused response type come in the fragment. */
export function answerIn(answer: {
  readonly location: string | undefined;
  readonly text: string;
}): URLSearchParams {
  const { search, hash } = new URL(leftFor(answer));
  return new URLSearchParams(search === '' ? hash.slice(1) : search);
}

/** Presses the button of the page that asks whether to sign out. */
export async function confirmSignOut(person: Person, page: WebAnswer): Promise<WebAnswer> {
  const xsrf = /name="xsrf" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
  return person.submit(page, '/confirm', { xsrf, logout: 'yes' });
}
