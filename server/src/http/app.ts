// The surfaces as one request listener: every route of every surface, behind the same checks in the same order.
// Routes are matched by Hono's router; requests and answers stay Node's own, which saves half of the CPU time that a
// request takes outside the store.

import type { OutgoingHttpHeaders as Headers, IncomingMessage, ServerResponse } from 'node:http';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { SecondringError } from '#core/errors.ts';
import type { Log, Ports, StaffProcess } from '#core/ports.ts';
import { languages } from '#ui/messages/messages.ts';
import type { Asset, Assets } from './assets/assets.ts';
import type { createAddressReader } from './checks/address.ts';
import type { createCrowdCheck } from './checks/crowd.ts';
import { parseForm, readBody } from './checks/form.ts';
import { checkHost } from './checks/host.ts';
import { checkOrigin } from './checks/origin.ts';
import { type Cookies, parseCookies } from './cookies.ts';
import { pageHeaders } from './headers.ts';
import { createInteractions, interactionRoutes } from './oidc/interactions.ts';
import type { OidcLibrary } from './oidc/loaded-once.ts';
import { authorizePath, isOidcPath, type oidcListener, oidcRouteOf } from './oidc/mount.ts';
import type { PageContextReader } from './page-context.ts';
import { passwordRoutes } from './password/routes.ts';
import { renderProblem } from './problem.ts';
import type { Answer, PageRequest, Route, SetCookie } from './route.ts';
import { signInRoutes } from './sign-in/routes.ts';
import { staffRoutes } from './staff/routes.ts';

/** What requests of all surfaces are read and answered with. */
export interface Desk {
  readonly publicUrl: string;
  readonly publicHost: string;
  readonly isSecure: boolean;
  readonly cookies: Cookies;
  readonly assets: Assets;
  readonly pageContext: PageContextReader;
  readonly addressOf: ReturnType<typeof createAddressReader>;
  readonly checkCrowd: ReturnType<typeof createCrowdCheck>;
  readonly log: Log;
}

/** The whole route table. Tests are generated from it. */
export function routesOf(ports: Ports, library: OidcLibrary, staff: StaffProcess): readonly Route[] {
  return [
    ...signInRoutes(ports, createInteractions(ports, library)),
    ...passwordRoutes(ports),
    ...interactionRoutes(ports, library),
    ...staffRoutes(ports, staff),
  ];
}

/**
 * Builds the listener of a route table.
 * @param serveOidc answers the paths of the OIDC library
 */
export function createApp(
  desk: Desk,
  routes: readonly Route[],
  serveOidc: ReturnType<typeof oidcListener>,
): (request: IncomingMessage, response: ServerResponse, onRoute: (pattern: string) => void) => Promise<void> {
  const find = createFinder(routes);
  const assets = new Map(Object.values(desk.assets).map((asset: Asset) => [asset.path, asset]));
  return async (request, response, onRoute) => {
    const { path, query, isOdd } = targetOf(request);
    try {
      checkHost(request.headers.host, desk.publicHost);
      if (isOdd) throw new SecondringError('misdirected', 'This address is not served here.');
      if (isOidcPath(path)) {
        onRoute(oidcRouteOf(path));
        if (path === authorizePath) desk.checkCrowd(addressOf(desk, request));
        const cookies = languageCookie(query);
        if (cookies.length > 0) response.setHeader('set-cookie', cookies.map(desk.cookies.write));
        return await serveOidc(request, response);
      }
      const asset = assets.get(path);
      if (asset !== undefined) {
        onRoute('/assets');
        return serveAsset(desk, asset, response);
      }
      const { route, parameters } = find(request.method ?? '', path);
      onRoute(route.path);
      const form = route.method === 'POST' ? await readForm(desk, request) : noFields;
      const pageRequest = readRequest(desk, request, { path, query, parameters, form });
      if (route.isBeginning === true) desk.checkCrowd(pageRequest.visitor.address);
      await respond(desk, response, pageRequest, await route.handle(pageRequest));
    } catch (error) {
      // Who went away in the middle of sending is not to be answered, and nothing is wrong.
      if (!response.destroyed) await fail(desk, request, response, error);
    }
  };
}

interface Found {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Matches a request to its route; says apart a wrong address and a wrong method. */
function createFinder(routes: readonly Route[]): (method: string, path: string) => Found {
  const router = new RegExpRouter<Route>();
  for (const route of routes) router.add(route.method, route.path, route);
  const match = (method: string, path: string): Found | undefined => {
    const [handlers, values] = router.match(method, path);
    const found = handlers[0];
    if (found === undefined) return undefined;
    const [route, indexes] = found;
    const parameters: Record<string, string> = {};
    for (const [name, index] of Object.entries(indexes)) {
      parameters[name] = typeof index === 'number' ? (values?.[index] ?? '') : index;
    }
    return { route, parameters };
  };
  return (method, path) => {
    const found = match(method, path);
    if (found !== undefined) return found;
    const isElsewhere = match('GET', path) !== undefined || match('POST', path) !== undefined;
    throw isElsewhere
      ? new SecondringError('method-not-allowed', 'This address takes other requests.')
      : new SecondringError('not-found', 'There is nothing at this address.');
  };
}

const noFields: ReadonlyMap<string, string> = new Map();

/** The checks of everything that changes something: where it came from first, then what it says. */
async function readForm(desk: Desk, request: IncomingMessage): Promise<ReadonlyMap<string, string>> {
  checkOrigin(request.headers.origin, headerOf(request, 'sec-fetch-site'), desk.publicUrl);
  return parseForm(request.headers['content-type'], await readBody(request));
}

function readRequest(
  desk: Desk,
  request: IncomingMessage,
  about: Pick<PageRequest, 'parameters' | 'form' | 'query'> & { readonly path: string },
): PageRequest {
  const cookies = parseCookies(request.headers.cookie);
  const page = desk.pageContext(request, about.path, about.query);
  return {
    ...about,
    cookies,
    visitor: {
      browserKey: desk.cookies.read(cookies, 'browser'),
      sessionToken: desk.cookies.read(cookies, 'session'),
      address: addressOf(desk, request),
      userAgent: request.headers['user-agent'] ?? '',
      language: page.language,
    },
    page,
  };
}

function addressOf(desk: Desk, request: IncomingMessage): string {
  return desk.addressOf(request.socket.remoteAddress, headerOf(request, 'x-forwarded-for'));
}

async function respond(
  desk: Desk,
  response: ServerResponse,
  request: PageRequest,
  answer: Answer,
): Promise<void> {
  const cookies = cookieHeader(desk, [...(answer.cookies ?? []), ...languageCookie(request.query)]);
  if (answer.answer === 'redirect') {
    return send(response, 303, { ...pageHeaders(desk.isSecure), ...cookies, location: answer.location }, '');
  }
  if (answer.answer === 'passed-on') {
    return sendPage(response, answer.status, { ...pageHeaders(desk.isSecure), ...cookies }, answer.body);
  }
  const headers = { ...pageHeaders(desk.isSecure, answer.formOrigins), ...cookies };
  await sendPage(response, answer.status ?? 200, headers, answer.html);
}

/** A language that was chosen with a link is kept. */
function languageCookie(query: URLSearchParams): readonly SetCookie[] {
  const chosen = languages.find((language) => language === query.get('lang'));
  return chosen === undefined ? [] : [{ cookie: 'language', value: chosen }];
}

function cookieHeader(desk: Desk, cookies: readonly SetCookie[]): Headers {
  return cookies.length === 0 ? {} : { 'set-cookie': cookies.map(desk.cookies.write) };
}

async function fail(
  desk: Desk,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): Promise<void> {
  const { path, query } = targetOf(request);
  const problem = renderProblem(error, desk.pageContext(request, path, query), request.method, desk.log);
  const headers: Headers = { ...pageHeaders(desk.isSecure), ...cookieHeader(desk, languageCookie(query)) };
  if (problem.retryAfterSeconds !== undefined) headers['retry-after'] = String(problem.retryAfterSeconds);
  // What was not read of a body that was refused must not be taken for the next request.
  if (!request.complete) headers['connection'] = 'close';
  await sendPage(response, problem.status, headers, problem.html);
}

function serveAsset(desk: Desk, asset: Asset, response: ServerResponse): void {
  const headers = { ...pageHeaders(desk.isSecure), 'cache-control': 'public, max-age=31536000, immutable' };
  send(response, 200, { ...headers, 'content-type': asset.type }, asset.body);
}

async function sendPage(
  response: ServerResponse,
  status: number,
  headers: Headers,
  html: Extract<Answer, { answer: 'page' }>['html'] | string,
): Promise<void> {
  send(response, status, { ...headers, 'content-type': 'text/html; charset=utf-8' }, String(await html));
}

/** All headers go in one piece: of those that are set one by one Node keeps a table for each answer. */
function send(response: ServerResponse, status: number, headers: Headers, body: string): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function targetOf({ url = '/' }: IncomingMessage): {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isOdd: boolean;
} {
  // A whole address or a second slash in front would lead elsewhere where it stands in a link of ours.
  if (!/^\/(?![/\\])/.test(url)) return { path: '/', query: noQuery, isOdd: true };
  const mark = url.indexOf('?');
  if (mark < 0) return { path: url, query: noQuery, isOdd: false };
  return { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)), isOdd: false };
}

const noQuery = new URLSearchParams();

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}
