// The surfaces as one application: every route of every surface, behind the same checks in the same order. The
// web framework is known in this file only.

import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Provider } from 'oidc-provider';
import { SecondringError } from '#core/errors.ts';
import type { Log, Ports } from '#core/ports.ts';
import type { Visitor } from '#flows/visitor.ts';
import type { PageContext } from '#ui/layout.ts';
import { languages } from '#ui/messages/messages.ts';
import type { Asset, Assets } from './assets/assets.ts';
import type { createAddressReader } from './checks/address.ts';
import { maximumFormBytes, parseForm } from './checks/form.ts';
import { checkHost } from './checks/host.ts';
import { checkOrigin } from './checks/origin.ts';
import { type Cookies, parseCookies } from './cookies.ts';
import { pageHeaders } from './headers.ts';
import { createInteractions, interactionRoutes } from './oidc/interactions.ts';
import type { PageContextReader } from './page-context.ts';
import { renderProblem } from './problem.ts';
import type { Answer, PageRequest, Route, SetCookie } from './route.ts';
import { signInRoutes } from './sign-in/routes.ts';

type Environment = { Bindings: HttpBindings };
type WebContext = Context<Environment>;

/** What requests of all surfaces are read and answered with. */
export interface Desk {
  readonly publicUrl: string;
  readonly publicHost: string;
  readonly isSecure: boolean;
  readonly cookies: Cookies;
  readonly assets: Assets;
  readonly pageContext: PageContextReader;
  readonly addressOf: ReturnType<typeof createAddressReader>;
  readonly log: Log;
}

/** The whole route table. Tests are generated from it. */
export function routesOf(ports: Ports, provider: Provider): readonly Route[] {
  return [...signInRoutes(ports, createInteractions(ports, provider)), ...interactionRoutes(ports, provider)];
}

/** Builds the application of a route table. */
export function createApp(desk: Desk, routes: readonly Route[]): Hono<Environment> {
  const app = new Hono<Environment>();
  for (const route of routes) app.on(route.method, route.path, (context) => serve(desk, route, context));
  for (const asset of [desk.assets.css, desk.assets.script])
    app.get(asset.path, () => serveAsset(desk, asset));
  for (const path of new Set(routes.map((route) => route.path))) {
    app.all(path, (context) => fail(desk, context, wrongMethod));
  }
  app.notFound((context) => fail(desk, context, nowhere));
  app.onError((error, context) => fail(desk, context as WebContext, error));
  return app;
}

const wrongMethod = new SecondringError('method-not-allowed', 'This address takes other requests.');
const nowhere = new SecondringError('not-found', 'There is nothing at this address.');

async function serve(desk: Desk, route: Route, context: WebContext): Promise<Response> {
  try {
    checkHost(context.req.header('host'), desk.publicHost);
    if (route.method === 'POST') {
      checkOrigin(context.req.header('origin'), context.req.header('sec-fetch-site'), desk.publicUrl);
    }
    const form = route.method === 'POST' ? await readForm(context) : noFields;
    const request = readRequest(desk, context, form);
    return respond(desk, request, await route.handle(request));
  } catch (error) {
    return fail(desk, context, error);
  }
}

const noFields: ReadonlyMap<string, string> = new Map();

async function readForm(context: WebContext): Promise<ReadonlyMap<string, string>> {
  const length = Number(context.req.header('content-length') ?? 0);
  // A body of unknown length is not read: browsers always say how long a form is.
  const isChunked = context.req.header('transfer-encoding') !== undefined;
  if (isChunked || !(length <= maximumFormBytes))
    throw new SecondringError('too-large', 'This form is too large.');
  return parseForm(context.req.header('content-type'), await context.req.text());
}

function readRequest(desk: Desk, context: WebContext, form: PageRequest['form']): PageRequest {
  const cookies = parseCookies(context.req.header('cookie'));
  const query = new URL(context.req.url).searchParams;
  const visitor: Visitor = {
    browserKey: desk.cookies.read(cookies, 'browser'),
    sessionToken: desk.cookies.read(cookies, 'session'),
    address: desk.addressOf(
      context.env?.incoming?.socket.remoteAddress,
      context.req.header('x-forwarded-for'),
    ),
    userAgent: context.req.header('user-agent') ?? '',
  };
  return {
    parameters: context.req.param() as Record<string, string>,
    form,
    query,
    visitor,
    cookies,
    page: pageContext(desk, context, query),
  };
}

function pageContext(desk: Desk, context: WebContext, query: URLSearchParams): PageContext {
  return desk.pageContext({
    path: context.req.path,
    chosenLanguage: query.get('lang'),
    acceptLanguage: context.req.header('accept-language'),
    cookieHeader: context.req.header('cookie'),
  });
}

async function respond(desk: Desk, request: PageRequest, answer: Answer): Promise<Response> {
  const headers = new Headers(pageHeaders(desk.isSecure, answer.answer === 'page' ? answer.formOrigins : []));
  for (const cookie of [...(answer.cookies ?? []), ...languageCookie(request)]) {
    headers.append('set-cookie', desk.cookies.write(cookie));
  }
  if (answer.answer === 'redirect') {
    headers.set('location', answer.location);
    return new Response(null, { status: 303, headers });
  }
  headers.set('content-type', 'text/html; charset=utf-8');
  return new Response(String(await answer.html), { status: answer.status ?? 200, headers });
}

/** A language that was chosen with a link is kept. */
function languageCookie({ query }: PageRequest): readonly SetCookie[] {
  const chosen = languages.find((language) => language === query.get('lang'));
  return chosen === undefined ? [] : [{ cookie: 'language', value: chosen }];
}

async function fail(desk: Desk, context: WebContext, error: unknown): Promise<Response> {
  const page = pageContext(desk, context, new URL(context.req.url).searchParams);
  const problem = renderProblem(error, page, desk.log);
  const headers = new Headers(pageHeaders(desk.isSecure));
  headers.set('content-type', 'text/html; charset=utf-8');
  if (problem.retryAfterSeconds !== undefined) headers.set('retry-after', String(problem.retryAfterSeconds));
  return new Response(String(await problem.html), { status: problem.status, headers });
}

function serveAsset(desk: Desk, asset: Asset): Response {
  const headers = new Headers(pageHeaders(desk.isSecure));
  headers.set('content-type', asset.type);
  headers.set('cache-control', 'public, max-age=31536000, immutable');
  return new Response(asset.body, { headers });
}
