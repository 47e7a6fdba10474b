// Requests as a program of an attacker sends them: exactly the headers it says, none of them added, in their order and
// as often as they are listed; `fetch` adds some, refuses others and joins what comes twice.

import { type Agent, request } from 'node:http';
import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export type RawHeaders = readonly (readonly [name: string, value: string])[];

/** Sends one request. A Host header is sent only if it is listed. */
export function rawRequest(
  url: string,
  wanted: {
    readonly method: string;
    readonly headers: RawHeaders;
    readonly body?: string | Buffer;
    readonly agent?: Agent;
  },
): Promise<RawAnswer> {
  const { method, headers, body = '', agent } = wanted;
  const { port, pathname, search } = new URL(url);
  const options = {
    host: '127.0.0.1',
    port,
    path: pathname + search,
    method,
    setHost: false,
    ...(agent && { agent }),
  };
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, headers: headers.flat() }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** The headers of a form sent by one's own page, as a browser sends them. */
export function formHeaders(url: string, cookie: string, body: string | Buffer): RawHeaders {
  const { host, origin } = new URL(url);
  return [
    ['host', host],
    ['cookie', cookie],
    ['content-length', String(Buffer.byteLength(body))],
    ['content-type', 'application/x-www-form-urlencoded'],
    ['origin', origin],
    ['sec-fetch-site', 'same-origin'],
  ];
}

/** Sends bytes that may be no request at all, and gives everything that comes back until the connection ends. */
export function rawBytes(origin: string, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(origin).port) });
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    // A service that has heard enough hangs up while bytes are still on their way.
    socket.once('error', (error: NodeJS.ErrnoException) =>
      ['ECONNRESET', 'EPIPE'].includes(error.code ?? '') ? resolve(text) : reject(error),
    );
    socket.once('close', () => resolve(text));
    socket.write(bytes);
  });
}
