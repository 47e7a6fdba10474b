// The one place that renders faults: a status, and a page that says what happened and what to do next. Whatever is
// not a fault of ours is an internal error, of which the person gets an incident id and the log everything else.

import { randomBytes } from 'node:crypto';
import { type ErrorCode, SecondringError } from '#core/errors.ts';
import type { Log } from '#core/ports.ts';
import { staffPaths } from '#core/staff.ts';
import type { Html, PageContext } from '#ui/layout.ts';
import { type ErrorPageCode, errorPage } from '#ui/pages/error-page.ts';

const statuses: Partial<Record<ErrorCode, { readonly status: number; readonly page: ErrorPageCode }>> = {
  busy: { status: 503, page: 'busy' },
  'not-found': { status: 404, page: 'not-found' },
  'malformed-request': { status: 400, page: 'malformed-request' },
  'too-large': { status: 413, page: 'too-large' },
  'method-not-allowed': { status: 405, page: 'method-not-allowed' },
  misdirected: { status: 421, page: 'misdirected' },
  'forbidden-origin': { status: 403, page: 'forbidden-origin' },
  'sign-in-unknown': { status: 403, page: 'sign-in-unknown' },
  'sign-in-expired': { status: 410, page: 'sign-in-expired' },
  'set-up-expired': { status: 410, page: 'set-up-expired' },
  'application-refused': { status: 400, page: 'application-refused' },
  'staff-only': { status: 403, page: 'staff-only' },
  'staff-unavailable': { status: 503, page: 'staff-unavailable' },
  'store-unavailable': { status: 503, page: 'unavailable' },
  'store-fenced': { status: 503, page: 'unavailable' },
};

export interface Problem {
  readonly status: number;
  readonly html: Html;
  readonly retryAfterSeconds: number | undefined;
}

/**
 * Renders a fault for a person. What is no known fault is logged under the incident id that the page shows.
 * @param method of the request that failed
 * @param knownIncidentId under which the fault is in the log already
 */
export function renderProblem(
  error: unknown,
  page: PageContext,
  method: string | undefined,
  log: Log,
  knownIncidentId?: string,
): Problem {
  const hrefs = { againHref: againAt(page.path, method), beginHref: '/sign-in' };
  const known = error instanceof SecondringError ? statuses[error.code] : undefined;
  const retryAfterSeconds = error instanceof SecondringError ? error.retryAfterSeconds : undefined;
  if (known === undefined || (known.status === 503 && known.page !== 'busy')) {
    const incidentId = knownIncidentId ?? newIncidentId();
    if (knownIncidentId === undefined) log.error({ incidentId, error: describe(error) }, 'a request failed');
    if (known === undefined) {
      const html = errorPage(page, { code: 'internal', incidentId, ...hrefs });
      return { status: 500, html, retryAfterSeconds };
    }
  }
  const seconds = retryAfterSeconds === undefined ? {} : { seconds: retryAfterSeconds };
  const detail =
    error instanceof SecondringError && error.code === 'application-refused' ? error.message : undefined;
  const html = errorPage(page, {
    code: known.page,
    ...hrefs,
    ...(detail && { detail }),
    ...seconds,
  });
  return { status: known.status, html, retryAfterSeconds };
}

/** The page it happened on. What is sent from a sign-in's page has an address below it, which leads back to it. */
function againAt(path: string, method: string | undefined): string {
  return method === 'GET' || path.startsWith('/sign-in/') || isStaffPath(path) ? path : '/sign-in';
}

function isStaffPath(path: string): boolean {
  return staffPaths.some((one) => one === path);
}

/** What a line of the log and the page of one fault are known by. */
export function newIncidentId(): string {
  return randomBytes(6).toString('hex');
}

/** An error for the log: never the values it was about, only its kinds, messages and places. */
export function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  return {
    name: error.name,
    code: (error as { code?: unknown }).code,
    message: error.message,
    stack: error.stack,
    cause: error.cause === undefined ? undefined : describe(error.cause),
  };
}
