// From changes to statements: each named change becomes the parts of one commit, with its secrets sealed to their
// row and its audit event made a leaf. This is the one table that knows which statement a change is.

import type { Change, Hash } from '#core/changes.ts';
import { SecondringError } from '#core/errors.ts';
import { maskOfAddress } from '#core/letter.ts';
import type { Session } from '#core/session.ts';
import type { SignIn } from '#core/sign-in.ts';
import { providerScope } from '#custody/keyring.ts';
import { type AuditLeaf, leafOf } from './audit-leaf.ts';
import type { DataKeys } from './data-keys.ts';
import * as audit from './queries/audit.ts';
import * as authenticators from './queries/authenticators.ts';
import * as custody from './queries/custody.ts';
import * as outbox from './queries/outbox.ts';
import * as passwords from './queries/passwords.ts';
import * as people from './queries/people.ts';
import * as sessions from './queries/sessions.ts';
import * as signIns from './queries/sign-ins.ts';
import * as staff from './queries/staff.ts';
import {
  type SignInRow,
  sealAddress,
  sealAuditKey,
  sealBinding,
  sealEnrollmentSecret,
  sealFrontier,
  sealInteraction,
  sealOutboxPayload,
  sealSigningKey,
  sessionMac,
  signInMac,
  signInOriginMac,
  staffGrantMac,
} from './sealed.ts';
import type { Part, Statement, Value } from './statement.ts';

type Values = Readonly<Record<string, Value>>;

/**
 * The parts of one list of changes.
 * @throws SecondringError `commit-malformed` when two changes touch one row: in one statement only one would apply
 */
export async function partsOf(changes: readonly Change[], keys: DataKeys): Promise<readonly Part[]> {
  const leaves = leavesOf(changes);
  const parts: Part[] = [];
  for (const [position, change] of changes.entries()) {
    const made = statementsOf(change, leaves, keys);
    for (const [statement, values] of made instanceof Promise ? await made : made) {
      parts.push({ statement, values, position });
    }
  }
  refuseSharedRows(parts);
  return parts;
}

type Made = readonly (readonly [Statement, Values])[];

function statementsOf(
  change: Change,
  leaves: ReadonlyMap<string, AuditLeaf>,
  keys: DataKeys,
): Made | Promise<Made> {
  switch (change.change) {
    case 'provider.create':
      return [[people.createProvider, { id: change.id, name: change.name, nowMs: change.nowMs }]];
    case 'provider.rename':
      return [[people.renameProvider, { name: change.name }]];
    case 'company.create': {
      const { id, name, authenticatorAppsPerAccount, nowMs } = change;
      return [
        [people.createCompany, { id, name, authenticatorAppsPerAccount, nowMs }],
        [custody.createDataKey, { ...keys.create(id), nowMs }],
      ];
    }
    case 'account.create':
      return createAccount(change, keys);
    case 'account.rearrange':
      return [[people.rearrangeAccount, { id: change.id, expectedArrangement: change.expectedArrangement }]];
    case 'application.create':
      return [
        [
          people.createApplication,
          {
            id: change.id,
            name: change.name,
            secondFactor: change.secondFactor,
            homeUrl: change.homeUrl ?? null,
            clientId: change.client?.clientId ?? null,
            clientSecretHash: change.client?.secretHash ?? null,
            redirectUris: JSON.stringify(change.client?.redirectUris ?? []),
            postLogoutRedirectUris: JSON.stringify(change.client?.postLogoutRedirectUris ?? []),
            backchannelLogoutUri: change.client?.backchannelLogoutUri ?? null,
            nowMs: change.nowMs,
          },
        ],
      ];
    case 'staff-role.grant':
      return grantStaffRole(change, keys);
    case 'staff-role.revoke': {
      const { accountId, role } = change;
      return [[staff.revokeRole, { accountId, role }]];
    }
    case 'try.count': {
      const { key, count, startedAtMs, notBeforeMs, expected } = change;
      const values = { key, count, startedAtMs, notBeforeMs, expiresAtMs: change.expiresAtMs ?? null };
      if (expected === undefined) return [[signIns.beginTries, values]];
      const expectation = { expectedCount: expected.count, expectedStartedAtMs: expected.startedAtMs };
      return [[signIns.countTry, { ...values, ...expectation }]];
    }
    case 'try.add': {
      const { change: _, ...values } = change;
      return [[signIns.addTry, values]];
    }
    case 'try.reset':
      return [[signIns.resetTries, { key: change.key }]];
    case 'sign-in.begin':
      return beginSignIn(change, keys);
    case 'sign-in.advance':
      return advanceSignIn(change, keys);
    case 'sign-in.crowd-out': {
      const { accountId, exceptId, keep, nowMs } = change;
      return [[signIns.crowdOutSignIns, { accountId, exceptId, keep, nowMs }]];
    }
    case 'sign-in.end-others':
      return [[signIns.endOtherSignIns, { accountId: change.accountId, exceptId: change.exceptId }]];
    case 'sign-in.announce':
      return [[signIns.announceSignIn, { id: change.id }]];
    case 'password.replace': {
      const { change: _, ...values } = change;
      return [[passwords.replacePassword, values]];
    }
    case 'password-reset.begin': {
      const { id, companyId, accountId, createdAtMs, expiresAtMs } = change.reset;
      const { tokenHash } = change;
      const values = { id, companyId, accountId, tokenHash, createdAtMs, expiresAtMs };
      return [[passwords.beginPasswordReset, values]];
    }
    case 'password-reset.choose': {
      const { change: _, ...values } = change;
      return [[passwords.choosePassword, values]];
    }
    case 'password-reset.consume': {
      const { change: _, ...values } = change;
      return [[passwords.consumePasswordReset, values]];
    }
    case 'password-reset.clear': {
      const { accountId, exceptId = '' } = change;
      return [[passwords.clearPasswordResets, { accountId, exceptId }]];
    }
    case 'challenge.issue': {
      const { id, signInId, accountId, authenticatorId, kind, issuedAtMs, expiresAtMs } = change.challenge;
      const values = { id, signInId, accountId, authenticatorId, kind, issuedAtMs, expiresAtMs };
      return [[signIns.issueChallenge, values]];
    }
    case 'challenge.count':
      return [[signIns.countChallengeTry, { id: change.id, limit: change.limit, nowMs: change.nowMs }]];
    case 'challenge.consume':
      return [[signIns.consumeChallenge, { id: change.id, nowMs: change.nowMs }]];
    case 'enrollment.begin':
      return beginEnrollment(change, keys);
    case 'enrollment.count':
      return [
        [authenticators.countEnrollmentTry, { id: change.id, limit: change.limit, nowMs: change.nowMs }],
      ];
    case 'enrollment.consume':
      return [[authenticators.consumeEnrollment, { id: change.id, nowMs: change.nowMs }]];
    case 'authenticator.bind':
      return bindAuthenticator(change, leaves, keys);
    case 'authenticator.advance': {
      const { change: _, ...values } = change;
      return [[authenticators.advanceAuthenticator, values]];
    }
    case 'authenticator.remove': {
      const { change: _, ...values } = change;
      return [[authenticators.removeAuthenticator, values]];
    }
    case 'recovery-codes.keep':
      return [[authenticators.keepRecoveryCodes, { id: change.id, nowMs: change.nowMs }]];
    case 'recovery-code.issue': {
      const { change: _, ...values } = change;
      return [[authenticators.issueRecoveryCode, values]];
    }
    case 'recovery-code.consume': {
      const { change: _, ...values } = change;
      return [[authenticators.consumeRecoveryCode, values]];
    }
    case 'session.begin':
      return beginSession(change, keys);
    case 'session.renew':
      return renewSession(change, keys);
    case 'session.enter': {
      const { change: _, ...values } = change;
      const { sessionId, nowMs } = change;
      return [
        [sessions.enterApplication, values],
        [sessions.useSession, { sessionId, nowMs }],
      ];
    }
    case 'session.use': {
      const { sessionId, nowMs } = change;
      return [[sessions.useSession, { sessionId, nowMs }]];
    }
    case 'session.end': {
      const { change: _, ...values } = change;
      return [[sessions.endSession, values]];
    }
    case 'session.end-all': {
      const { change: _, ...values } = change;
      return [[sessions.endAllSessions, values]];
    }
    case 'outbox.add':
      return addToOutbox(change, keys);
    case 'outbox.claim': {
      const { change: _, ...values } = change;
      return [[outbox.claimOutboxItem, values]];
    }
    case 'outbox.postpone': {
      const { change: _, ...values } = change;
      return [[outbox.postponeOutboxItem, values]];
    }
    case 'outbox.remove':
      return [[outbox.removeOutboxItem, { id: change.id, attempts: change.attempts }]];
    case 'audit.append':
      return appendLeaf(leaves.get(change.event.id));
    case 'audit.index':
      return indexLeaves(change, keys);
    case 'audit.checkpoint':
      return [[audit.createCheckpoint, { size: change.size, note: change.note }]];
    case 'audit-key.create':
      return createAuditKey(change, keys);
    case 'oidc-document.put': {
      const { document } = change;
      const { model, idHash, payload, expiresAtMs } = document;
      const uidHash = document.uidHash ?? null;
      const grantIdHash = document.grantIdHash ?? null;
      const sessionId = document.sessionId ?? null;
      const values = { model, idHash, uidHash, grantIdHash, sessionId, payload, expiresAtMs };
      return [[sessions.putOidcDocument, values]];
    }
    case 'oidc-document.consume': {
      const { model, idHash, nowMs } = change;
      return [[sessions.consumeOidcDocument, { model, idHash, nowMs }]];
    }
    case 'oidc-document.remove':
      return [[sessions.removeOidcDocument, { model: change.model, idHash: change.idHash }]];
    case 'oidc-document.revoke-grant':
      return [[sessions.revokeOidcGrant, { grantIdHash: change.grantIdHash }]];
    case 'signing-key.create':
      return createSigningKey(change, keys);
    case 'expired.remove': {
      const { nowMs } = change;
      return [
        [custody.removeExpiredTries, { nowMs }],
        [custody.removeExpiredSignIns, { nowMs }],
        [custody.removeExpiredEnrollments, { nowMs }],
        [custody.removeExpiredPasswordResets, { nowMs }],
        [custody.removeExpiredOidcDocuments, { nowMs }],
      ];
    }
  }
}

type Of<Name extends Change['change']> = Extract<Change, { readonly change: Name }>;

async function createAccount(change: Of<'account.create'>, keys: DataKeys): Promise<Made> {
  const { change: _, address, mustChangePassword, ...values } = change;
  const { id, companyId } = change;
  const sealed =
    address === undefined ? null : sealAddress(await keys.get(companyId), { id, companyId }, address);
  return [
    [
      people.createAccount,
      {
        ...values,
        mustChangePassword: mustChangePassword ? 1 : 0,
        address: sealed,
        addressMask: address === undefined ? null : maskOfAddress(address),
      },
    ],
  ];
}

async function addToOutbox({ item }: Of<'outbox.add'>, keys: DataKeys): Promise<Made> {
  const { id, kind, createdAtMs, expiresAtMs } = item;
  const payload = sealOutboxPayload(await keys.get(providerScope), item, item.payload);
  return [[outbox.addToOutbox, { id, kind, payload, createdAtMs, expiresAtMs }]];
}

async function beginSignIn({ signIn, browserKeyHash }: Of<'sign-in.begin'>, keys: DataKeys): Promise<Made> {
  const key = await keys.get(providerScope);
  const { sessionId: _, ...row } = signInRow(signIn);
  const origin = {
    id: row.id,
    applicationId: row.applicationId,
    browserKeyHash,
    wants: JSON.stringify(signIn.wants),
    interaction: signIn.interaction === undefined ? null : sealInteraction(key, row.id, signIn.interaction),
  };
  const { createdAtMs, challengeId = null, enrollmentId = null } = signIn;
  const macs = { rowMac: signInMac(key, signInRow(signIn)), originMac: signInOriginMac(key, origin) };
  return [[signIns.beginSignIn, { ...row, ...origin, ...macs, createdAtMs, challengeId, enrollmentId }]];
}

async function advanceSignIn({ next, nowMs }: Of<'sign-in.advance'>, keys: DataKeys): Promise<Made> {
  const row = signInRow(next);
  const rowMac = signInMac(await keys.get(providerScope), row);
  const { applicationId: _application, expiresAtMs: _expiry, ...changing } = row;
  const challengeId = next.challengeId ?? null;
  const enrollmentId = next.enrollmentId ?? null;
  return [[signIns.advanceSignIn, { ...changing, challengeId, enrollmentId, rowMac, nowMs }]];
}

function signInRow(signIn: SignIn): SignInRow {
  const { id, revision, state, applicationId, expiresAtMs } = signIn;
  return {
    id,
    revision,
    state,
    applicationId,
    accountId: signIn.accountId ?? null,
    companyId: signIn.companyId ?? null,
    passwordRevision: signIn.passwordRevision ?? null,
    passwordResetId: signIn.passwordResetId ?? null,
    proofs: JSON.stringify(signIn.proofs),
    sessionId: signIn.sessionId ?? null,
    expiresAtMs,
  };
}

async function beginSession(
  { session, signInId, tokenHash }: Of<'session.begin'>,
  keys: DataKeys,
): Promise<Made> {
  const row = sessionRow(session, tokenHash);
  const rowMac = sessionMac(await keys.get(providerScope), row);
  return [[sessions.beginSession, { ...row, signInId, rowMac }]];
}

async function renewSession(change: Of<'session.renew'>, keys: DataKeys): Promise<Made> {
  const { session, tokenHash, expectedTokenHash, nowMs } = change;
  const row = sessionRow(session, tokenHash);
  const rowMac = sessionMac(await keys.get(providerScope), row);
  return [[sessions.renewSession, { ...row, expectedTokenHash, rowMac, nowMs }]];
}

function sessionRow(session: Session, tokenHash: Hash) {
  const { id, companyId, accountId, createdAtMs, expiresAtMs } = session;
  const proofs = JSON.stringify(session.proofs);
  return { id, tokenHash, accountId, companyId, proofs, createdAtMs, expiresAtMs };
}

async function beginEnrollment({ enrollment }: Of<'enrollment.begin'>, keys: DataKeys): Promise<Made> {
  const { id, companyId, accountId, signInId, kind, createdAtMs, expiresAtMs } = enrollment;
  const secret = sealEnrollmentSecret(await keys.get(companyId), enrollment);
  const values = { id, companyId, accountId, signInId, kind, secret, createdAtMs, expiresAtMs };
  return [[authenticators.beginEnrollment, values]];
}

async function bindAuthenticator(
  change: Of<'authenticator.bind'>,
  leaves: ReadonlyMap<string, AuditLeaf>,
  keys: DataKeys,
): Promise<Made> {
  const { enrollment, provenAtMs } = change.proof;
  const leaf = leaves.get(change.auditEventId);
  if (leaf === undefined) throw malformed('a binding needs its audit event in the same commit');
  const row = {
    id: change.id,
    companyId: enrollment.companyId,
    accountId: enrollment.accountId,
    enrollmentId: enrollment.id,
    kind: enrollment.kind,
    boundAtMs: provenAtMs,
    boundLeafHash: leaf.hash,
  };
  const sealed = sealBinding(await keys.get(enrollment.companyId), row, enrollment.secret);
  return [
    [
      authenticators.bindAuthenticator,
      {
        ...row,
        ...sealed,
        label: change.label,
        position: change.position,
        lastStep: change.lastStep ?? null,
        driftSteps: change.driftSteps ?? null,
      },
    ],
  ];
}

async function grantStaffRole({ grant, nowMs }: Of<'staff-role.grant'>, keys: DataKeys): Promise<Made> {
  const rowMac = staffGrantMac(await keys.get(providerScope), grant);
  const { accountId, role, companyId = null } = grant;
  return [[staff.grantRole, { accountId, role, companyId, rowMac, nowMs }]];
}

async function createSigningKey(change: Of<'signing-key.create'>, keys: DataKeys): Promise<Made> {
  const { id, algorithm, serial, publicJwk, nowMs } = change;
  const privateKey = sealSigningKey(await keys.get(providerScope), change, change.privateKey);
  return [[custody.createSigningKey, { id, algorithm, serial, publicJwk, privateKey, nowMs }]];
}

async function indexLeaves(
  { expectedSize, next, leafIds }: Of<'audit.index'>,
  keys: DataKeys,
): Promise<Made> {
  const frontier = sealFrontier(await keys.get(providerScope), next.size, Buffer.concat(next.frontier));
  const batch = { expectedSize, leafIds: JSON.stringify(leafIds) };
  return [
    [audit.advanceTree, { id: 'audit', size: next.size, frontier, count: leafIds.length, ...batch }],
    [audit.indexLeaves, batch],
  ];
}

async function createAuditKey(change: Of<'audit-key.create'>, keys: DataKeys): Promise<Made> {
  const { origin, algorithm, nowMs } = change;
  const serial = 1;
  const place = { serial: String(serial), origin, algorithm, createdAtMs: String(nowMs) };
  const privateKey = sealAuditKey(await keys.get(providerScope), place, change.privateKey);
  return [[audit.createAuditKey, { serial, origin, algorithm, privateKey, nowMs }]];
}

function appendLeaf(leaf: AuditLeaf | undefined): Made {
  if (leaf === undefined) throw malformed('an audit event without its leaf');
  const { id, atMs, event, companyId, accountId } = leaf.event;
  const values = {
    id,
    atMs,
    event,
    companyId: companyId ?? null,
    accountId: accountId ?? null,
    canonical: leaf.canonical,
    leafHash: leaf.hash,
  };
  if (leaf.personal === undefined) return [[custody.appendLeaf, values]];
  const { salt, fields } = leaf.personal;
  return [
    [custody.appendLeaf, values],
    [custody.appendPersonal, { leafId: id, salt, fields }],
  ];
}

function leavesOf(changes: readonly Change[]): ReadonlyMap<string, AuditLeaf> {
  const leaves = new Map<string, AuditLeaf>();
  for (const change of changes) {
    if (change.change === 'audit.append') leaves.set(change.event.id, leafOf(change.event));
  }
  return leaves;
}

function refuseSharedRows(parts: readonly Part[]): void {
  const touched = new Set<string>();
  for (const { statement, values } of parts) {
    const row = rowOf(statement, values);
    if (row === undefined) continue;
    if (touched.has(row)) throw malformed(`two changes touch one row of ${statement.table}`);
    touched.add(row);
  }
}

/** The row a statement touches, by its table and primary key; undefined for reads and for whole ranges of rows. */
function rowOf({ table }: Statement, values: Values): string | undefined {
  const key = (primaryKeys[table ?? ''] ?? ['id']).map((name) => values[name]);
  if (table === undefined || key.includes(undefined)) return undefined;
  return JSON.stringify([table, ...key.map((value) => (value instanceof Uint8Array ? [...value] : value))]);
}

/** The parameters that name a row, where it is not `id` alone. */
const primaryKeys: Readonly<Record<string, readonly string[]>> = {
  data_keys: ['scope', 'version'],
  tries: ['key'],
  recovery_codes: ['authenticatorId', 'selector'],
  oidc_documents: ['model', 'idHash'],
  audit_personal: ['leafId'],
  session_entries: ['sessionId', 'clientId'],
  audit_checkpoints: ['size'],
  audit_keys: ['serial'],
  staff_roles: ['accountId', 'role'],
};

function malformed(why: string): SecondringError {
  return new SecondringError('commit-malformed', `A list of changes is malformed: ${why}.`);
}
