// One request sent many times at the same moment, over connections that stay open to every replica: what a
// double-click, a retrying proxy and an attacker's program have in common.

import { HttpConnection, type Reply } from '../../bench/http-connection.ts';
import type { WebClient } from '../support/web-client.ts';

export interface Submission {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly browser?: WebClient;
  /** Basic authentication of a client. */
  readonly authorization?: string;
}

export class Volley {
  readonly #connections: HttpConnection[];
  sent = 0;
  tookMs = 0;

  constructor(ports: readonly number[], perReplica: number) {
    this.#connections = Array.from({ length: ports.length * perReplica }, (_, place) => {
      return new HttpConnection(ports[place % ports.length] ?? 0);
    });
  }

  /** Sends it so many times, as many at once as there are connections. */
  async fire(submission: Submission, times: number): Promise<readonly Reply[]> {
    const { head, body } = requestOf(submission);
    const replies: Reply[] = [];
    let left = times;
    const startedMs = performance.now();
    await Promise.all(
      this.#connections.map(async (connection) => {
        while (left > 0) {
          left -= 1;
          replies.push(await connection.send(head, body));
        }
      }),
    );
    this.tookMs += performance.now() - startedMs;
    this.sent += times;
    return replies;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}

function requestOf({ url, fields, browser, authorization }: Submission) {
  const target = new URL(url);
  const body = new URLSearchParams(fields).toString();
  const cookie = browser?.cookieHeader(target) ?? '';
  const lines = [
    `POST ${target.pathname} HTTP/1.1`,
    `Host: ${target.host}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(authorization === undefined ? [`Origin: ${target.origin}`] : [`Authorization: ${authorization}`]),
    ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
  ];
  return { head: lines.join('\r\n'), body };
}
