// What a set of proofs is worth, and how it is said on the wire (OIDC Core 2, RFC 8176). Nothing here flatters:
// `mfa` is said only when this service itself saw the password and a second factor that is something else.

import type { FactorKind } from './authenticator.ts';

/** One thing proven during a sign-in. */
export type Proof =
  | { readonly kind: 'password'; readonly atMs: number }
  | { readonly kind: FactorKind; readonly authenticatorId: string; readonly atMs: number };

/** The assurance levels, weakest first. They are the values of `acr`. */
export const assuranceLevels = [
  'urn:secondring:acr:password',
  'urn:secondring:acr:two-factor',
  'urn:secondring:acr:phishing-resistant',
] as const;
export type Assurance = (typeof assuranceLevels)[number];

const ranks: readonly (string | undefined)[] = assuranceLevels;

/** The assurance that proofs give together; one authenticator counts once, however often it was proven (attack B7). */
export function assuranceOf(proofs: readonly Proof[]): Assurance | undefined {
  const factors = factorsOf(proofs);
  const hasPassword = proofs.some((proof) => proof.kind === 'password');
  if (hasPassword && factors.some((proof) => proof.kind === 'passkey')) return assuranceLevels[2];
  if (hasPassword && factors.length > 0) return assuranceLevels[1];
  return hasPassword ? assuranceLevels[0] : undefined;
}

/** Whether `held` is at least `wanted`. A level that we do not know is never met. */
export function meets(held: Assurance | undefined, wanted: string): boolean {
  const wantedRank = ranks.indexOf(wanted);
  const heldRank = ranks.indexOf(held);
  return wantedRank >= 0 && heldRank >= wantedRank;
}

/** The `amr` values of proofs, each once (RFC 8176 section 2). */
export function amrOf(proofs: readonly Proof[]): readonly string[] {
  const amr = new Set<string>();
  for (const proof of proofs) for (const value of amrOfKind[proof.kind]) amr.add(value);
  const hasPassword = proofs.some((proof) => proof.kind === 'password');
  if (hasPassword && factorsOf(proofs).length > 0) amr.add('mfa');
  return [...amr];
}

/** When the person was last asked for anything, in seconds (OIDC Core 2 `auth_time`). */
export function authTimeSeconds(proofs: readonly Proof[]): number {
  return Math.floor(Math.max(0, ...proofs.map((proof) => proof.atMs)) / 1000);
}

const amrOfKind: Readonly<Record<Proof['kind'], readonly string[]>> = {
  password: ['pwd'],
  totp: ['otp'],
  'recovery-code': ['otp'],
  phone: ['tel', 'mca'],
  app: ['otp', 'mca'],
  passkey: ['pop', 'user'],
};

function factorsOf(proofs: readonly Proof[]): readonly Proof[] {
  const seen = new Map<string, Proof>();
  for (const proof of proofs) if (proof.kind !== 'password') seen.set(proof.authenticatorId, proof);
  return [...seen.values()];
}
