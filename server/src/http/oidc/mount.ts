// Puts the OIDC library beside the pages: its paths go to it, with our headers, and with host, protocol and address
// as the configuration has them rather than as a request claims them.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { pageHeaders } from '../headers.ts';
import type { OidcLibrary } from './loaded-once.ts';

/** Where authorization requests come in. */
export const authorizePath = '/oidc/authorize';

/** Whether a path is the library's. */
export function isOidcPath(path: string): boolean {
  return (
    (path.startsWith('/oidc/') && !path.startsWith('/oidc/interaction/')) ||
    path === '/.well-known/openid-configuration'
  );
}

const routes: ReadonlySet<string> = new Set([
  '/oidc/authorize',
  '/oidc/token',
  '/oidc/userinfo',
  '/oidc/jwks',
  '/oidc/sign-out',
  '/oidc/sign-out/confirm',
  '/oidc/sign-out/success',
  '/.well-known/openid-configuration',
]);

/** The pattern of the route that a path of the library belongs to. */
export function oidcRouteOf(path: string): string {
  if (routes.has(path)) return path;
  return path.startsWith('/oidc/authorize/') ? '/oidc/authorize/:uid' : '/oidc/other';
}

/** A listener that gives the library its requests. */
export function oidcListener(
  library: OidcLibrary,
  publicUrl: string,
  addressOf: (remoteAddress: string | undefined, forwarded: string | undefined) => string,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { protocol, host } = new URL(publicUrl);
  const headers = Object.entries(pageHeaders(protocol === 'https:'));
  let served: { readonly provider: Provider; readonly handle: RequestListener } | undefined;
  /** With other signing keys the library is another one. */
  const handlerOf = (provider: Provider): RequestListener => {
    if (served?.provider !== provider) served = { provider, handle: provider.callback() };
    return served.handle;
  };
  return async (request, response) => {
    const handle = handlerOf(await library());
    for (const [name, value] of headers) response.setHeader(name, value);
    request.headers.host = host;
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    delete request.headers['x-forwarded-host'];
    const forwarded = request.headers['x-forwarded-for'];
    const chain = Array.isArray(forwarded) ? forwarded.join(',') : forwarded;
    request.headers['x-forwarded-for'] = addressOf(request.socket.remoteAddress, chain);
    handle(request, response);
  };
}
