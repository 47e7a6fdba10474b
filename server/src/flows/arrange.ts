// Use cases of who runs the service: provider, companies, accounts and applications come to be. None of them can
// bind anything for anybody.

import { createHash } from 'node:crypto';
import { type Account, usernameKey } from '#core/account.ts';
import type { Application } from '#core/application.ts';
import { type AuditEventName, auditEvent } from '#core/audit.ts';
import type { Change } from '#core/changes.ts';
import { SecondringError } from '#core/errors.ts';
import { mailAddress } from '#core/letter.ts';
import { normalizePassword } from '#core/password.ts';
import type { Ports } from '#core/ports.ts';
import type { StaffRole } from '#core/staff.ts';
import { newId, newToken } from './visitor.ts';

/** Names the provider; a store has one. */
export async function createProvider(ports: Ports, name: string): Promise<void> {
  const id = newId(ports);
  const nowMs = ports.nowMs();
  await create(ports, 'A provider', [
    { change: 'provider.create', id, name, nowMs },
    created(ports, 'provider.created', { providerId: id }),
  ]);
}

/** Gives the provider its name, or another one. Running services show it after a restart. */
export async function nameProvider(ports: Ports, name: string): Promise<void> {
  if ((await ports.store.providerName()) === undefined) return createProvider(ports, name);
  await ports.store.commit([{ change: 'provider.rename', name }, created(ports, 'provider.renamed', {})]);
}

/** Creates a company and its data key. Returns its id. */
export async function createCompany(
  ports: Ports,
  company: { readonly name: string; readonly authenticatorAppsPerAccount?: number },
): Promise<string> {
  const id = newId(ports);
  const { name, authenticatorAppsPerAccount = 1 } = company;
  await create(ports, `The company ${name}`, [
    { change: 'company.create', id, name, authenticatorAppsPerAccount, nowMs: ports.nowMs() },
    created(ports, 'company.created', {}, id),
  ]);
  return id;
}

/**
 * Creates an account with its first password and without any sign-in method. Returns its id.
 * @throws SecondringError `configuration-invalid`, `already-exists`
 */
export async function createAccount(
  ports: Ports,
  account: {
    readonly companyId: string;
    readonly username: string;
    readonly password: string;
    /** Where its owner is written to. */
    readonly address?: string | undefined;
    /** The owner chooses another password at the first sign-in. */
    readonly mustChangePassword?: boolean;
  },
): Promise<string> {
  const { companyId, username, mustChangePassword = false } = account;
  const address = account.address === undefined ? undefined : mailAddress(account.address);
  if (account.address !== undefined && address === undefined) {
    throw new SecondringError('configuration-invalid', 'This is no possible mail address.');
  }
  const password = normalizePassword(account.password);
  if (password === undefined)
    throw new SecondringError('configuration-invalid', 'This is no possible password.');
  const key = usernameKey(username);
  if (key === undefined) throw new SecondringError('configuration-invalid', 'This is no possible user name.');
  const passwordHash = await ports.slowHash.hash(password);
  const id = newId(ports);
  const nowMs = ports.nowMs();
  await create(ports, `The account ${username}`, [
    {
      change: 'account.create',
      id,
      companyId,
      username,
      usernameKey: key,
      passwordHash,
      mustChangePassword,
      address,
      nowMs,
    },
    created(ports, 'account.created', {}, companyId, id),
  ]);
  return id;
}

/** A client's secret as stored: SHA-256 of 256 random bits. */
function hashOfClientSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/**
 * Where a browser may be sent with a code: an absolute https address, or http on this machine (RFC 8252 section 7.3),
 * without a fragment (RFC 6749 section 3.1.2).
 * @throws SecondringError `not-understood`
 */
function refuseUnusableAddress(address: string): void {
  const url = URL.parse(address);
  const isHere = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const isUsable = url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere);
  if (isUsable && url?.hash === '' && !address.includes('#') && url.username === '') return;
  throw new SecondringError('not-understood', `This is no address to send a browser to: ${address}`, {
    hint: 'Give a whole https:// address without user or #fragment; http:// only for localhost.',
  });
}

/** Registers an application as an OIDC client. Its secret is in the answer and nowhere else. */
export async function createApplication(
  ports: Ports,
  application: {
    readonly clientId: string;
    readonly name: string;
    readonly secondFactor: Application['secondFactor'];
    readonly redirectUris: readonly string[];
    readonly postLogoutRedirectUris?: readonly string[];
    readonly backchannelLogoutUri?: string;
    readonly homeUrl?: string;
  },
): Promise<{ readonly id: string; readonly clientSecret: string }> {
  const id = newId(ports);
  const clientSecret = newToken(ports);
  const { clientId, name, secondFactor, redirectUris, postLogoutRedirectUris = [], homeUrl } = application;
  const { backchannelLogoutUri } = application;
  for (const address of [...redirectUris, ...postLogoutRedirectUris]) refuseUnusableAddress(address);
  for (const address of [homeUrl, backchannelLogoutUri]) {
    if (address !== undefined) refuseUnusableAddress(address);
  }
  const client = {
    clientId,
    secretHash: hashOfClientSecret(clientSecret),
    redirectUris,
    postLogoutRedirectUris,
    backchannelLogoutUri,
  };
  await create(ports, `The application ${clientId}`, [
    { change: 'application.create', id, name, secondFactor, homeUrl, client, nowMs: ports.nowMs() },
    created(ports, 'application.created', { applicationId: id, clientId, secondFactor }),
  ]);
  return { id, clientSecret };
}

/**
 * Makes an account staff: an agent of the provider, or an administrator of the account's own company. No role lets
 * anybody set up or change a sign-in method of somebody else.
 * @throws SecondringError `not-found`, and `already-exists` when the account has the role
 */
export async function grantRole(
  ports: Ports,
  { username, role }: { readonly username: string; readonly role: StaffRole },
): Promise<void> {
  const { id: accountId, companyId } = await accountNamed(ports, username);
  const grant = { accountId, role, companyId: role === 'administrator' ? companyId : undefined };
  await create(ports, `The role of ${role} for ${username}`, [
    { change: 'staff-role.grant', grant, nowMs: ports.nowMs() },
    created(ports, 'staff-role.granted', { role }, companyId, accountId),
  ]);
}

/**
 * Takes a role away. It is gone at the very next request.
 * @throws SecondringError `not-found` when the account does not have it
 */
export async function revokeRole(
  ports: Ports,
  { username, role }: { readonly username: string; readonly role: StaffRole },
): Promise<void> {
  const { id: accountId, companyId } = await accountNamed(ports, username);
  const { committed } = await ports.store.commit([
    { change: 'staff-role.revoke', accountId, role },
    created(ports, 'staff-role.revoked', { role }, companyId, accountId),
  ]);
  if (!committed) throw new SecondringError('not-found', `${username} does not have the role of ${role}.`);
}

async function accountNamed(ports: Ports, username: string): Promise<Account> {
  const key = usernameKey(username);
  const found = key === undefined ? undefined : await ports.store.accountByUsernameKey(key);
  if (found === undefined) throw new SecondringError('not-found', `There is no account ${username}.`);
  return found.account;
}

async function create(ports: Ports, what: string, changes: readonly Change[]): Promise<void> {
  const { committed } = await ports.store.commit(changes);
  if (!committed) throw new SecondringError('already-exists', `${what} exists already.`);
}

function created(
  ports: Ports,
  event: AuditEventName,
  facts: Readonly<Record<string, string>>,
  companyId?: string,
  accountId?: string,
): Change {
  const at = { id: newId(ports), atMs: ports.nowMs() };
  return { change: 'audit.append', event: auditEvent(at, event, { companyId, accountId, facts }) };
}
