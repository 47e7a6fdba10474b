// Signing out at a panel ends our session, whichever of the two cookies names it, before the answer goes out; and
// nothing is signed out by a link that somebody else wrote.

import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Ports } from '#core/ports.ts';
import { sessionOfToken, signOut } from '#flows/fetch-session.ts';
import { type Cookies, parseCookies } from '../cookies.ts';
import type { OidcPages } from './pages.ts';

type Next = () => Promise<void>;

/**
 * Without a signed-in session of its own the library would answer a sign-out with a page that sends itself. We ask,
 * if the browser has a session of ours, and otherwise send it back where the panel registered.
 */
export function signOutWithoutLibrary(ports: Ports, cookies: Cookies, pages: OidcPages, provider: Provider) {
  return async (context: KoaContextWithOIDC, next: Next): Promise<void> => {
    if (context.path !== '/oidc/sign-out') return next();
    const sent = parseCookies(context.req.headers.cookie);
    const id = sent.get(cookies.nameOf('oidcSession'));
    const known = id === undefined ? undefined : await provider.Session.find(id);
    if (known?.accountId !== undefined) return next();
    const ours = await sessionOfToken(ports, cookies.read(sent, 'session'));
    if (ours !== undefined) return pages.renderOwnSignOut(context);
    context.status = 303;
    context.redirect(await whereTo(ports, context.query));
  };
}

/** Ends our session once the library has ended its own. */
export function endOurSession(ports: Ports, cookies: Cookies) {
  return async (context: KoaContextWithOIDC, next: Next): Promise<void> => {
    await next();
    const session = context.oidc?.session as
      | { readonly uid: string; readonly destroyed?: boolean }
      | undefined;
    if (session?.destroyed !== true) return;
    const token = cookies.read(parseCookies(context.req.headers.cookie), 'session');
    const named = await ports.store.sessionById(session.uid, ports.nowMs());
    const held = await sessionOfToken(ports, token);
    for (const one of new Map([named, held].flatMap((ours) => (ours ? [[ours.id, ours]] : []))).values()) {
      await signOut(ports, one, visitorOf(context));
    }
    context.append('set-cookie', cookies.write({ cookie: 'session', value: '' }));
  };
}

/** The address is the one that mount.ts found. */
function visitorOf({ ip, req }: KoaContextWithOIDC) {
  return { address: ip, userAgent: req.headers['user-agent'] ?? '' };
}

/** The registered address of the panel that asks (OIDC RP-Initiated Logout 3), or our own page. */
async function whereTo(ports: Ports, query: KoaContextWithOIDC['query']): Promise<string> {
  const { client_id: clientId, post_logout_redirect_uri: wanted, state } = query;
  if (typeof clientId !== 'string' || typeof wanted !== 'string') return '/signed-out';
  const view = await ports.store.client(clientId);
  if (view === undefined || !view.client.postLogoutRedirectUris.includes(wanted)) return '/signed-out';
  const target = new URL(wanted);
  if (typeof state === 'string') target.searchParams.set('state', state);
  return target.href;
}
