// How a TOTP key reaches the authenticator app: as the URI behind the QR code, or as text to type.

import { encodeBase32 } from './base32.ts';
import type { TotpAlgorithm, TotpParameters } from './totp.ts';

/** The names that the key URI format uses, without the hyphen. */
const algorithmNames: Record<TotpAlgorithm, string> = {
  'SHA-1': 'SHA1',
  'SHA-256': 'SHA256',
  'SHA-512': 'SHA512',
};

/**
 * The `otpauth://totp/…` URI that goes into the QR code
 * (github.com/google/google-authenticator/wiki/Key-Uri-Format). Everything is percent-encoded, spaces as %20,
 * because several apps show a plus sign as one. The issuer stands in the label and in the parameter, and both
 * are the same, as the format asks.
 */
export function keyUri(entry: {
  readonly issuer: string;
  readonly accountName: string;
  readonly key: Uint8Array;
  readonly parameters: TotpParameters;
}): string {
  const { key, parameters } = entry;
  const issuer = encodeName(entry.issuer);
  const accountName = encodeName(entry.accountName);
  const query = [
    `secret=${encodeBase32(key)}`,
    `issuer=${issuer}`,
    `algorithm=${algorithmNames[parameters.algorithm]}`,
    `digits=${parameters.digits}`,
    `period=${parameters.periodSeconds}`,
  ];
  return `otpauth://totp/${issuer}:${accountName}?${query.join('&')}`;
}

/** The key in base32, in groups of four with a space between, for people who type it. */
export function keyAsText(key: Uint8Array): string {
  return encodeBase32(key).replaceAll(/.{4}(?=.)/g, '$& ');
}

/**
 * A name for one half of the label. Apps decode the label before they split it at the colon, so that an
 * encoded colon inside a name would still move the border between issuer and account; a colon becomes the
 * ratio sign, which looks the same and separates nothing. A lone surrogate would make encodeURIComponent throw.
 */
function encodeName(name: string): string {
  return encodeURIComponent(name.trim().toWellFormed().replaceAll(':', '\u2236'));
}
