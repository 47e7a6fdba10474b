// The OIDC library comes with the first request that needs it: it takes a seventh of the memory of a process at rest
// and a third of the time to start, and who has no panels yet needs none of it.

import type { Provider } from 'oidc-provider';

/** The library, configured; every call gives the same. */
export type OidcLibrary = () => Promise<Provider>;

/** Loads at the first call. A load that failed is tried again at the next one. */
export function loadedOnce<Loaded>(load: () => Promise<Loaded>): () => Promise<Loaded> {
  let loading: Promise<Loaded> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
