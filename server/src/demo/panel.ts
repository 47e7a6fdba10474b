// A panel of the demo: a real OIDC client on an origin of its own, as a provider's panel would be. It shows who came
// in, how, and when, and forgets them when it is told that their session ended.

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { createPanelPages, type PanelKind, type PanelVisitor } from './panel-pages.ts';

export interface PanelOptions {
  readonly kind: PanelKind;
  readonly url: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface Panel {
  close(): Promise<void>;
}

interface Pending {
  readonly codeVerifier: string;
  readonly state: string;
  readonly nonce: string;
}

/** The event of a logout token (OIDC Back-Channel Logout 1.0, section 2.4). */
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
const longestBody = 16 * 1024;

/** Starts the panel. */
export async function startPanel(options: PanelOptions): Promise<Panel> {
  const config = await oidc.discovery(
    new URL(options.issuer),
    options.clientId,
    undefined,
    oidc.ClientSecretBasic(options.clientSecret),
    { execute: [oidc.allowInsecureRequests] },
  );
  const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri ?? ''));
  const pages = createPanelPages(options.kind);
  const cookieName = options.clientId;
  const pending = new Map<string, Pending>();
  const visitors = new Map<string, PanelVisitor>();
  const redirectUri = `${options.url}/callback`;

  async function signIn(response: ServerResponse): Promise<void> {
    const codeVerifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    // Each tab's request has a cookie of its own, so that two of them do not disturb each other.
    pending.set(newCookie(response, pendingName(cookieName, state)), { codeVerifier, state, nonce });
    const target = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile',
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    redirect(response, target.href);
  }

  async function callback(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const state = new URL(request.url ?? '/', options.url).searchParams.get('state') ?? '';
    const key = cookieOf(request, pendingName(cookieName, state));
    const begun = key === undefined ? undefined : pending.get(key);
    if (begun === undefined) return redirect(response, '/');
    pending.delete(key ?? '');
    const tokens = await oidc.authorizationCodeGrant(config, new URL(request.url ?? '/', options.url), {
      pkceCodeVerifier: begun.codeVerifier,
      expectedState: begun.state,
      expectedNonce: begun.nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw new Error('there is no ID token');
    const person = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    visitors.set(newCookie(response, cookieName), {
      username: String(person.preferred_username),
      company: String(person['company']),
      amr: (claims['amr'] ?? []) as string[],
      acr: String(claims['acr']),
      authTime: new Date(Number(claims['auth_time']) * 1000),
      idToken: tokens.id_token ?? '',
      sid: String(claims['sid']),
    });
    redirect(response, '/');
  }

  function signOut(request: IncomingMessage, response: ServerResponse): void {
    const key = cookieOf(request, cookieName) ?? '';
    const visitor = visitors.get(key);
    visitors.delete(key);
    const target = oidc.buildEndSessionUrl(config, {
      post_logout_redirect_uri: `${options.url}/`,
      ...(visitor && { id_token_hint: visitor.idToken }),
    });
    redirect(response, target.href);
  }

  /** The person's session ended, here or at another panel (OIDC Back-Channel Logout 1.0, sections 2.5 to 2.8). */
  async function backChannelLogout(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = new URLSearchParams(await bodyOf(request)).get('logout_token') ?? '';
    const { issuer, clientId: audience } = options;
    const verified = await jwtVerify(token, keys, { issuer, audience, typ: 'logout+jwt' }).catch(
      () => undefined,
    );
    const events = verified?.payload['events'] as Readonly<Record<string, unknown>> | undefined;
    if (verified === undefined || events?.[logoutEvent] === undefined || 'nonce' in verified.payload) {
      response.writeHead(400, { 'cache-control': 'no-store' }).end();
      return;
    }
    for (const [key, { sid }] of visitors) if (sid === verified.payload['sid']) visitors.delete(key);
    response.writeHead(200, { 'cache-control': 'no-store' }).end();
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', options.url).pathname;
    const language = /^\s*nl\b/i.test(request.headers['accept-language'] ?? '') ? 'nl' : 'en';
    if (path === '/' && request.method === 'GET') {
      const visitor = visitors.get(cookieOf(request, cookieName) ?? '');
      const html = visitor === undefined ? pages.strangerPage(language) : pages.panelPage(language, visitor);
      return sendPage(response, html);
    }
    if (path === '/style.css') return send(response, 'text/css; charset=utf-8', pages.stylesheet);
    if (path === '/sign-in' && request.method === 'POST') return signIn(response);
    if (path === '/callback') {
      return callback(request, response).catch((error: Error) =>
        sendPage(response, pages.troublePage(language, error.message)),
      );
    }
    if (path === '/sign-out' && request.method === 'POST') return signOut(request, response);
    if (path === '/back-channel-logout' && request.method === 'POST')
      return backChannelLogout(request, response);
    response.writeHead(404).end();
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(new URL(options.url).port), '127.0.0.1', resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pendingName(cookieName: string, state: string): string {
  return `${cookieName}-${state.replaceAll(/[^\w-]/g, '')}`;
}

function newCookie(response: ServerResponse, name: string): string {
  const value = randomBytes(32).toString('base64url');
  response.appendHeader('set-cookie', `${name}=${value}; Path=/; HttpOnly; SameSite=Lax`);
  return value;
}

function cookieOf(request: IncomingMessage, name: string): string | undefined {
  return new RegExp(`(?:^|;\\s*)${name}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1];
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const piece of request) {
    body += String(piece);
    if (body.length > longestBody) throw new Error('too much was sent');
  }
  return body;
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store' }).end();
}

function sendPage(response: ServerResponse, html: string): void {
  response.setHeader('cache-control', 'no-store');
  send(response, 'text/html; charset=utf-8', html);
}

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(body);
}
