// Sends the same kind of request very often at once, as an attacker's program does: over 200 connections that stay
// open, without waiting for answers.

import { Agent } from 'node:http';
import type { WebClient } from '../support/web-client.ts';
import { formHeaders, type RawAnswer, rawRequest } from './raw-request.ts';

const connections = 200;

export interface Shot {
  readonly url: string;
  readonly browser: WebClient;
  readonly form: Readonly<Record<string, string>>;
}

/** Sends all of these forms at once. */
export async function burst(shots: readonly Shot[]): Promise<readonly RawAnswer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    return await Promise.all(
      shots.map(({ url, browser, form }) => {
        const body = new URLSearchParams(form).toString();
        const headers = formHeaders(url, browser.cookieHeader(new URL(url)), body);
        return rawRequest(url, { method: 'POST', headers, body, agent });
      }),
    );
  } finally {
    agent.destroy();
  }
}
