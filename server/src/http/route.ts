// What a surface is made of: a table of routes. A route takes a page request, already checked, and gives an
// answer as a value; only app.ts knows the web framework.

import type { Visitor } from '#flows/visitor.ts';
import type { Html, PageContext } from '#ui/layout.ts';

export interface PageRequest {
  /** The parts of the path that the route names with a colon. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The fields of a form, each once; empty for a GET. */
  readonly form: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
  readonly visitor: Visitor;
  readonly page: PageContext;
  /** The raw Cookie header, for the OIDC library. */
  readonly cookies: ReadonlyMap<string, string>;
}

export type Answer =
  | {
      readonly answer: 'page';
      readonly status?: number;
      readonly html: Html;
      readonly cookies?: readonly SetCookie[];
      /** Origins besides our own that a form on this page may end at after its redirects. */
      readonly formOrigins?: readonly string[];
    }
  /** A page that the staff process made; our headers, its text. */
  | {
      readonly answer: 'passed-on';
      readonly status: number;
      readonly body: string;
      readonly cookies?: readonly SetCookie[];
    }
  | { readonly answer: 'redirect'; readonly location: string; readonly cookies?: readonly SetCookie[] };

export interface SetCookie {
  readonly cookie: 'browser' | 'session' | 'oidcSession' | 'language';
  /** Empty: the cookie is to be removed. */
  readonly value: string;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly handle: (request: PageRequest) => Promise<Answer>;
  /** Whether it makes us keep something of somebody unknown; one network may do that only so often. */
  readonly isBeginning?: true;
}

/** Declares a page to look at. */
export function get(path: string, handle: Route['handle']): Route {
  return { method: 'GET', path, handle };
}

/** Declares something to be done. Every POST is under the origin check. */
export function post(path: string, handle: Route['handle']): Route {
  return { method: 'POST', path, handle };
}

/** Declares that a route begins something for somebody unknown. */
export function beginning(route: Route): Route {
  return { ...route, isBeginning: true };
}

/** Answers with a redirect that turns a POST into a GET (303, RFC 9110 section 15.4.4). */
export function redirect(location: string, cookies: readonly SetCookie[] = []): Answer {
  return { answer: 'redirect', location, cookies };
}
