// The browser that asks: the key that ties a sign-in to it, and what is written down of it.

import { createHash } from 'node:crypto';
import type { Language } from '#core/letter.ts';
import type { Ports } from '#core/ports.ts';
import type { Circumstances } from '#core/sign-in.ts';

export interface Visitor {
  /** The browser key from its cookie; undefined: it sent none. */
  readonly browserKey: string | undefined;
  /** Network address, as seen by us or by a trusted proxy. */
  readonly address: string;
  readonly userAgent: string;
  /** In which this browser is shown pages, and its person written to. */
  readonly language: Language;
  /** The token of the session this browser has, from its cookie. */
  readonly sessionToken: string | undefined;
}

/** SHA-256 of a token or key that only its owner knows; tokens have 256 random bits, so no salt is wanted. */
export function hashOfToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}

/** A fresh token: 256 random bits. */
export function newToken(ports: Pick<Ports, 'random'>): string {
  return Buffer.from(ports.random(32)).toString('base64url');
}

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A fresh identifier: 48 bits of time in milliseconds and 80 random bits, in Crockford's base32 (the layout of a
 * ULID, in lower case). Rows that are made together lie together, so that a store of a million accounts writes as few
 * pages as one of a thousand. It names a row and opens nothing.
 */
export function newId(ports: Pick<Ports, 'random' | 'nowMs'>): string {
  let time = ports.nowMs();
  let id = '';
  for (let place = 0; place < 10; place++) {
    id = crockford.charAt(time % 32) + id;
    time = Math.floor(time / 32);
  }
  for (const byte of ports.random(16)) id += crockford.charAt(byte % 32);
  return id;
}

const maximumUserAgentLength = 256;

/** What the audit keeps of a request, erasable. */
export function personalOf({
  address,
  userAgent,
}: Pick<Visitor, 'address' | 'userAgent'>): Readonly<Record<string, string>> {
  return { address, userAgent: userAgent.slice(0, maximumUserAgentLength) };
}

/** What a decision is told about the request. */
export function circumstancesOf(
  ports: Ports,
  visitor: Pick<Visitor, 'address' | 'userAgent'>,
): Circumstances {
  return {
    nowMs: ports.nowMs(),
    mint: () => newId(ports),
    personal: personalOf(visitor),
  };
}

/**
 * The network an address stands for in counters: an IPv4 address itself (/32), of IPv6 the first 64 bits, since
 * one line has all the rest.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const tailGroups = tail === '' ? [] : tail.split(':');
    while (groups.length + tailGroups.length < 8) groups.push('0');
    groups.push(...tailGroups);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
