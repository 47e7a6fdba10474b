// A store with people in it, and short ways to what most tests need first: a sign-in under way, a bound
// authenticator app, a challenge, a set of recovery codes. Everything goes through the store's own commits, with the
// core's own decisions where there are any.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type Account, type Company, usernameKey } from '#core/account.ts';
import type { Application } from '#core/application.ts';
import type { AuditEvent } from '#core/audit.ts';
import type { FactorKind } from '#core/authenticator.ts';
import { type Challenge, issueChallenge } from '#core/challenge.ts';
import type { Change, OidcDocument } from '#core/changes.ts';
import { beginEnrollment, bindAuthenticator, type Enrollment, proveEnrollment } from '#core/enrollment.ts';
import type { Session } from '#core/session.ts';
import { beginSignIn, enrolling, type SignIn } from '#core/sign-in.ts';
import { newId as newOrderedId } from '#flows/visitor.ts';
import type { Engine } from './each-engine.ts';
import { openTestStore, type TestStore } from './open-test-store.ts';

export const newId = (): string => randomBytes(16).toString('base64url');
export const newHash = (): Uint8Array => randomBytes(32);

export interface Bound {
  readonly id: string;
  readonly account: Account;
  readonly enrollment: Enrollment;
}

export interface SeededStore extends TestStore {
  readonly company: Company;
  readonly account: Account;
  readonly application: Application;
  readonly newAccount: (company?: Company) => Promise<Account>;
  readonly newCompany: () => Promise<Company>;
  readonly newSignIn: () => Promise<SignIn>;
  /** A sign-in after the right password of an account. */
  readonly newSignInOf: (account?: Account) => Promise<SignIn>;
  readonly newEnrollment: (kind?: FactorKind, account?: Account) => Promise<Enrollment>;
  readonly newTotp: (account?: Account) => Promise<Bound>;
  readonly newChallenge: (bound: Bound, kind?: FactorKind) => Promise<Challenge>;
  readonly newRecoveryCodes: (selectors: readonly string[], account?: Account) => Promise<Bound>;
  readonly newSession: (account?: Account) => Promise<Session & { readonly tokenHash: Uint8Array }>;
}

/** Commits what has to be committed for a test to make sense. */
export async function commitAll(test: TestStore, ...changes: Change[]): Promise<void> {
  assert.deepEqual(await test.store.commit(changes), { committed: true });
}

export async function openSeededStore(engine: Engine): Promise<SeededStore> {
  const test = await openTestStore(engine);
  try {
    return await seed(test);
  } catch (error) {
    await test.close();
    throw error;
  }
}

async function seed(test: TestStore): Promise<SeededStore> {
  const { store, clock } = test;
  const nowMs = clock.nowMs;

  async function newCompany(): Promise<Company> {
    const id = newId();
    const company = { id, name: `Company ${id}`, authenticatorAppsPerAccount: 2 };
    await commitAll(test, { change: 'company.create', ...company, nowMs: nowMs() });
    return company;
  }

  async function newAccountOf(companyId: string): Promise<Account> {
    const id = newId();
    const username = `${id}@Demo.test`;
    const key = usernameKey(username) ?? '';
    const passwordHash = 'no hash';
    await commitAll(test, {
      change: 'account.create',
      ...{ id, companyId, username, usernameKey: key, passwordHash, nowMs: nowMs() },
      mustChangePassword: false,
      address: `${id}@demo.test`,
    });
    return {
      ...{ id, companyId, username, status: 'active', mustChangePassword: false },
      ...{ passwordRevision: 0, arrangement: 0 },
    } as const;
  }

  await commitAll(test, { change: 'provider.create', id: newId(), name: 'Provider', nowMs: nowMs() });
  const company = await newCompany();
  const first = await newAccountOf(company.id);
  const application = await store.application('secondring');
  assert.ok(application, 'every store has the application of our own pages');

  async function newSignIn(): Promise<SignIn> {
    assert.ok(application);
    const at = { wants: {}, interaction: undefined, nowMs: nowMs() };
    const signIn = beginSignIn({ id: newOrderedId({ random: randomBytes, nowMs }), application, ...at });
    await commitAll(test, { change: 'sign-in.begin', signIn, browserKeyHash: newHash() });
    return signIn;
  }

  async function newSignInOf(account = first): Promise<SignIn> {
    const begun = await newSignIn();
    const next: SignIn = {
      ...begun,
      revision: 1,
      state: 'factor',
      accountId: account.id,
      companyId: account.companyId,
      passwordRevision: account.passwordRevision,
      proofs: [{ kind: 'password', atMs: nowMs() }],
    };
    await commitAll(test, { change: 'sign-in.advance', next, nowMs: nowMs() });
    return next;
  }

  async function newEnrollment(kind: FactorKind = 'totp', account = first): Promise<Enrollment> {
    const signIn = enrolling(await newSignInOf(account));
    assert.ok(signIn);
    const secret = kind === 'totp' ? randomBytes(20) : new Uint8Array();
    const enrollment = beginEnrollment({ id: newId(), signIn, kind, secret, nowMs: nowMs() });
    await commitAll(test, { change: 'enrollment.begin', enrollment });
    return enrollment;
  }

  async function bind(kind: 'totp' | 'recovery-code', account: Account): Promise<Bound> {
    const enrollment = await newEnrollment(kind, account);
    const id = newId();
    await commitAll(test, ...bindingOf(enrollment, id, await arrangementOf(test, account)));
    return { id, account, enrollment };
  }

  return {
    ...test,
    company,
    account: first,
    application,
    newCompany,
    newAccount: (of = company) => newAccountOf(of.id),
    newSignIn,
    newSignInOf,
    newEnrollment,
    newTotp: (account = first) => bind('totp', account),
    async newChallenge(bound, kind = 'totp') {
      const signIn = await newSignInOf(bound.account);
      const authenticator = { ...authenticatorFields, id: bound.id, kind, ...ownerOf(bound.account) };
      const challenge = issueChallenge({ id: newId(), signIn, authenticator, nowMs: nowMs() });
      await commitAll(test, { change: 'challenge.issue', challenge });
      return challenge;
    },
    async newRecoveryCodes(selectors, account = first) {
      const bound = await bind('recovery-code', account);
      for (const selector of selectors) {
        const hash = `hash of ${selector}`;
        await commitAll(test, {
          change: 'recovery-code.issue',
          ...{ authenticatorId: bound.id, selector, hash, pepperVersion: 1 },
        });
      }
      return bound;
    },
    async newSession(account = first) {
      const atMs = nowMs();
      const session: Session = {
        id: newId(),
        ...ownerOf(account),
        proofs: [{ kind: 'password', atMs }],
        createdAtMs: atMs,
        expiresAtMs: atMs + 3_600_000,
      };
      const tokenHash = newHash();
      await commitAll(test, { change: 'session.begin', session, signInId: newId(), tokenHash });
      return { ...session, tokenHash };
    },
  };
}

const authenticatorFields = {
  label: '',
  position: 1,
  boundAtMs: 0,
  lastUsedAtMs: undefined,
  unusedCodes: undefined,
  keptAtMs: undefined,
};

const ownerOf = (account: Account) => ({ accountId: account.id, companyId: account.companyId });

async function arrangementOf(test: TestStore, account: Account): Promise<number> {
  const [row] = await test.raw.rows('select arrangement from accounts where id = $1', account.id);
  return Number(row?.arrangement);
}

/** The changes that bind an enrollment of a person who answered right. */
export function bindingOf(enrollment: Enrollment, id: string, arrangement: number): readonly Change[] {
  const { accountId, companyId, signInId, createdAtMs: nowMs } = enrollment;
  const signIn = { id: signInId, accountId, companyId, expiresAtMs: enrollment.expiresAtMs };
  const proof = proveEnrollment({ signIn, enrollment, verdict: { verdict: 'accepted' }, nowMs });
  assert.ok(proof, 'an enrollment is proven by its own sign-in');
  const steps = enrollment.kind === 'totp' ? 0 : undefined;
  const authenticator = { id, label: 'Mine', position: 1, lastStep: steps, driftSteps: steps };
  const event = anEvent({ event: 'authenticator.bound', companyId, accountId, atMs: nowMs });
  return bindAuthenticator(proof, authenticator, arrangement, event);
}

/** An audit event with an id of its own. */
export function anEvent(fields: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id: newId(),
    atMs: 1_700_000_000_000,
    event: 'sign-in.succeeded',
    companyId: undefined,
    accountId: undefined,
    facts: { kind: 'totp' },
    personal: { address: '192.0.2.7' },
    ...fields,
  };
}

/** A document of the OIDC library with an identifier of its own. */
export function aDocument(expiresAtMs: number, fields: Partial<OidcDocument> = {}): OidcDocument {
  return {
    model: 'AuthorizationCode',
    idHash: newHash(),
    uidHash: undefined,
    grantIdHash: undefined,
    sessionId: undefined,
    payload: '{"a":1}',
    expiresAtMs,
    ...fields,
  };
}
