// From rows to the domain's own values. What a row cannot be is a defect or damage, and is said so.

import type { Account, Company } from '#core/account.ts';
import type { Application } from '#core/application.ts';
import type { Proof } from '#core/assurance.ts';
import type { AuditEventName } from '#core/audit.ts';
import type { Authenticator, FactorKind } from '#core/authenticator.ts';
import type { Challenge } from '#core/challenge.ts';
import type { ClientRegistration } from '#core/changes.ts';
import type { OutboxEntry } from '#core/outbox.ts';
import type { PasswordReset } from '#core/password-reset.ts';
import type { Wants } from '#core/policy.ts';
import type {
  AccountView,
  AuditLine,
  FoundOidcDocument,
  PersonView,
  SessionView,
  WaitingPassword,
} from '#core/ports.ts';
import type { SignIn, SignInState } from '#core/sign-in.ts';
import type { StaffGrant } from '#core/staff.ts';
import type { Tries } from '#core/throttle.ts';
import type { Row } from './statement.ts';

export const text = (row: Row, column: string): string => String(row[column]);
export const number = (row: Row, column: string): number => Number(row[column]);
export const bytes = (row: Row, column: string): Uint8Array => row[column] as Uint8Array;

const optional = <Result>(
  row: Row,
  column: string,
  as: (row: Row, column: string) => Result,
): Result | undefined => (row[column] === null || row[column] === undefined ? undefined : as(row, column));

export const optionalNumber = (row: Row, column: string): number | undefined => optional(row, column, number);

const json = <Result>(row: Row, column: string): Result => JSON.parse(text(row, column)) as Result;

export function accountOf(row: Row, id: string): Account {
  return {
    id,
    companyId: text(row, 'company_id'),
    username: text(row, 'username'),
    status: text(row, 'account_status') as Account['status'],
    mustChangePassword: number(row, 'must_change_password') === 1,
    passwordRevision: number(row, 'account_password_revision'),
    arrangement: number(row, 'arrangement'),
  };
}

export function waitingOf(row: Row): WaitingPassword | undefined {
  const resetId = optional(row, 'waiting_id', text);
  if (resetId === undefined) return undefined;
  return {
    resetId,
    passwordHash: text(row, 'waiting_hash'),
    expiresAtMs: number(row, 'waiting_until_ms'),
  };
}

export function passwordResetOf(row: Row): PasswordReset {
  return {
    id: text(row, 'reset_id'),
    accountId: text(row, 'id'),
    companyId: text(row, 'company_id'),
    state: text(row, 'reset_state') as PasswordReset['state'],
    createdAtMs: number(row, 'reset_created_at_ms'),
    expiresAtMs: number(row, 'reset_expires_at_ms'),
  };
}

export function outboxEntryOf(row: Row): OutboxEntry {
  return {
    id: text(row, 'id'),
    kind: text(row, 'kind'),
    attempts: number(row, 'attempts'),
    expiresAtMs: number(row, 'expires_at_ms'),
  };
}

export function companyOf(row: Row, id: string, name: string): Company {
  return { id, name, authenticatorAppsPerAccount: number(row, 'authenticator_apps_per_account') };
}

export function accountViewOf(row: Row): AccountView {
  return { ...personViewOf(row), passwordHash: text(row, 'password_hash'), waiting: waitingOf(row) };
}

export function applicationOf(row: Row): Application {
  return {
    id: text(row, 'application_id'),
    name: text(row, 'application_name'),
    secondFactor: text(row, 'second_factor') as Application['secondFactor'],
    homeUrl: optional(row, 'home_url', text),
  };
}

export function clientOf(row: Row): ClientRegistration | undefined {
  const clientId = optional(row, 'client_id', text);
  if (clientId === undefined) return undefined;
  return {
    clientId,
    secretHash: text(row, 'client_secret_hash'),
    redirectUris: json(row, 'redirect_uris'),
    postLogoutRedirectUris: json(row, 'post_logout_redirect_uris'),
    backchannelLogoutUri: optional(row, 'backchannel_logout_uri', text),
  };
}

/** @param interaction opened */
export function signInOf(row: Row, interaction: string | undefined): SignIn {
  return {
    id: text(row, 'id'),
    revision: number(row, 'revision'),
    state: text(row, 'state') as SignInState,
    applicationId: text(row, 'application_id'),
    wants: json<Wants>(row, 'wants'),
    interaction,
    accountId: optional(row, 'account_id', text),
    companyId: optional(row, 'company_id', text),
    passwordRevision: optional(row, 'password_revision', number),
    passwordResetId: optional(row, 'password_reset_id', text),
    proofs: json<Proof[]>(row, 'proofs'),
    challengeId: optional(row, 'challenge_id', text),
    enrollmentId: optional(row, 'enrollment_id', text),
    sessionId: optional(row, 'session_id', text),
    createdAtMs: number(row, 'created_at_ms'),
    expiresAtMs: number(row, 'expires_at_ms'),
  };
}

export function personViewOf(row: Row): PersonView {
  const account = accountOf(row, text(row, 'id'));
  return { account, company: companyOf(row, account.companyId, text(row, 'company_name')) };
}

/** Reads the facts from the canonical text of a leaf (core/audit.ts). */
export function auditLineOf(row: Row): AuditLine {
  const { facts } = json<{ readonly facts: readonly (readonly [string, string | number | boolean])[] }>(
    row,
    'canonical',
  );
  return {
    atMs: number(row, 'at_ms'),
    event: text(row, 'event') as AuditEventName,
    facts: Object.fromEntries(facts),
  };
}

export function authenticatorOf(row: Row): Authenticator {
  return {
    id: text(row, 'id'),
    accountId: text(row, 'account_id'),
    companyId: text(row, 'company_id'),
    kind: text(row, 'kind') as FactorKind,
    label: text(row, 'label'),
    position: number(row, 'position'),
    boundAtMs: number(row, 'bound_at_ms'),
    lastUsedAtMs: optional(row, 'last_used_at_ms', number),
    unusedCodes: optional(row, 'unused_codes', number),
    keptAtMs: optional(row, 'kept_at_ms', number),
  };
}

export function challengeOf(row: Row): Challenge {
  return {
    id: text(row, 'id'),
    signInId: text(row, 'sign_in_id'),
    accountId: text(row, 'account_id'),
    authenticatorId: text(row, 'authenticator_id'),
    kind: text(row, 'kind') as FactorKind,
    tries: number(row, 'tries'),
    issuedAtMs: number(row, 'issued_at_ms'),
    expiresAtMs: number(row, 'expires_at_ms'),
    consumedAtMs: optional(row, 'consumed_at_ms', number),
  };
}

export function triesOf(row: Row): Tries {
  return {
    key: text(row, 'key'),
    count: number(row, 'count'),
    startedAtMs: number(row, 'started_at_ms'),
    notBeforeMs: number(row, 'not_before_ms'),
  };
}

export function sessionOf(row: Row): SessionView {
  return {
    id: text(row, 'id'),
    accountId: text(row, 'account_id'),
    companyId: text(row, 'company_id'),
    username: text(row, 'username'),
    companyName: text(row, 'company_name'),
    arrangement: number(row, 'arrangement'),
    proofs: json<Proof[]>(row, 'proofs'),
    createdAtMs: number(row, 'created_at_ms'),
    lastSeenAtMs: number(row, 'last_seen_at_ms'),
    expiresAtMs: number(row, 'expires_at_ms'),
  };
}

export function staffGrantOf(row: Row): StaffGrant {
  return {
    accountId: text(row, 'account_id'),
    role: text(row, 'role') as StaffGrant['role'],
    companyId: optional(row, 'company_id', text),
  };
}

export function oidcDocumentOf(row: Row): FoundOidcDocument {
  return {
    model: text(row, 'model'),
    idHash: bytes(row, 'id_hash'),
    uidHash: optional(row, 'uid_hash', bytes),
    grantIdHash: optional(row, 'grant_id_hash', bytes),
    sessionId: optional(row, 'session_id', text),
    payload: text(row, 'payload'),
    expiresAtMs: number(row, 'expires_at_ms'),
    consumedAtMs: optional(row, 'consumed_at_ms', number),
  };
}
