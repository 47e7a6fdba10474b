// An authenticator: one enrolled instance of a factor, bound to one account ("that app", "this phone number").

/** The kinds of factor we implement. */
export type FactorKind = 'app' | 'totp' | 'phone' | 'passkey' | 'recovery-code';

/** An authenticator without its secret. */
export interface Authenticator {
  readonly id: string;
  readonly accountId: string;
  readonly companyId: string;
  readonly kind: FactorKind;
  readonly label: string;
  /** Place in the person's own order, lowest first. */
  readonly position: number;
  readonly boundAtMs: number;
  readonly lastUsedAtMs: number | undefined;
  /** Recovery codes: how many are unused. Undefined for every other kind. */
  readonly unusedCodes: number | undefined;
  /** Recovery codes: when their owner said that they are kept. Shown and not kept, they are no backup yet. */
  readonly keptAtMs: number | undefined;
}

/** A TOTP authenticator opened for one verification: its key and where it stands. */
export interface OpenedTotp {
  readonly authenticatorId: string;
  readonly key: Uint8Array;
  readonly lastStep: number;
  readonly driftSteps: number;
}

/** How many of a kind an account may have at a time; the company says it for authenticator apps (M7). */
export function limitOf(kind: FactorKind, company: { readonly authenticatorAppsPerAccount: number }): number {
  return kind === 'totp' ? company.authenticatorAppsPerAccount : kind === 'recovery-code' ? 1 : 10;
}

/** Factors whose proof is a short typed code; they share one counter of wrong tries (security.md §6). */
export function isOtpClass(kind: FactorKind): boolean {
  return kind === 'totp' || kind === 'phone' || kind === 'app';
}

/** The authenticators a person can be asked for, in the order of asking: their own order, recovery codes last. */
export function inAskingOrder(authenticators: readonly Authenticator[]): readonly Authenticator[] {
  return authenticators
    .filter((one) => one.kind !== 'recovery-code' || (one.unusedCodes ?? 0) > 0)
    .toSorted((a, b) => rank(a) - rank(b) || a.position - b.position || a.boundAtMs - b.boundAtMs);
}

function rank(authenticator: Authenticator): number {
  return authenticator.kind === 'recovery-code' ? 1 : 0;
}
