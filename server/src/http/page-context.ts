// What every page is told about the request: the language, the provider's name, the assets.

import type { PageContext } from '#ui/layout.ts';
import { chooseLanguage } from '#ui/messages/messages.ts';
import type { Assets } from './assets/assets.ts';
import { type Cookies, parseCookies } from './cookies.ts';

export interface PageContextReader {
  /** @param path the page's own path, for the language links */
  (request: {
    readonly path: string;
    readonly chosenLanguage: string | null;
    readonly acceptLanguage: string | undefined;
    readonly cookieHeader: string | undefined;
  }): PageContext;
}

/** Makes the reader for one service. */
export function createPageContextReader(options: {
  readonly providerName: string;
  readonly cookies: Cookies;
  readonly assets: Assets;
}): PageContextReader {
  const { providerName, cookies } = options;
  const assets = { css: options.assets.css.path, script: options.assets.script.path };
  return ({ path, chosenLanguage, acceptLanguage, cookieHeader }) => {
    const chosen = chosenLanguage ?? cookies.read(parseCookies(cookieHeader), 'language');
    return { language: chooseLanguage(acceptLanguage, chosen), providerName, path, assets };
  };
}
