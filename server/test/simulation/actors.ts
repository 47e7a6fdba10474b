// Who takes part in a simulation: people with a browser or two, what they know and have, and attackers, who know some of
// it, see what is typed, and send whatever they like.

import { defaultTotpParameters, stepAt, totpCode } from '#factors/totp/totp.ts';
import type { Visitor } from '#flows/visitor.ts';

export interface Owner {
  readonly accountId: string;
  readonly username: string;
  readonly password: string;
  /** The key of the app that is bound to the account, whoever holds it. */
  key: Uint8Array | undefined;
  /** What is on the paper that counts. */
  paper: string[];
  /** Which action made that paper. */
  paperFrom: number | undefined;
  /** Somebody else bound the first method, with the password in their hands: no second factor was there to stop it. */
  isTaken: boolean;
}

export interface Actor {
  readonly name: string;
  readonly isAttacker: boolean;
  /** Whose account they go for: of a person, their own. */
  readonly goesFor: readonly Owner[];
  readonly browsers: readonly Browser[];
}

export class Browser {
  readonly name: string;
  key: string | undefined;
  sessionToken: string | undefined;
  signInId: string | undefined;
  owner: Owner | undefined;

  constructor(name: string) {
    this.name = name;
  }

  visitor(): Visitor {
    return {
      browserKey: this.key,
      sessionToken: this.sessionToken,
      address: `192.0.2.${this.name.length}`,
      userAgent: this.name,
      language: 'en',
    };
  }
}

/** What an app with this key shows, so many steps from now. */
export function codeAt(key: Uint8Array, nowMs: number, steps = 0): string {
  return totpCode(key, stepAt(nowMs, defaultTotpParameters) + steps, defaultTotpParameters);
}

/** The steps near now that a code belongs to. */
export function stepsOf(key: Uint8Array, nowMs: number, code: string): readonly number[] {
  const now = stepAt(nowMs, defaultTotpParameters);
  return [-3, -2, -1, 0, 1, 2, 3]
    .map((steps) => now + steps)
    .filter((step) => totpCode(key, step, defaultTotpParameters) === code);
}
