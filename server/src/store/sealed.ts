// Secrets in columns: each is sealed to its own row (table, column, company, account, identifiers, kind), so that
// a sealed value copied to another row opens nothing (attack D3, C-02). A binding carries a MAC besides, over
// everything that makes it somebody's, so that a row made by hand is no authenticator (security.md §5.3.5).

import { createHmac, timingSafeEqual } from 'node:crypto';
import { SecondringError } from '#core/errors.ts';
import type { StaffGrant } from '#core/staff.ts';
import { bindTo } from '#custody/additional-data.ts';
import { open, seal } from '#custody/aead.ts';
import type { DataKey } from '#custody/keyring.ts';

interface EnrollmentRow {
  readonly id: string;
  readonly companyId: string;
  readonly accountId: string;
  readonly kind: string;
}

export interface BindingRow extends EnrollmentRow {
  readonly enrollmentId: string;
  readonly boundAtMs: number;
  readonly boundLeafHash: Uint8Array;
}

/** Seals the secret of an enrollment to its row. */
export function sealEnrollmentSecret(key: DataKey, row: EnrollmentRow & { secret: Uint8Array }): Uint8Array {
  return seal(key.subkey('seal'), key.version, row.secret, enrollmentData(row));
}

/** Opens the secret of an enrollment. */
export function openEnrollmentSecret(key: DataKey, row: EnrollmentRow, sealed: Uint8Array): Uint8Array {
  return open(key.subkey('seal'), sealed, enrollmentData(row));
}

/** Seals the secret of a new authenticator to its row and makes the row's MAC. */
export function sealBinding(
  key: DataKey,
  row: BindingRow,
  secret: Uint8Array,
): { readonly secret: Uint8Array; readonly bindingMac: Uint8Array } {
  const sealed = seal(key.subkey('seal'), key.version, secret, authenticatorData(row));
  return { secret: sealed, bindingMac: bindingMac(key, row, sealed) };
}

/**
 * Opens the secret of an authenticator after its binding was found to be genuine.
 * @throws SecondringError `binding-invalid`, `sealed-value-unreadable`
 */
export function openBinding(key: DataKey, row: BindingRow, sealed: Uint8Array, mac: Uint8Array): Uint8Array {
  const expected = bindingMac(key, row, sealed);
  if (!isGenuine(mac, expected)) {
    throw new SecondringError('binding-invalid', `The binding of authenticator ${row.id} is not genuine.`);
  }
  return open(key.subkey('seal'), sealed, authenticatorData(row));
}

/** Seals a signing key to its row. */
export function sealSigningKey(
  key: DataKey,
  row: { readonly id: string; readonly algorithm: string },
  privateKey: Uint8Array,
): Uint8Array {
  return seal(key.subkey('seal'), key.version, privateKey, signingKeyData(row));
}

/** Opens a signing key. */
export function openSigningKey(
  key: DataKey,
  row: { readonly id: string; readonly algorithm: string },
  sealed: Uint8Array,
): Uint8Array {
  return open(key.subkey('seal'), sealed, signingKeyData(row));
}

/** The row of a key that signs the audit's checkpoints, as text: all of it is authenticated with the key. */
export interface AuditKeyRow {
  readonly serial: string;
  readonly origin: string;
  readonly algorithm: string;
  readonly createdAtMs: string;
}

/** Seals a key that signs checkpoints to its row. */
export function sealAuditKey(key: DataKey, row: AuditKeyRow, privateKey: Uint8Array): Uint8Array {
  return seal(key.subkey('seal'), key.version, privateKey, auditKeyData(row));
}

/** Opens a key that signs checkpoints. */
export function openAuditKey(key: DataKey, row: AuditKeyRow, sealed: Uint8Array): Uint8Array {
  return open(key.subkey('seal'), sealed, auditKeyData(row));
}

/** Seals the frontier of the audit's tree to its size. It is no secret, but nobody else may write one. */
export function sealFrontier(key: DataKey, size: number, joined: Uint8Array): Uint8Array {
  return seal(key.subkey('seal'), key.version, joined, frontierData(size));
}

/** Opens the frontier of a tree of this size. */
export function openFrontier(key: DataKey, size: number, sealed: Uint8Array): Uint8Array {
  return open(key.subkey('seal'), sealed, frontierData(size));
}

interface AddressRow {
  readonly id: string;
  readonly companyId: string;
}

/** Seals the mail address of an account to its row. */
export function sealAddress(key: DataKey, row: AddressRow, address: string): Uint8Array {
  return seal(key.subkey('seal'), key.version, Buffer.from(address), addressData(row));
}

/** Opens the mail address of an account. */
export function openAddress(key: DataKey, row: AddressRow, sealed: Uint8Array): string {
  return Buffer.from(open(key.subkey('seal'), sealed, addressData(row))).toString();
}

interface OutboxRow {
  readonly id: string;
  readonly kind: string;
}

/** Seals what an item of the outbox carries to its row, under the provider's key. */
export function sealOutboxPayload(key: DataKey, row: OutboxRow, payload: object): Uint8Array {
  return seal(key.subkey('seal'), key.version, Buffer.from(JSON.stringify(payload)), outboxData(row));
}

/** Opens what an item of the outbox carries. */
export function openOutboxPayload(key: DataKey, row: OutboxRow, sealed: Uint8Array): object {
  return JSON.parse(Buffer.from(open(key.subkey('seal'), sealed, outboxData(row))).toString()) as object;
}

/** What of a sign-in lets somebody in by it. */
export interface SignInRow {
  readonly id: string;
  readonly revision: number;
  readonly state: string;
  readonly applicationId: string;
  readonly accountId: string | null;
  readonly companyId: string | null;
  readonly passwordRevision: number | null;
  readonly passwordResetId: string | null;
  readonly proofs: string;
  readonly sessionId: string | null;
  readonly expiresAtMs: number;
}

/** The MAC of a sign-in, under the provider's key. */
export function signInMac(key: DataKey, row: SignInRow): Uint8Array {
  const { id, revision, state, applicationId, accountId, companyId, proofs, sessionId, expiresAtMs } = row;
  const numbers = [String(revision), String(expiresAtMs)];
  const owner = [accountId ?? '', companyId ?? '', sessionId ?? ''];
  const password = [String(row.passwordRevision ?? ''), row.passwordResetId ?? ''];
  return rowMac(key, 'sign_ins', [id, state, applicationId, proofs, ...owner, ...password, ...numbers]);
}

/** What a sign-in began with and never changes. */
export interface SignInOriginRow {
  readonly id: string;
  readonly applicationId: string;
  readonly browserKeyHash: Uint8Array;
  readonly wants: string;
  readonly interaction: string | null;
}

/** The MAC of what a sign-in began with, under the provider's key: made once. */
export function signInOriginMac(key: DataKey, row: SignInOriginRow): Uint8Array {
  const { id, applicationId, wants, interaction } = row;
  const browserKeyHash = Buffer.from(row.browserKeyHash).toString('base64url');
  return rowMac(key, 'sign_ins origin', [id, applicationId, browserKeyHash, wants, interaction ?? '']);
}

/** Seals the identifier of an OIDC interaction to the sign-in that it waits for: whoever knows it resumes it. */
export function sealInteraction(key: DataKey, signInId: string, interaction: string): string {
  const sealed = seal(key.subkey('seal'), key.version, Buffer.from(interaction), interactionData(signInId));
  return Buffer.from(sealed).toString('base64url');
}

/** Opens the identifier of an OIDC interaction. */
export function openInteraction(key: DataKey, signInId: string, sealed: Uint8Array): string {
  return Buffer.from(open(key.subkey('seal'), sealed, interactionData(signInId))).toString();
}

/** What of a session lets somebody in by it. */
export interface SessionRow {
  readonly id: string;
  readonly tokenHash: Uint8Array;
  readonly accountId: string;
  readonly companyId: string;
  readonly proofs: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** The MAC of a session, under the provider's key. */
export function sessionMac(key: DataKey, row: SessionRow): Uint8Array {
  const { id, accountId, companyId, proofs, createdAtMs, expiresAtMs } = row;
  const tokenHash = Buffer.from(row.tokenHash).toString('base64url');
  const numbers = [String(createdAtMs), String(expiresAtMs)];
  return rowMac(key, 'sessions', [id, tokenHash, accountId, companyId, proofs, ...numbers]);
}

/** The MAC of a role that somebody has as staff, under the provider's key. */
export function staffGrantMac(key: DataKey, { accountId, role, companyId }: StaffGrant): Uint8Array {
  return rowMac(key, 'staff_roles', [accountId, role, companyId ?? '']);
}

/** Whether a stored MAC is the expected one, compared in constant time. */
export function isGenuine(stored: Uint8Array, expected: Uint8Array): boolean {
  return stored.length === expected.length && timingSafeEqual(stored, expected);
}

function rowMac(key: DataKey, table: string, fields: readonly string[]): Uint8Array {
  return createHmac('sha256', key.subkey('row-mac'))
    .update(bindTo(table, ...fields))
    .digest();
}

function enrollmentData(row: EnrollmentRow): Uint8Array {
  return bindTo('enrollments', 'secret', row.companyId, row.accountId, row.id, row.kind);
}

function authenticatorData(row: BindingRow): Uint8Array {
  return bindTo('authenticators', 'secret', row.companyId, row.accountId, row.id, row.kind);
}

function interactionData(signInId: string): Uint8Array {
  return bindTo('sign_ins', 'interaction', signInId);
}

function addressData(row: AddressRow): Uint8Array {
  return bindTo('accounts', 'address', row.companyId, row.id);
}

function outboxData(row: OutboxRow): Uint8Array {
  return bindTo('outbox', 'payload', row.id, row.kind);
}

function signingKeyData(row: { readonly id: string; readonly algorithm: string }): Uint8Array {
  return bindTo('signing_keys', 'private_key', row.id, row.algorithm);
}

function auditKeyData(row: AuditKeyRow): Uint8Array {
  return bindTo('audit_keys', 'private_key', row.serial, row.origin, row.algorithm, row.createdAtMs);
}

function frontierData(size: number): Uint8Array {
  return bindTo('audit_tree', 'frontier', String(size));
}

function bindingMac(key: DataKey, row: BindingRow, sealed: Uint8Array): Uint8Array {
  const bound = bindTo(
    'binding',
    row.companyId,
    row.accountId,
    row.id,
    row.kind,
    row.enrollmentId,
    String(row.boundAtMs),
    Buffer.from(row.boundLeafHash).toString('base64url'),
    Buffer.from(sealed).toString('base64url'),
  );
  return createHmac('sha256', key.subkey('binding-mac')).update(bound).digest();
}
