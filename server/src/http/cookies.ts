// Our cookies. Under https each has the __Host- prefix (this host only, Secure, Path=/: RFC 6265bis section
// 4.1.3.2), on http://localhost its plain name. Each is HttpOnly and SameSite=Lax.

import { sessionLifeMs } from '#core/session.ts';
import type { SetCookie } from './route.ts';

const names = {
  browser: 'secondring-browser',
  session: 'secondring-session',
  oidcSession: 'secondring-oidc-session',
  language: 'secondring-language',
} as const;

/** Life in seconds; undefined: until the browser is closed. */
const lifeSeconds: Readonly<Record<SetCookie['cookie'], number | undefined>> = {
  browser: undefined,
  session: sessionLifeMs / 1000,
  oidcSession: sessionLifeMs / 1000,
  language: 400 * 24 * 60 * 60,
};

/** A token as `newToken` makes it: 256 bits in base64url. */
const tokenPattern = /^[\w-]{43}$/;

/** Cookies longer than this are not read: ours are short. */
const maximumHeaderLength = 16 * 1024;

export interface Cookies {
  nameOf(cookie: SetCookie['cookie']): string;
  /** Reads one of ours from a parsed Cookie header. */
  read(cookies: ReadonlyMap<string, string>, cookie: SetCookie['cookie']): string | undefined;
  /** The Set-Cookie header. */
  write(set: SetCookie): string;
}

/** @param isSecure whether the service is reached over https */
export function createCookies(isSecure: boolean): Cookies {
  const nameOf = (cookie: SetCookie['cookie']) => (isSecure ? `__Host-${names[cookie]}` : names[cookie]);
  return {
    nameOf,
    read(cookies, cookie) {
      const value = cookies.get(nameOf(cookie));
      // What we did not give out is not looked at: a browser key of one letter would be everybody's.
      return value !== undefined && (cookie === 'language' || tokenPattern.test(value)) ? value : undefined;
    },
    write({ cookie, value }) {
      const life = value === '' ? 0 : lifeSeconds[cookie];
      const age = life === undefined ? '' : `; Max-Age=${life}`;
      return `${nameOf(cookie)}=${value}; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}${age}`;
    },
  };
}

/** The cookies of a Cookie header (RFC 6265 section 5.4); of a name that comes twice the first counts. */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  if (header === undefined || header.length > maximumHeaderLength) return cookies;
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    if (equals > 0 && !cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim());
  }
  return cookies;
}
