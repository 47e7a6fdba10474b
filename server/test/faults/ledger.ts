// What people were told, kept outside of the service: whatever was acknowledged has to be true after every fault, and
// what was used up has to stay used up.

import { createHash } from 'node:crypto';
import type { Person } from '../support/person.ts';
import type { RawDatabase } from '../support/raw-database.ts';
import type { WebClient } from '../support/web-client.ts';

const sessionCookie = 'secondring-session';

interface Told {
  readonly person: Person;
  readonly browser: WebClient;
  /** The page that says so. */
  readonly url: string;
  readonly tokenHash: string;
  isEnded: boolean;
}

export class Ledger {
  readonly #origin: string;
  readonly #used = new Map<Person, Set<string>>();
  readonly #bound = new Set<Person>();
  readonly #sessions: Told[] = [];
  /** Sentences about what went against an acknowledgement. */
  readonly broken: string[] = [];

  constructor(origin: string) {
    this.#origin = origin;
  }

  get sessions(): readonly Told[] {
    return this.#sessions;
  }

  /** A code was answered with what comes after a right one. */
  accepted(person: Person, code: string): void {
    const used = this.#used.get(person) ?? new Set();
    if (used.has(code)) this.broken.push(`${person.username}: the code ${code} was accepted twice`);
    this.#used.set(person, used.add(code));
  }

  /** A page showed that a method is set up. */
  bound(person: Person): void {
    this.#bound.add(person);
  }

  isBound(person: Person): boolean {
    return this.#bound.has(person);
  }

  /** A page showed that the person is in. */
  enteredAt(person: Person, url: string): Told {
    const token = person.browser.cookie(this.#origin, sessionCookie) ?? '';
    const tokenHash = createHash('sha256').update(token).digest('hex');
    const told = { person, browser: person.browser, url, tokenHash, isEnded: false };
    this.#sessions.push(told);
    return told;
  }

  /** What the tables say against what people were told. */
  async contradictions(raw: RawDatabase): Promise<readonly string[]> {
    const rows = await raw.rows('select token_hash, ended_at_ms from sessions');
    const live = new Map(
      rows.map((row) => [
        Buffer.from(row['token_hash'] as Uint8Array).toString('hex'),
        row['ended_at_ms'] === null,
      ]),
    );
    const methods = await raw.rows(`select distinct account_id from authenticators where kind = 'totp'`);
    const bound = new Set(methods.map(({ account_id }) => String(account_id)));
    return [
      ...this.broken,
      ...this.#sessions
        .filter(({ tokenHash, isEnded }) => live.get(tokenHash) !== !isEnded)
        .map(
          ({ person, tokenHash, isEnded }) =>
            `${person.username}: a session that was ${isEnded ? 'ended' : 'begun'} is ${live.get(tokenHash) ? 'alive' : 'not there'} (${tokenHash.slice(0, 8)})`,
        ),
      ...[...this.#bound]
        .filter(({ accountId }) => !bound.has(accountId))
        .map(({ username }) => `${username}: the app that was set up is gone`),
    ];
  }
}
