// One random history of a sign-in: the real machine with the little store it needs around it, and beside it a model
// that knows no more than the documented machine. They are compared after every event.
import assert from 'node:assert/strict';
import type { Application } from '#core/application.ts';
import { assuranceOf } from '#core/assurance.ts';
import type { Authenticator } from '#core/authenticator.ts';
import type { Challenge } from '#core/challenge.ts';
import type { Change } from '#core/changes.ts';
import { complete } from '#core/complete-sign-in.ts';
import type { Enrollment } from '#core/enrollment.ts';
import {
  acceptBackup,
  acceptBinding,
  acceptFactor,
  acceptPassword,
  beginSignIn,
  type Circumstances,
  chooseMethod,
  type Decision,
  isLive,
  reopenEnrollment,
  type SignIn,
  type Situation,
  settle,
} from '#core/sign-in.ts';

export const startMs = 1_700_000_000_000;

/** What the account has at the beginning: authenticator apps, and unused codes of its set if it has one. */
export interface Holdings {
  readonly apps: number;
  readonly unusedCodes: number | undefined;
}

export type Event =
  | { readonly what: 'password'; readonly account: 'ann' | 'bob' }
  | { readonly what: 'code'; readonly challenge: 'current' | 'earlier' | 'foreign' }
  | { readonly what: 'choose'; readonly method: number }
  | { readonly what: 'bind'; readonly enrollment: 'current' | 'earlier' }
  | { readonly what: 'wait'; readonly ms: number }
  | { readonly what: 'new key' | 'issue codes' | 'keep codes' | 'come for it' | 'crowd out' };

/** The documented machine, in its own few words. */
class Model {
  state = 'password';
  owner: string | undefined;
  provenFactor = false;
  provenAll = false;
  readonly demand: 'required' | 'optional' | 'none';
  readonly wantsTwo: boolean;
  apps: number;
  unusedCodes: number | undefined;

  constructor(demand: Model['demand'], wantsTwo: boolean, { apps, unusedCodes }: Holdings) {
    this.demand = demand;
    this.wantsTwo = wantsTwo;
    this.apps = apps;
    this.unusedCodes = unusedCodes;
  }

  /** Where the policy leads: each line is a sentence of its documentation. */
  lead(): void {
    const everHad = this.apps > 0 || this.unusedCodes !== undefined;
    const isAsked = this.wantsTwo || this.demand === 'required' || (this.demand === 'optional' && everHad);
    const hasCodes = (this.unusedCodes ?? 0) > 0;
    if (!isAsked) this.state = 'proven';
    else if (!everHad) this.state = 'enrollment';
    else if (!this.provenFactor) this.state = this.apps > 0 || hasCodes ? 'factor' : 'refused';
    else if (this.apps === 0) this.state = 'enrollment';
    else this.state = hasCodes ? 'proven' : 'backup';
    this.provenAll = this.state === 'proven';
  }
}

/** The real machine with the little store it needs around it. */
export class Run {
  readonly model: Model;
  readonly application: Application;
  nowMs = startMs;
  minted = 0;
  signIn: SignIn;
  methods: Authenticator[];
  challenges: Challenge[] = [];
  enrollments: Enrollment[] = [];
  sessions: Extract<Change, { change: 'session.begin' }>[] = [];

  constructor(demand: Model['demand'], wantsTwo: boolean, holdings: Holdings) {
    this.model = new Model(demand, wantsTwo, holdings);
    this.application = { id: 'panel', name: 'Panel', secondFactor: demand, homeUrl: undefined };
    const wants = wantsTwo ? ({ assurance: 'urn:secondring:acr:two-factor' } as const) : {};
    const at = { interaction: undefined, nowMs: startMs };
    this.signIn = beginSignIn({ id: 'sign-in', application: this.application, wants, ...at });
    this.methods = Array.from({ length: holdings.apps }, (_, place) =>
      this.newMethod('totp', place + 1, undefined),
    );
    if (holdings.unusedCodes !== undefined) {
      this.methods.push(this.newMethod('recovery-code', 0, holdings.unusedCodes));
    }
  }

  newMethod(
    kind: 'totp' | 'recovery-code',
    position: number,
    unusedCodes: number | undefined,
  ): Authenticator {
    this.minted += 1;
    return {
      ...{ id: `method-${this.minted}`, accountId: 'ann', companyId: 'bakery', kind, label: '', position },
      ...{ boundAtMs: this.minted, lastUsedAtMs: undefined, unusedCodes, keptAtMs: 1 },
    };
  }

  get circumstances(): Circumstances {
    const mint = () => {
      this.minted += 1;
      return `minted-${this.minted}`;
    };
    return { nowMs: this.nowMs, mint, personal: {} };
  }

  situation(): Situation {
    return {
      application: this.application,
      account: {
        ...{ id: 'ann', companyId: 'bakery', username: 'ann', status: 'active' },
        arrangement: this.methods.length,
      },
      company: { id: 'bakery', name: 'Bakery', authenticatorAppsPerAccount: 5 },
      authenticators: this.methods,
    };
  }

  /** Commits a decision as the store would; a refusal changes nothing. */
  settle(decision: Decision | undefined): boolean {
    if (decision === undefined) return false;
    const [advance, ...changes] = settle(decision, this.nowMs);
    assert.equal(advance?.change, 'sign-in.advance');
    if (advance?.change !== 'sign-in.advance') return false;
    assert.equal(advance.next.revision, this.signIn.revision + 1);
    this.signIn = advance.next;
    for (const change of changes) {
      if (change.change === 'challenge.issue') this.challenges.push(change.challenge);
      if (change.change === 'enrollment.begin') this.enrollments.push(change.enrollment);
      if (change.change === 'session.begin') this.sessions.push(change);
    }
    return true;
  }
}

/** Does one event with the machine and with the model, which says beforehand whether it is taken. */
export function happen(run: Run, happened: Event): void {
  const { model } = run;
  const isAlive = run.nowMs < startMs + 600_000 && !['refused', 'expired'].includes(model.state);
  const expectTaken = (isTaken: boolean, expected: boolean) =>
    assert.equal(isTaken, isAlive && expected, `${happened.what} in ${model.state}`);
  const secret = () => new Uint8Array(20);
  switch (happened.what) {
    case 'wait':
      run.nowMs += happened.ms;
      return;
    case 'crowd out':
      // What the store does to the oldest of too many; the machine itself never goes there.
      if (!isAlive || model.state === 'password' || model.state === 'done') return;
      model.state = 'expired';
      run.signIn = { ...run.signIn, state: 'expired', revision: run.signIn.revision + 1 };
      return;
    case 'password': {
      const situation = run.situation();
      const account = { ...situation.account, id: happened.account };
      // Bob has what Ann has, and would be a second owner if there could be one.
      const given = happened.account === 'ann' ? situation : { ...situation, account, authenticators: [] };
      if (happened.account === 'bob' && model.state === 'password') return;
      const expected = model.state === 'password';
      expectTaken(run.settle(acceptPassword(run.signIn, given, secret, run.circumstances)), expected);
      if (!isAlive || !expected) return;
      model.owner = 'ann';
      model.lead();
      return;
    }
    case 'choose': {
      const method = run.methods[happened.method];
      const isUsable = method !== undefined && (method.kind === 'totp' || (method.unusedCodes ?? 0) > 0);
      const decision = chooseMethod(run.signIn, run.methods, method?.id ?? 'none', run.circumstances);
      expectTaken(run.settle(decision), model.state === 'factor' && isUsable);
      return;
    }
    case 'code':
      giveCode(run, happened.challenge, expectTaken, isAlive);
      return;
    case 'new key':
      expectTaken(
        run.settle(reopenEnrollment(run.signIn, secret, run.circumstances)),
        model.state === 'enrollment',
      );
      return;
    case 'bind': {
      const enrollment = happened.enrollment === 'current' ? run.enrollments.at(-1) : run.enrollments.at(-2);
      if (enrollment === undefined) return;
      const bound = run.newMethod('totp', 1, undefined);
      const decision = acceptBinding(
        run.signIn,
        enrollment,
        bound,
        run.situation(),
        secret,
        run.circumstances,
      );
      const expected = model.state === 'enrollment' && happened.enrollment === 'current';
      expectTaken(run.settle(decision), expected);
      if (!isAlive || !expected) return;
      run.methods.push(bound);
      model.apps += 1;
      model.provenFactor = true;
      model.lead();
      return;
    }
    case 'issue codes':
      if (!isAlive || model.state !== 'backup') return;
      run.methods = [
        ...run.methods.filter(({ kind }) => kind !== 'recovery-code'),
        run.newMethod('recovery-code', 0, 10),
      ];
      model.unusedCodes = 10;
      return;
    case 'keep codes': {
      const kept = acceptBackup(run.signIn, run.methods, run.circumstances);
      const expected = model.state === 'backup' && (model.unusedCodes ?? 0) > 0;
      expectTaken(run.settle(kept), expected);
      if (!isAlive || !expected) return;
      model.state = 'proven';
      model.provenAll = true;
      return;
    }
    case 'come for it':
      expectTaken(
        run.settle(complete(run.signIn, Uint8Array.of(1), undefined, run.circumstances)),
        model.state === 'proven',
      );
      if (isAlive && model.state === 'proven') model.state = 'done';
  }
}

function giveCode(
  run: Run,
  which: 'current' | 'earlier' | 'foreign',
  expectTaken: (isTaken: boolean, expected: boolean) => void,
  isAlive: boolean,
): void {
  const { model } = run;
  const current = run.challenges.at(-1);
  const challenge = which === 'earlier' ? run.challenges.at(-2) : current;
  if (challenge === undefined) return;
  const given = which === 'foreign' ? { ...challenge, signInId: 'another', accountId: 'bob' } : challenge;
  const secret = () => new Uint8Array(20);
  const decision = acceptFactor(run.signIn, given, run.situation(), secret, run.circumstances);
  const expected = model.state === 'factor' && which === 'current';
  expectTaken(run.settle(decision), expected);
  if (!isAlive || !expected) return;
  if (challenge.kind === 'recovery-code') {
    run.methods = run.methods.map((one) =>
      one.id === challenge.authenticatorId ? { ...one, unusedCodes: (one.unusedCodes ?? 0) - 1 } : one,
    );
    model.unusedCodes = (model.unusedCodes ?? 0) - 1;
  }
  model.provenFactor = true;
  model.lead();
}

/** What holds after every event, whatever came before. */
export function check(run: Run): void {
  const { model, signIn } = run;
  assert.equal(signIn.state, model.state);
  assert.equal(signIn.accountId, model.owner);
  assert.equal(signIn.companyId, model.owner && 'bakery');
  assert.equal(
    signIn.proofs.some(({ kind }) => kind === 'password'),
    model.owner !== undefined,
  );
  assert.equal(
    signIn.proofs.some(({ kind }) => kind !== 'password'),
    model.provenFactor,
  );
  assert.equal(signIn.expiresAtMs, startMs + 600_000);
  assert.equal(
    isLive(signIn, run.nowMs),
    run.nowMs < startMs + 600_000 && !['refused', 'expired'].includes(model.state),
  );
  assert.equal(run.sessions.length, model.state === 'done' ? 1 : 0);
  assert.equal(signIn.sessionId !== undefined, model.state === 'done');
  for (const { session, signInId } of run.sessions) {
    assert.ok(model.provenAll);
    assert.deepEqual([session.accountId, session.companyId, signInId], ['ann', 'bakery', 'sign-in']);
    assert.equal(session.id, signIn.sessionId);
    assert.equal(assuranceOf(session.proofs) === 'urn:secondring:acr:two-factor', model.provenFactor);
    if (model.demand === 'required' || model.wantsTwo) assert.ok(model.provenFactor);
  }
  if (signIn.state === 'factor') assert.equal(signIn.challengeId, run.challenges.at(-1)?.id);
  if (signIn.state === 'enrollment') assert.equal(signIn.enrollmentId, run.enrollments.at(-1)?.id);
  for (const challenge of run.challenges) assert.equal(challenge.accountId, 'ann');
  for (const enrollment of run.enrollments) {
    assert.deepEqual([enrollment.accountId, enrollment.signInId], ['ann', 'sign-in']);
  }
}
