// What people are told by mail, as data: the words are found when it is sent (channels/mail). A letter names its
// recipient and is therefore sealed wherever it is kept.

export type Language = 'en' | 'nl';

/** Where an account's owner is written to, and in which language. */
export interface Correspondent {
  readonly address: string;
  readonly language: Language;
}

export type Letter = Correspondent & { readonly username: string } & (
    | {
        /** A link to choose a new password. */
        readonly letter: 'password-reset';
        /** 256 random bits; stored nowhere else but as their hash. */
        readonly token: string;
        readonly lifeMinutes: number;
      }
    /** A new password was asked for where the link could lead to nothing: there is no method to prove. */
    | { readonly letter: 'password-reset-impossible' }
    | { readonly letter: 'password-changed'; readonly atMs: number }
  );

const maximumAddressLength = 254;
const maximumLocalPartLength = 64;

/**
 * A mail address as typed, trimmed; undefined for what is none. Deliberately narrower than RFC 5321 section 4.1.2: no
 * quoted local parts, no comments, no address literals and nothing beyond ASCII before the @, since what reads as two
 * addresses somewhere reaches two mailboxes.
 */
export function mailAddress(typed: unknown): string | undefined {
  if (typeof typed !== 'string') return undefined;
  const address = typed.trim();
  if (address.length > maximumAddressLength) return undefined;
  const [, local = '', domain = ''] = /^([^@]+)@([^@]+)$/.exec(address) ?? [];
  if (local.length > maximumLocalPartLength || !/^[\w!#$%&'*+/=?^`{|}~.-]+$/.test(local)) return undefined;
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return undefined;
  const isLabel = (label: string) => /^[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u.test(label);
  return domain.split('.').every(isLabel) ? address : undefined;
}

/** An address as it may stand in clear: its first letter and its domain. */
export function maskOfAddress(address: string): string {
  const [local = '', domain = ''] = address.split('@');
  return `${[...local][0] ?? ''}•••@${domain}`;
}
