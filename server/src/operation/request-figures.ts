// Requests by route: the pattern and never the path, which has identifiers in it.

import type { Figures } from './figures.ts';

export interface AnsweredRequest {
  readonly method: string;
  /** The pattern of the route, as it stands in the table. */
  readonly route: string;
  /** 0: the client went away before it had its answer. */
  readonly status: number;
  readonly durationMs: number;
}

/** Declares the figures of requests. Returns what takes each request that was answered. */
export function createRequestFigures(figures: Figures): (answered: AnsweredRequest) => void {
  const requests = figures.counter(
    'secondring_http_requests_total',
    'Requests by route and status; status 0 went away before the answer.',
    ['method', 'route', 'status'],
  );
  const durations = figures.histogram(
    'secondring_http_request_duration_seconds',
    'Time from the first byte of a request to the last of its answer.',
    ['method', 'route'],
  );
  return ({ method, route, status, durationMs }) => {
    const known = methods.has(method) ? method : 'other';
    requests.add(known, route, String(status));
    durations.observe(durationMs / 1000, known, route);
  };
}

/** A method is whatever a client says; those that routes have are told apart. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
