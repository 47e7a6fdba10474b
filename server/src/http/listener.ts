// The whole service as one request listener: pages and the OIDC library side by side, behind the same host check.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Deliver, Ports, SigningKey, StaffProcess } from '#core/ports.ts';
import { signingKeys } from '#flows/signing-keys.ts';
import { createApp, type Desk, routesOf } from './app.ts';
import { loadAssets } from './assets/assets.ts';
import { createAddressReader } from './checks/address.ts';
import { createCrowdCheck } from './checks/crowd.ts';
import { createCookies } from './cookies.ts';
import { type AskReadiness, healthListener, isHealthPath } from './health/health.ts';
import { tellByBackChannel } from './oidc/back-channel.ts';
import { loadedOnce, type OidcLibrary } from './oidc/loaded-once.ts';
import { oidcListener } from './oidc/mount.ts';
import { createOidcPages } from './oidc/pages.ts';
import { createPageContextReader } from './page-context.ts';
import type { Route } from './route.ts';

export interface ListenerOptions {
  readonly ports: Ports;
  readonly staff: StaffProcess;
  /** Origin, as configured. */
  readonly publicUrl: string;
  readonly providerName: string;
  /** The number of support as people read it, for the sentences that say to call. */
  readonly supportPhone: string | undefined;
  readonly trustedProxies: readonly string[];
  /** Routes beside the service's own, under the same checks. */
  readonly more: readonly Route[];
  readonly askReadiness: AskReadiness;
  /** Hears of every request once it is over. */
  readonly onAnswered: (answered: AnsweredRequest) => void;
}

export interface AnsweredRequest {
  readonly method: string;
  /** The pattern of its route, never its path. */
  readonly route: string;
  /** 0: the client went away before it had its answer. */
  readonly status: number;
  readonly durationMs: number;
}

export interface Listener {
  readonly listener: RequestListener;
  /** Reads which keys are published and which one signs, and goes on with those from the next request on. */
  readonly refreshSigningKeys: () => Promise<void>;
  /** Tells a panel that a session ended. */
  readonly tellPanel: Deliver<'back-channel-logout'>;
}

/** Builds the listener. */
export async function createListener(options: ListenerOptions): Promise<Listener> {
  const { ports, staff, publicUrl, providerName, supportPhone } = options;
  const { protocol, host } = new URL(publicUrl);
  const isSecure = protocol === 'https:';
  const cookies = createCookies(isSecure);
  const assets = loadAssets();
  const pageContext = createPageContextReader({ providerName, supportPhone, cookies, assets });
  const desk: Desk = {
    publicUrl,
    publicHost: host,
    isSecure,
    cookies,
    assets,
    pageContext,
    addressOf: createAddressReader(options.trustedProxies),
    checkCrowd: createCrowdCheck(ports.nowMs),
    log: ports.log,
  };
  const pages = createOidcPages(
    isSecure,
    (request) => pageContext(request, ...addressOf(request.url)),
    ports.log,
  );
  const namesOf = (keys: readonly SigningKey[]) => keys.map(({ id }) => id).join();
  const libraryWith = (keys: readonly SigningKey[]): OidcLibrary =>
    loadedOnce(async () => {
      const { createProvider } = await import('./oidc/provider.ts');
      return createProvider(ports, { publicUrl, cookies, pages, signingKeys: keys });
    });
  // Read at the start, so that a key that cannot be made or opened is a fault of the start.
  const first = await signingKeys(ports);
  let names = namesOf(first);
  let current = libraryWith(first);
  const library: OidcLibrary = () => current();
  const serveOidc = oidcListener(library, publicUrl, desk.addressOf);
  const servePages = createApp(desk, [...routesOf(ports, library, staff), ...options.more], serveOidc);
  const serveHealth = healthListener(options.askReadiness, isSecure);

  /** Serves a request. Returns how to learn the pattern of its route once it is over. */
  function serve(request: IncomingMessage, response: ServerResponse): () => string {
    const path = pathOf(request.url);
    if (isHealthPath(path)) {
      serveHealth(request, response);
      return () => path;
    }
    let route = 'none';
    const setRoute = (found: string) => {
      route = found;
    };
    servePages(request, response, setRoute).catch((error: unknown) => {
      ports.log.error({ error: String(error) }, 'a request could not even be refused');
      response.destroy();
    });
    return () => route;
  }

  async function refreshSigningKeys(): Promise<void> {
    const keys = await signingKeys(ports);
    if (namesOf(keys) === names) return;
    // The library takes its keys once; everything else it keeps is in the store, so that another one goes on.
    current = libraryWith(keys);
    names = namesOf(keys);
  }

  const listener: RequestListener = (request, response) => {
    const startedAtMs = performance.now();
    const routeOf = serve(request, response);
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : 0;
      const answered = { method: request.method ?? '', route: routeOf(), status };
      options.onAnswered({ ...answered, durationMs: performance.now() - startedAtMs });
    });
  };
  return { listener, refreshSigningKeys, tellPanel: tellByBackChannel(library) };
}

/** The address of a page of the library: what it was asked with has to be there again in another language. */
function addressOf(url: string | undefined): [path: string, query: URLSearchParams] {
  const [path = '/', asked = ''] = (url ?? '/').split('?', 2);
  const query = new URLSearchParams(asked);
  const kept = new URLSearchParams(asked);
  kept.delete('lang');
  return [kept.size === 0 ? path : `${path}?${kept}`, query];
}

function pathOf(url: string | undefined): string {
  return (url ?? '/').split('?', 1)[0] ?? '/';
}
