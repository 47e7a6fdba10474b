// What every page is told about the request: the language, the provider's name, the assets.

import type { IncomingMessage } from 'node:http';
import type { PageContext } from '#ui/layout.ts';
import { chooseLanguage } from '#ui/messages/messages.ts';
import type { Assets } from './assets/assets.ts';
import { type Cookies, parseCookies } from './cookies.ts';

/** @param path the page's own path, for the language links */
export type PageContextReader = (
  request: Pick<IncomingMessage, 'headers'>,
  path: string,
  query: URLSearchParams,
) => PageContext;

/** Makes the reader for one service. */
export function createPageContextReader(options: {
  readonly providerName: string;
  readonly supportPhone: string | undefined;
  readonly cookies: Cookies;
  readonly assets: Assets;
}): PageContextReader {
  const { providerName, supportPhone, cookies } = options;
  const { css, script, icon } = options.assets;
  const assets = { css: css.path, script: script.path, icon: icon.path };
  return ({ headers }, path, query) => {
    const chosen = query.get('lang') ?? cookies.read(parseCookies(headers.cookie), 'language');
    const language = chooseLanguage(headers['accept-language'], chosen);
    return { language, providerName, supportPhone, path, assets };
  };
}
