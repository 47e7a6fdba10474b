// Who signs in: a company's account, and how a typed user name becomes the one key it is known by. Every
// counter and every look-up uses that key, so that no second spelling of a name has a second counter.

/** A customer of the provider. */
export interface Company {
  readonly id: string;
  readonly name: string;
  /** How many authenticator apps one account may have at a time. */
  readonly authenticatorAppsPerAccount: number;
}

/** One login (user name) of a company. */
export interface Account {
  readonly id: string;
  readonly companyId: string;
  readonly username: string;
  readonly status: 'active' | 'disabled';
  /** The provider wants another password at the next sign-in. */
  readonly mustChangePassword: boolean;
  /** Counts changes of the password; a sign-in goes on only with the password that it began with. */
  readonly passwordRevision: number;
  /** Counts changes of the account's set of authenticators; each such change is conditional on it. */
  readonly arrangement: number;
}

const maximumUsernameLength = 254;

/**
 * The key of a user name: Unicode NFKC, trimmed, lower case; undefined for what can be no user name (not text,
 * empty, over 254 characters, with control characters). `Ann@Demo.test`, ` ann@demo.test ` and full-width
 * spellings give one key.
 */
export function usernameKey(typed: unknown): string | undefined {
  if (typeof typed !== 'string' || typed.length > 4 * maximumUsernameLength) return undefined;
  const key = typed.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
  if (key.length === 0 || key.length > maximumUsernameLength) return undefined;
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(key)) return undefined;
  return key;
}
