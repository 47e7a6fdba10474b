// The whole service as one request listener: pages and the OIDC library side by side, behind the same host check.

import type { RequestListener } from 'node:http';
import type { Ports, SigningKey } from '#core/ports.ts';
import { signingKeys } from '#flows/signing-keys.ts';
import { createApp, type Desk, routesOf } from './app.ts';
import { loadAssets } from './assets/assets.ts';
import { createAddressReader } from './checks/address.ts';
import { createCrowdCheck } from './checks/crowd.ts';
import { createCookies } from './cookies.ts';
import { oidcListener } from './oidc/mount.ts';
import { createOidcPages } from './oidc/pages.ts';
import { createProvider } from './oidc/provider.ts';
import { createPageContextReader } from './page-context.ts';

export interface ListenerOptions {
  readonly ports: Ports;
  /** Origin, as configured. */
  readonly publicUrl: string;
  readonly providerName: string;
  readonly trustedProxies: readonly string[];
}

export interface ServiceListener {
  readonly listener: RequestListener;
  /** Reads which keys are published and which one signs, and goes on with those from the next request on. */
  readonly refreshSigningKeys: () => Promise<void>;
}

/** Builds the listener. */
export async function createListener(options: ListenerOptions): Promise<ServiceListener> {
  const { ports, publicUrl, providerName } = options;
  const { protocol, host } = new URL(publicUrl);
  const isSecure = protocol === 'https:';
  const cookies = createCookies(isSecure);
  const assets = loadAssets();
  const pageContext = createPageContextReader({ providerName, cookies, assets });
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
  const pages = createOidcPages(isSecure, (request) =>
    pageContext(request, pathOf(request.url), new URLSearchParams()),
  );
  const read = () => signingKeys(ports);
  const namesOf = (keys: readonly SigningKey[]) => keys.map(({ id }) => id).join();
  const build = async (keys: readonly SigningKey[]) => {
    const provider = await createProvider(ports, { publicUrl, cookies, pages, signingKeys: keys });
    const serveOidc = oidcListener(provider, publicUrl, desk.addressOf);
    return createApp(desk, routesOf(ports, provider), serveOidc);
  };
  const first = await read();
  let names = namesOf(first);
  let serve = await build(first);
  return {
    listener: (request, response) => void serve(request, response),
    async refreshSigningKeys() {
      const keys = await read();
      if (namesOf(keys) === names) return;
      // The library takes its keys once; everything else it keeps is in the store, so that another one goes on.
      serve = await build(keys);
      names = namesOf(keys);
    },
  };
}

function pathOf(url: string | undefined): string {
  return (url ?? '/').split('?', 1)[0] ?? '/';
}
