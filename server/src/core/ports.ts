// What the pure layers and the flows are given from outside: the store, time, randomness, slow hashing, keyed
// hashing, the log. Each is the smallest interface that works; main.ts supplies the real ones.

import type { Account, Company } from './account.ts';
import type { Application } from './application.ts';
import type { Proof } from './assurance.ts';
import type { AuditEvent, AuditEventName } from './audit.ts';
import type { AuditStore } from './audit-store.ts';
import type { Authenticator, OpenedTotp } from './authenticator.ts';
import type { Challenge } from './challenge.ts';
import type { Change, ClientRegistration, Hash, OidcDocument } from './changes.ts';
import type { Enrollment } from './enrollment.ts';
import type { Fenced, FenceOrder } from './epoch.ts';
import type { Letter } from './letter.ts';
import type { EndedSessions, OutboxEntry, OutboxItem, OutboxKind, PanelNotice } from './outbox.ts';
import type { PasswordReset } from './password-reset.ts';
import type { SignIn } from './sign-in.ts';
import type { StaffGrant } from './staff.ts';
import type { Tries } from './throttle.ts';

/** A sign-in with what every request on it needs to know, in one read. */
export interface SignInView {
  readonly signIn: SignIn;
  readonly browserKeyHash: Hash;
  readonly application: Application;
  readonly client: ClientRegistration | undefined;
  readonly account: Account | undefined;
  readonly company: Company | undefined;
}

/** An account as the password step needs it. */
export interface AccountView extends PersonView {
  readonly passwordHash: string;
  /** A password that was chosen by mail and waits to be proven. */
  readonly waiting: WaitingPassword | undefined;
}

/** A password that is good for one thing only: a sign-in that proves a factor and so puts it in force. */
export interface WaitingPassword {
  readonly resetId: string;
  readonly passwordHash: string;
  readonly expiresAtMs: number;
}

/** A password reset with whom it is for. */
export interface PasswordResetView {
  readonly reset: PasswordReset;
  readonly account: Account;
  readonly company: Company;
}

/** A challenge, and how to open the authenticator that its response is checked against. */
export interface ChallengeView {
  readonly challenge: Challenge;
  /** Throws SecondringError `binding-invalid` or `sealed-value-unreadable`. */
  readonly openTotp: () => Promise<OpenedTotp>;
}

/** A session that is alive: neither ended nor expired. */
export interface SessionView {
  readonly id: string;
  readonly accountId: string;
  readonly companyId: string;
  readonly username: string;
  readonly companyName: string;
  /** The account's. */
  readonly arrangement: number;
  readonly proofs: readonly Proof[];
  readonly createdAtMs: number;
  /** When it last led somewhere. */
  readonly lastSeenAtMs: number;
  readonly expiresAtMs: number;
}

/** A registered OIDC client and the application it is. */
export interface ClientView {
  readonly application: Application;
  readonly client: ClientRegistration;
}

export interface SigningKey {
  readonly id: string;
  readonly algorithm: string;
  /** Counts the keys of an algorithm from 1. */
  readonly serial: number;
  readonly createdAtMs: number;
  readonly publicJwk: string;
  /** PKCS #8, opened. */
  readonly privateKey: Uint8Array;
}

/** An unused recovery code as stored. */
export interface StoredRecoveryCode {
  readonly selector: string;
  readonly hash: string;
  /** The version of the pepper that went into the hash. */
  readonly pepperVersion: number;
}

/** Whether a commit happened, or which change of the list did not find its condition. */
export type Committed =
  | { readonly committed: true }
  | { readonly committed: false; readonly refused: Change };

/** Who an account is, without what it signs in with. */
export interface PersonView {
  readonly account: Account;
  readonly company: Company;
}

/** One line of the audit, without what is personal in it. */
export interface AuditLine {
  readonly atMs: number;
  readonly event: AuditEventName;
  readonly facts: AuditEvent['facts'];
}

/**
 * What can be read without any key: who there is, which methods they have, how their counters stand, what was written
 * down of them. It has no commit and no secret in it, so that a process that holds no key can have it.
 */
export interface StaffStore {
  providerName(): Promise<string | undefined>;
  /** @param companyId the only company that is looked in; undefined: all */
  person(usernameKey: string, companyId: string | undefined): Promise<PersonView | undefined>;
  authenticators(accountId: string): Promise<readonly Authenticator[]>;
  tries(keys: readonly string[]): Promise<ReadonlyMap<string, Tries>>;
  /** How many sessions of an account have neither ended nor expired. */
  countSessions(accountId: string, nowMs: number): Promise<number>;
  /** The newest lines about an account, the newest first. */
  auditLines(accountId: string, limit: number): Promise<readonly AuditLine[]>;
  close(): Promise<void>;
}

/**
 * The store. Reads give what the last commit left; nothing is decided on the strength of a read alone, since
 * every change carries its own condition. Faults are `SecondringError` with code `store-unavailable`.
 */
export interface Store extends AuditStore, StaffStore {
  /** Applies the whole list, durably, or none of it. Resolves after it is on disk. */
  commit(changes: readonly Change[]): Promise<Committed>;

  /** Begins a new epoch: nothing that was used or ended before works again, here or at another replica. */
  fence(order: FenceOrder): Promise<Fenced>;

  companies(): Promise<readonly Company[]>;
  accounts(companyId: string): Promise<readonly Account[]>;
  /** Every application, with the client it is. */
  clients(): Promise<readonly (Pick<ClientView, 'application'> & Partial<ClientView>)[]>;
  application(id: string): Promise<Application | undefined>;
  applications(): Promise<readonly Application[]>;
  client(clientId: string): Promise<ClientView | undefined>;
  accountByUsernameKey(usernameKey: string): Promise<AccountView | undefined>;
  account(id: string): Promise<AccountView | undefined>;
  /** Opens the mail address of an account. Throws SecondringError `sealed-value-unreadable`. */
  address(accountId: string): Promise<string | undefined>;
  passwordReset(tokenHash: Hash): Promise<PasswordResetView | undefined>;
  waitingPassword(resetId: string): Promise<WaitingPassword | undefined>;
  /** The roles an account has as staff. */
  staffGrants(accountId: string): Promise<readonly StaffGrant[]>;
  signIn(id: string): Promise<SignInView | undefined>;
  challenge(id: string): Promise<ChallengeView | undefined>;
  enrollment(id: string): Promise<Enrollment | undefined>;
  recoveryCode(authenticatorId: string, selector: string): Promise<StoredRecoveryCode | undefined>;
  session(tokenHash: Hash, nowMs: number): Promise<SessionView | undefined>;
  sessionById(id: string, nowMs: number): Promise<SessionView | undefined>;
  /** The panels to be told of the sessions of an account that ended at a moment. */
  panelsToTell(ended: EndedSessions): Promise<readonly PanelNotice[]>;
  oidcDocument(model: string, idHash: Hash, nowMs: number): Promise<FoundOidcDocument | undefined>;
  oidcDocumentByUid(model: string, uidHash: Hash, nowMs: number): Promise<FoundOidcDocument | undefined>;
  /** The keys that sign tokens; those that sign the audit are kept apart (`auditKeys`). */
  signingKeys(): Promise<readonly SigningKey[]>;
  /** Whether there is anything that `expired.remove` would remove. */
  hasExpired(nowMs: number): Promise<boolean>;

  /** What is due for delivery or has expired, the longest due first. */
  outboxDue(nowMs: number, limit: number): Promise<readonly OutboxEntry[]>;
  /** Opens the payload of an item. Throws SecondringError `sealed-value-unreadable`. */
  outboxItem(id: string): Promise<OutboxItem | undefined>;
  /** Calls back after each commit of this process that added to the outbox. Returns how to stop. */
  watchOutbox(onAdded: () => void): () => void;

  /** Looks at the database itself, and at nothing remembered. */
  health(): Promise<StoreHealth>;
  /** Calls back after each commit that announced this sign-in, at whichever replica, and every two seconds. */
  watch(signInId: string, onAnnounced: () => void): () => void;
}

/** What a database that answers is like. */
export interface StoreHealth {
  readonly engine: 'sqlite' | 'postgres';
  /** The name of the newest migration in it. */
  readonly schema: string;
  readonly schemaIsOurs: boolean;
  /** Whether the master key of this process opens the provider's data key. */
  readonly keysOpen: boolean;
  /** The database's own clock; undefined: it has none but ours. */
  readonly clockMs: number | undefined;
}

export interface FoundOidcDocument extends OidcDocument {
  readonly consumedAtMs: number | undefined;
}

/**
 * Deliberately slow hashing of what people choose or copy (argon2id), behind a bounded waiting line in which the
 * networks that people come from take turns, so that no one of them fills it.
 */
export interface SlowHash {
  /**
   * To be asked before a try is counted, so that nobody's tries are used up by a crowd.
   * @throws SecondringError `busy` when the waiting line is full, for everybody or for this network
   */
  ensureRoom(network: string): void;
  hash(secret: string): Promise<string>;
  verify(secret: string, stored: string, network: string): Promise<boolean>;
  /** The same work against nothing: an unknown name answers as late as a known one. */
  verifyNothing(secret: string, network: string): Promise<false>;
  /** How long the line is; absent where nobody ever waits. */
  line?(): HashLine;
}

export interface HashLine {
  readonly running: number;
  readonly waiting: number;
  /** Since the start: hashes that got a place, how long they waited for it in all, and those who found no room. */
  readonly begun: number;
  readonly waitedMs: number;
  readonly refused: number;
}

/** Keyed hashing with a company's own pepper, which is not in the database. */
export interface Peppers {
  /**
   * As text: the slow hash takes no bytes that are not UTF-8.
   * @param version of the pepper; without it the newest, for a code that is being given out
   */
  recoveryPepper(
    companyId: string,
    preimage: Uint8Array,
    version?: number,
  ): Promise<{ readonly text: string; readonly version: number }>;
}

/** Passwords that everybody tries first, as shipped with the product; nothing is asked outside. */
export interface CommonPasswords {
  /** @param key as `commonPasswordKey` gives it */
  has(key: string): Promise<boolean>;
}

export interface Mailer {
  /**
   * Sends a letter. Throws when it is worth trying again.
   * @param id the outbox item's, by which a second delivery can be known for one
   */
  send(letter: Letter, id: string): Promise<Delivered>;
}

/** `refused`: the other side will never take it. */
export type Delivered = 'delivered' | 'refused';
/** Delivers one kind of item. Throws when it is worth trying again. */
export type Deliver<Kind extends OutboxKind> = (
  item: Extract<OutboxItem, { readonly kind: Kind }>,
) => Promise<Delivered>;
export type Deliverers = { readonly [Kind in OutboxKind]: Deliver<Kind> };
/** The process of the staff pages, as the main process reaches it. */
export interface StaffProcess {
  /**
   * Starts it where it is not running.
   * @throws SecondringError `staff-unavailable`
   */
  reach(): Promise<StaffDoor>;
  close(): Promise<void>;
}

export interface StaffDoor {
  /** The Unix socket it listens on. */
  readonly socketPath: string;
  /** Signs what the main process says about who asks; the two know it and nobody else. */
  readonly statementKey: Uint8Array;
  /** A clock that both processes read, in milliseconds, and that nobody sets. */
  readonly tickMs: () => number;
  /** It did not answer as it must: it is ended, and the next request starts another. */
  readonly giveUp: () => void;
}

export interface Log {
  debug(facts: Readonly<Record<string, unknown>>, message: string): void;
  info(facts: Readonly<Record<string, unknown>>, message: string): void;
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
  error(facts: Readonly<Record<string, unknown>>, message: string): void;
}

/** Everything a flow is given. */
export interface Ports {
  readonly store: Store;
  readonly slowHash: SlowHash;
  readonly peppers: Peppers;
  readonly commonPasswords: CommonPasswords;
  /** Undefined: the provider has set up no mail, and nothing that takes mail is offered. */
  readonly mailer: Mailer | undefined;
  readonly log: Log;
  readonly nowMs: () => number;
  /** Cryptographically random bytes. */
  readonly random: (length: number) => Uint8Array;
  /** Waits; in tests, virtual. */
  readonly sleep: (ms: number) => Promise<void>;
}
