// A token request as a program would write it by hand, so that each of its parameters can be wrong.

import type { Panel } from './panel.ts';

export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Exchanges the code of an answer.
 * @param parameters what is said otherwise than a right client would, and the verifier; undefined is left out
 * @param credentials client and secret, by default the panel's own
 */
export async function exchange(
  panel: Panel,
  answered: string,
  parameters: Readonly<Record<string, string | undefined>>,
  credentials: readonly [string, string] = [panel.clientId, panel.clientSecret],
): Promise<TokenAnswer> {
  const usual = {
    grant_type: 'authorization_code',
    code: new URL(answered).searchParams.get('code') ?? '',
    redirect_uri: panel.redirectUri,
  };
  const said = Object.entries({ ...usual, ...parameters }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const response = await fetch(panel.config.serverMetadata().token_endpoint ?? '', {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(credentials.map(encodeURIComponent).join(':'))}` },
    body: new URLSearchParams(Object.fromEntries(said)),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
