// What an application and an account together ask for: the one place that says which step comes next.

import type { Account } from './account.ts';
import type { Application } from './application.ts';
import { type Assurance, assuranceOf, meets, type Proof } from './assurance.ts';
import { type Authenticator, inAskingOrder } from './authenticator.ts';
import type { StaffPath } from './staff.ts';

/** What one authorization request wants beyond the application's own demand. */
export interface Wants {
  /** At least this assurance; undefined: what the application demands. */
  readonly assurance?: Assurance;
  /** Proofs older than this do not count (`max_age`, `prompt=login`). */
  readonly freshSinceMs?: number;
  /** The page of ours that was asked for and is gone on to; undefined: where the application says. */
  readonly leadsTo?: StaffPath;
}

export type NextStep = 'password' | 'factor' | 'enrollment' | 'change-password' | 'backup' | 'finished';

/**
 * The next step of a sign-in, from the proofs that count in it. The password comes first.
 *
 * `none` asks nothing more. `optional` asks whoever has a method. `required` asks, and leads whoever never had a
 * method through enrollment. An account that has or had one is never enrolled on the password alone, not even
 * when its last recovery code is used up (attack B4). Whoever is asked for a factor and has no unused recovery
 * code that they said they keep is led to a backup before the application is reached (M1).
 *
 * A password that is to be changed is changed after a factor was proven wherever the account ever had one, also where
 * the application asks for none: a thief who has only the password must not be the one to choose the next. A
 * password that was chosen by mail and waits is taken only together with a factor, and never leads to the enrollment
 * of a first one.
 */
export function nextStep(input: {
  readonly application: Pick<Application, 'secondFactor'>;
  readonly wants: Wants;
  readonly proofs: readonly Proof[];
  readonly authenticators: readonly Authenticator[];
  /** The account's; above zero once a method was ever bound, also when none is left. */
  readonly account: Pick<Account, 'arrangement' | 'mustChangePassword'>;
  /** The password given is one that waits to be put in force. */
  readonly isPasswordWaiting: boolean;
}): NextStep {
  if (!input.proofs.some((proof) => proof.kind === 'password')) return 'password';
  const { mustChangePassword } = input.account;
  const hadMethod = input.account.arrangement > 0 || input.authenticators.length > 0;
  const hasProven = input.proofs.some((proof) => proof.kind !== 'password');
  const isAsked =
    input.isPasswordWaiting ||
    (mustChangePassword && hadMethod) ||
    wantsFactor(input.application, input.wants, hadMethod);
  if (isAsked && !hasProven && (hadMethod || input.isPasswordWaiting)) return 'factor';
  if (mustChangePassword) return 'change-password';
  if (!wantsFactor(input.application, input.wants, hadMethod)) return 'finished';
  if (!hadMethod) return 'enrollment';
  const methods = inAskingOrder(input.authenticators);
  if (!methods.some((one) => one.kind !== 'recovery-code')) return 'enrollment';
  return methods.some(isKeptBackup) ? 'finished' : 'backup';
}

function isKeptBackup({ kind, keptAtMs }: Authenticator): boolean {
  return kind === 'recovery-code' && keptAtMs !== undefined;
}

/** The proofs that count for a request: the ones that are fresh enough for it. */
export function countingProofs(proofs: readonly Proof[], wants: Wants): readonly Proof[] {
  return proofs.filter((proof) => proof.atMs >= (wants.freshSinceMs ?? 0));
}

/** Whether a session's proofs let a person into an application without being asked anything (single sign-on). */
export function satisfies(
  proofs: readonly Proof[],
  application: Pick<Application, 'secondFactor'>,
  wants: Wants,
  hadMethod: boolean,
): boolean {
  const counted = countingProofs(proofs, wants);
  const held = assuranceOf(counted);
  if (wants.assurance !== undefined && !meets(held, wants.assurance)) return false;
  if (!counted.some((proof) => proof.kind === 'password')) return false;
  return !wantsFactor(application, wants, hadMethod) || counted.some((proof) => proof.kind !== 'password');
}

function wantsFactor(
  application: Pick<Application, 'secondFactor'>,
  wants: Wants,
  hadMethod: boolean,
): boolean {
  if (wants.assurance !== undefined && wants.assurance !== 'urn:secondring:acr:password') return true;
  if (application.secondFactor === 'required') return true;
  return application.secondFactor === 'optional' && hadMethod;
}
