// A browser without a screen for tests: keeps cookies per origin as browsers do, follows nothing by itself, posts
// forms with the Origin header that browsers send.

export interface WebAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly location: string | undefined;
  readonly text: string;
  /** The URL that was asked. */
  readonly url: string;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

export class WebClient {
  /** By host, then by name and path: one name may stand for several paths (RFC 6265 section 5.3). */
  readonly #cookies = new Map<string, Map<string, Cookie>>();
  readonly headers: Readonly<Record<string, string>>;

  constructor(headers: Readonly<Record<string, string>> = {}) {
    this.headers = headers;
  }

  get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<WebAnswer> {
    return this.send(url, { method: 'GET', headers });
  }

  /** Posts a form as a browser does from a page of the same origin. */
  post(
    url: string,
    form: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    return this.send(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: new URL(url).origin,
        'sec-fetch-site': 'same-origin',
        ...headers,
      },
      body: new URLSearchParams(form).toString(),
    });
  }

  /**
   * Follows redirects from an answer, over origins, until there is a page.
   * @param within the only origin that is asked; a redirect that leaves it is what is returned
   */
  async follow(answer: WebAnswer, within?: string): Promise<WebAnswer> {
    let current = answer;
    for (let hops = 0; current.location !== undefined; hops++) {
      if (within !== undefined && new URL(current.location).origin !== within) return current;
      if (hops === 10) throw new Error(`too many redirects, last to ${current.location}`);
      current = await this.get(current.location);
    }
    return current;
  }

  async send(url: string, init: RequestInit & { readonly headers?: Readonly<Record<string, string>> }) {
    const target = new URL(url);
    const cookie = this.cookieHeader(target);
    const headers = { ...this.headers, ...(cookie === '' ? {} : { cookie }), ...init.headers };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(target, line);
    const location = response.headers.get('location');
    return {
      status: response.status,
      headers: response.headers,
      location: location === null ? undefined : new URL(location, url).href,
      text: await response.text(),
      url,
    };
  }

  cookieHeader({ host, pathname }: URL): string {
    return [...(this.#cookies.get(host)?.values() ?? [])]
      .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .toSorted((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  cookie(origin: string, name: string): string | undefined {
    const jar = this.#cookies.get(new URL(origin).host)?.values() ?? [];
    return [...jar].find((one) => one.name === name)?.value;
  }

  setCookie(origin: string, name: string, value: string): void {
    const { host } = new URL(origin);
    const jar = this.#cookies.get(host) ?? new Map<string, Cookie>();
    this.#cookies.set(host, jar.set(`${name};/`, { name, value, path: '/' }));
  }

  #keep(target: URL, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    const attribute = (wanted: string) =>
      attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const jar = this.#cookies.get(target.host) ?? new Map<string, Cookie>();
    this.#cookies.set(target.host, jar);
    const isGone = attribute('max-age') === '0' || (attribute('expires') ?? '').includes('1970');
    const path = attribute('path') ?? '/';
    if (isGone || value === '') jar.delete(`${name};${path}`);
    else jar.set(`${name};${path}`, { name, value, path });
  }
}

/** The action of the form on a page whose address ends so. */
export function formAction(page: WebAnswer, ending: string): string {
  const match = [...page.text.matchAll(/action="([^"]+)"/g)]
    .map((one) => one[1] ?? '')
    .find((one) => one.endsWith(ending));
  if (match === undefined)
    throw new Error(
      `no form ends in ${ending} at ${page.url} (${page.status}):\n${page.text.slice(0, 2000)}`,
    );
  return new URL(match.replaceAll('&amp;', '&'), page.url).href;
}
