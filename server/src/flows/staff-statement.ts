// What the main process says about who asks, in a form that the staff process can check and nobody else can make:
// HMAC-SHA-256 over everything the page will depend on. A statement is for one request, for a few seconds, once.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { StaffPath, StaffRole } from '#core/staff.ts';

export interface StaffStatement {
  /** Unguessable; a second request with it is refused. */
  readonly id: string;
  readonly method: 'GET' | 'POST';
  readonly path: StaffPath;
  /** SHA-256 of the body, in base64url. */
  readonly bodyHash: string;
  readonly accountId: string;
  readonly role: StaffRole;
  /** The only company that may be looked at; null: all. */
  readonly companyId: string | null;
  readonly language: string;
  /** What time it is for the page. */
  readonly nowMs: number;
  /** When it was made, on the clock that both processes read. */
  readonly tickMs: number;
}

/** What arrived with a statement. */
export interface StaffArrival {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly body: string;
}

/** How long a statement is taken after it was made, in milliseconds. It travels between two processes of one machine. */
export const statementLifeMs = 5000;

/** SHA-256 of a body, in base64url. */
export function bodyHashOf(body: string): string {
  return createHash('sha256').update(body).digest('base64url');
}

/** A statement as it travels: its JSON and the MAC over it, in base64url, with a dot between. */
export function signStatement(key: Uint8Array, statement: StaffStatement): string {
  const text = Buffer.from(JSON.stringify(statement)).toString('base64url');
  return `${text}.${macOf(key, text).toString('base64url')}`;
}

/** Makes the reader of one staff process. It gives undefined for whatever is not to be answered, and says not why. */
export function createStatementReader(
  key: Uint8Array,
  tickMs: () => number,
): (sent: string | undefined, arrival: StaffArrival) => StaffStatement | undefined {
  /** Of each statement that was taken, until when it would be taken again. */
  const taken = new Map<string, number>();
  return (sent, arrival) => {
    const statement = openStatement(key, sent);
    if (statement === undefined) return undefined;
    const isAboutThis =
      statement.method === arrival.method &&
      statement.path === arrival.path &&
      statement.bodyHash === bodyHashOf(arrival.body);
    const now = tickMs();
    for (const [id, untilMs] of taken) if (untilMs < now) taken.delete(id);
    const ageMs = now - statement.tickMs;
    if (!isAboutThis || ageMs < 0 || ageMs >= statementLifeMs || taken.has(statement.id)) return undefined;
    taken.set(statement.id, statement.tickMs + statementLifeMs);
    return statement;
  };
}

function openStatement(key: Uint8Array, sent: string | undefined): StaffStatement | undefined {
  const [text = '', mac = '', ...rest] = (sent ?? '').split('.');
  const given = Buffer.from(mac, 'base64url');
  const expected = macOf(key, text);
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected))
    return undefined;
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as StaffStatement;
}

function macOf(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(`secondring staff statement v1\0${text}`).digest();
}
