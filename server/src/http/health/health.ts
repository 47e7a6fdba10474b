// Whether the process lives, and whether it may be sent people: two addresses for machines, asked every second by
// anyone, under any host name. They cost next to nothing, set no cookie and tell nobody anything worth having.

import type { RequestListener } from 'node:http';
import { pageHeaders } from '../headers.ts';

/** Names the checks that fail; none: ready. */
export type AskReadiness = () => Promise<readonly string[]>;

const retryAfterSeconds = '1';

/** The route patterns, by path. */
export function isHealthPath(path: string): boolean {
  return path === '/healthz' || path === '/readyz';
}

/** Answers both addresses. */
export function healthListener(askReadiness: AskReadiness, isSecure: boolean): RequestListener {
  const headers = { ...pageHeaders(isSecure), 'content-type': 'application/json' };
  return async (request, response) => {
    const send = (status: number, body: object, more: Readonly<Record<string, string>> = {}) => {
      const text = `${JSON.stringify(body)}\n`;
      // What was not read of a body must not be taken for the next request.
      if (!request.complete) response.setHeader('connection', 'close');
      response.writeHead(status, { ...headers, ...more, 'content-length': Buffer.byteLength(text) });
      response.end(text);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return send(405, { status: 'method-not-allowed' }, { allow: 'GET, HEAD' });
    if (request.url?.startsWith('/healthz') === true) return send(200, { status: 'alive' });
    const failing = await askReadiness();
    if (failing.length === 0) return send(200, { status: 'ready' });
    send(503, { status: 'not-ready', failing }, { 'retry-after': retryAfterSeconds });
  };
}
