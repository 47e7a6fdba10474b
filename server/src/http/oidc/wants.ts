// What an authorization request wants of the sign-in: read from its parameters, in the words of our policy.

import { type Assurance, assuranceLevels } from '#core/assurance.ts';
import type { Wants } from '#core/policy.ts';

/** The parameters of an authorization request that bear on the sign-in (OIDC Core 3.1.2.1, 5.5.1.1). */
export interface RequestParameters {
  readonly prompt?: unknown;
  readonly max_age?: unknown;
  readonly acr_values?: unknown;
  readonly claims?: unknown;
}

/** @param askedAtMs when the request came; `prompt=login` wants proofs from after that */
export function wantsOf(parameters: RequestParameters, askedAtMs: number): Wants {
  const assurance = assuranceWanted(parameters);
  const freshSinceMs = freshnessWanted(parameters, askedAtMs);
  return { ...(assurance && { assurance }), ...(freshSinceMs !== undefined && { freshSinceMs }) };
}

/** The values an essential `acr` claim insists on; undefined when it does not insist. */
export function essentialAcrs(parameters: RequestParameters): readonly string[] | undefined {
  const request = acrClaim(parameters);
  if (request?.essential !== true) return undefined;
  if (Array.isArray(request.values)) return request.values.filter((value) => typeof value === 'string');
  return typeof request.value === 'string' ? [request.value] : undefined;
}

function assuranceWanted(parameters: RequestParameters): Assurance | undefined {
  const voluntary = typeof parameters.acr_values === 'string' ? parameters.acr_values.split(' ') : [];
  // They stand in order of preference; the first one we know is what we try to reach.
  const wanted = essentialAcrs(parameters) ?? voluntary;
  return wanted
    .map((value) => assuranceLevels.find((level) => level === value))
    .find((level) => level !== undefined);
}

function freshnessWanted(parameters: RequestParameters, askedAtMs: number): number | undefined {
  if (typeof parameters.prompt === 'string' && parameters.prompt.split(' ').includes('login'))
    return askedAtMs;
  const { max_age: maxAge } = parameters;
  // Whatever else came is none: to make a number of any value may fail.
  if ((typeof maxAge !== 'string' && typeof maxAge !== 'number') || maxAge === '') return undefined;
  const seconds = Number(maxAge);
  return Number.isFinite(seconds) ? askedAtMs - seconds * 1000 : undefined;
}

interface AcrRequest {
  readonly essential?: unknown;
  readonly value?: unknown;
  readonly values?: unknown;
}

function acrClaim(parameters: RequestParameters): AcrRequest | undefined {
  try {
    const claims = typeof parameters.claims === 'string' ? JSON.parse(parameters.claims) : parameters.claims;
    return (claims as { id_token?: { acr?: AcrRequest } } | undefined)?.id_token?.acr ?? undefined;
  } catch {
    return undefined;
  }
}
