// What a new password is checked for, wherever one is chosen.

import { commonPasswordKey, normalizePassword, type PasswordFault, passwordFault } from '#core/password.ts';
import type { Ports } from '#core/ports.ts';

export type Chosen =
  | { readonly fault: undefined; readonly password: string }
  | { readonly fault: PasswordFault };

/** Checks a new password; no slow hash is made for one that is not taken. */
export async function checkNewPassword(
  ports: Ports,
  typed: unknown,
  around: { readonly username: string; readonly companyName: string },
): Promise<Chosen> {
  const providerName = (await ports.store.providerName()) ?? '';
  const password = normalizePassword(typed);
  const fault = passwordFault(password, typed, { ...around, providerName });
  if (fault !== undefined || password === undefined) return { fault: fault ?? 'too-short' };
  if (await ports.commonPasswords.has(commonPasswordKey(password))) return { fault: 'common' };
  return { fault: undefined, password };
}
