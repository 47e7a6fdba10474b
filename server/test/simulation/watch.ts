// What must be true in every history, checked at each commit as it happens, with a memory of its own. It knows of each
// commit which action asked for it and what that action typed, and nothing of how the flows came to it.

import type { Change } from '#core/changes.ts';
import { otpRule } from '#core/throttle.ts';
import { type Owner, stepsOf } from './actors.ts';

/** One request of somebody's, and what it did. */
export interface Action {
  readonly number: number;
  readonly label: string;
  readonly browserKey: string | undefined;
  readonly typed: string | undefined;
  /** The key of the app that it means to set up. */
  readonly newKey: Uint8Array | undefined;
  readonly isAttack: boolean;
  counted: number;
  compared: number;
  lastCompared: string | undefined;
  readonly applied: Set<Change['change']>;
}

/** Requests that are under way at the same time: what one counted may be compared after another's success. */
export const mostAtOnce = 6;

interface KnownSignIn {
  readonly browserKeyHash: string;
  hasPassword: boolean;
  hasFactor: boolean;
  sessions: number;
}

export class Watch {
  readonly #owners: ReadonlyMap<string, Owner>;
  readonly #nowMs: () => number;
  readonly #signIns = new Map<string, KnownSignIn>();
  readonly #usedSteps = new Map<Owner, Set<number>>();
  readonly #usedPaper = new Set<string>();
  readonly #comparedSince = new Map<Owner, number>();

  constructor(owners: readonly Owner[], nowMs: () => number) {
    this.#owners = new Map(owners.map((owner) => [owner.accountId, owner]));
    this.#nowMs = nowMs;
  }

  /**
   * What somebody typed is about to be compared.
   * @param secret which is one try, however many hashes it is compared with: that in force and one that waits
   */
  compares(action: Action, accountId: string | undefined, secret: string | undefined): void {
    if (secret !== undefined && secret === action.lastCompared) return;
    action.lastCompared = secret;
    action.compared += 1;
    if (action.compared > action.counted) {
      throw new Error(`${action.label} compares a try that is not counted`);
    }
    const owner = this.#owners.get(accountId ?? '');
    if (owner === undefined) return;
    const compared = (this.#comparedSince.get(owner) ?? 0) + 1;
    this.#comparedSince.set(owner, compared);
    if (compared > otpRule.limit + mostAtOnce)
      throw new Error(`${compared} codes of ${owner.username} were compared`);
  }

  /** A list was applied, whether anybody hears of it or not. */
  applied(action: Action, changes: readonly Change[]): void {
    const names = new Set(changes.map(({ change }) => change));
    for (const name of names) action.applied.add(name);
    for (const change of changes) this.#one(action, change, changes, names);
  }

  /** What somebody was told, against what was done. */
  answered(action: Action, outcome: string): void {
    if (outcome === 'advanced' && !action.applied.has('sign-in.advance')) {
      throw new Error(`${action.label} was told that the sign-in went on, and nothing was written`);
    }
  }

  #one(
    action: Action,
    change: Change,
    changes: readonly Change[],
    names: ReadonlySet<Change['change']>,
  ): void {
    switch (change.change) {
      case 'sign-in.begin':
        this.#signIns.set(change.signIn.id, {
          browserKeyHash: hex(change.browserKeyHash),
          ...{ hasPassword: false, hasFactor: false, sessions: 0 },
        });
        return;
      case 'try.count':
      case 'enrollment.count':
        action.counted += 1;
        return;
      case 'authenticator.bind':
        this.#bound(action, change, names);
        return;
      case 'recovery-code.consume':
        this.#paperUsed(`${change.authenticatorId} ${change.selector}`);
        return;
      case 'session.begin':
        this.#sessionBegun(action, change.signInId, names);
        return;
      case 'session.renew':
        this.#need(names, 'sign-in.advance', 'a session was renewed');
        return;
      case 'audit.append':
        this.#audited(action, change.event, changes, names);
        return;
    }
  }

  #audited(
    action: Action,
    event: Extract<Change, { change: 'audit.append' }>['event'],
    changes: readonly Change[],
    names: ReadonlySet<Change['change']>,
  ): void {
    const signIn = this.#signIns.get(String(event.facts['signInId'] ?? ''));
    const owner = this.#owners.get(event.accountId ?? '');
    if (signIn === undefined || owner === undefined) return;
    if (event.event === 'password.accepted') {
      if (action.typed !== owner.password) throw new Error(`${action.label} got past with a wrong password`);
      this.#need(names, 'sign-in.advance', 'a password was accepted');
      signIn.hasPassword = true;
    }
    if (event.event === 'authenticator.bound') signIn.hasFactor = true;
    if (event.event !== 'factor.accepted') return;
    this.#need(names, 'sign-in.advance', 'a factor was accepted');
    this.#need(names, 'challenge.consume', 'a factor was accepted');
    if (!signIn.hasPassword) throw new Error(`${action.label} proved a factor before the password`);
    signIn.hasFactor = true;
    this.#comparedSince.set(owner, 0);
    if (event.facts['kind'] === 'totp') this.#stepUsed(action, owner);
    else if (!changes.some(({ change }) => change === 'recovery-code.consume')) {
      throw new Error(`${action.label} got in with paper that was not used up`);
    }
  }

  #stepUsed(action: Action, owner: Owner): void {
    const steps = stepsOf(owner.key ?? new Uint8Array(20), this.#nowMs(), action.typed ?? '');
    if (steps.length === 0) throw new Error(`${action.label} got in with ${action.typed}, no code near now`);
    const used = this.#usedSteps.get(owner) ?? new Set();
    this.#usedSteps.set(owner, used);
    for (const step of steps) {
      if (used.has(step)) throw new Error(`${action.label}: the code ${action.typed} was accepted twice`);
      used.add(step);
    }
  }

  #paperUsed(name: string): void {
    if (this.#usedPaper.has(name)) throw new Error(`the recovery code ${name} was used twice`);
    this.#usedPaper.add(name);
  }

  #bound(
    action: Action,
    { proof }: Extract<Change, { change: 'authenticator.bind' }>,
    names: ReadonlySet<Change['change']>,
  ): void {
    const { enrollment } = proof;
    const owner = this.#owners.get(enrollment.accountId);
    const signIn = this.#signIns.get(enrollment.signInId);
    for (const name of [
      'enrollment.consume',
      'account.rearrange',
      'sign-in.advance',
      'audit.append',
    ] as const)
      this.#need(names, name, 'something was bound');
    if (owner === undefined || signIn === undefined) return;
    if (!signIn.hasPassword) throw new Error(`${action.label} bound something before the password`);
    const isFirst = owner.key === undefined;
    if (!isFirst && !signIn.hasFactor) throw new Error(`${action.label} bound on the password alone`);
    if (enrollment.kind === 'recovery-code') {
      owner.paperFrom = action.number;
      owner.paper = [];
    }
    if (enrollment.kind !== 'totp') return;
    owner.key = action.newKey;
    owner.isTaken = action.isAttack;
    const steps = stepsOf(owner.key ?? new Uint8Array(20), this.#nowMs(), action.typed ?? '');
    this.#usedSteps.set(owner, new Set(steps));
  }

  #sessionBegun(action: Action, signInId: string, names: ReadonlySet<Change['change']>): void {
    this.#need(names, 'sign-in.advance', 'a session began');
    this.#need(names, 'audit.append', 'a session began');
    const signIn = this.#signIns.get(signInId);
    if (signIn === undefined) throw new Error(`${action.label} got a session of no sign-in`);
    if (signIn.browserKeyHash !== action.browserKey) throw new Error(`${action.label} got another's session`);
    signIn.sessions += 1;
    if (signIn.sessions > 1) throw new Error(`${action.label} got a second session of one sign-in`);
    if (!signIn.hasPassword || !signIn.hasFactor) {
      throw new Error(
        `${action.label} got a session without ${signIn.hasPassword ? 'a factor' : 'a password'}`,
      );
    }
  }

  #need(names: ReadonlySet<Change['change']>, wanted: Change['change'], what: string): void {
    if (!names.has(wanted)) throw new Error(`${what} without ${wanted} in the same commit`);
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
