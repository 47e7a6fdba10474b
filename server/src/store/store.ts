// The store behind its port: the same reads and the same one `commit(changes)` on both engines.

import type { Enrollment } from '#core/enrollment.ts';
import type { Fenced } from '#core/epoch.ts';
import { SecondringError } from '#core/errors.ts';
import type { OutboxItem } from '#core/outbox.ts';
import type { Peppers, SessionView, Store } from '#core/ports.ts';
import { sessionIdleMs } from '#core/session.ts';
import type { StaffGrant } from '#core/staff.ts';
import { type DataKey, type Keyring, providerScope } from '#custody/keyring.ts';
import { createAuditReads } from './audit-reads.ts';
import { createDataKeys, type DataKeys } from './data-keys.ts';
import { type Engine, otherEpoch } from './engine.ts';
import { type Epoch, fenceWithin } from './fence.ts';
import { createHealthLook } from './health.ts';
import { openSecret } from './open-secret.ts';
import { partsOf } from './parts.ts';
import { recoveryPepper } from './pepper.ts';
import * as authenticators from './queries/authenticators.ts';
import * as custody from './queries/custody.ts';
import * as outbox from './queries/outbox.ts';
import * as passwords from './queries/passwords.ts';
import * as people from './queries/people.ts';
import * as sessions from './queries/sessions.ts';
import * as signIns from './queries/sign-ins.ts';
import * as staff from './queries/staff.ts';
import * as rows from './rows.ts';
import {
  isGenuine,
  openAddress,
  openEnrollmentSecret,
  openInteraction,
  openOutboxPayload,
  openSigningKey,
  sessionMac,
  signInMac,
  signInOriginMac,
  staffGrantMac,
} from './sealed.ts';
import { createStaffStore } from './staff-store.ts';
import type { Row, Statement, Value } from './statement.ts';

/** Puts the port on an engine whose schema is up to date. */
export function createStore(
  engine: Engine,
  keyring: Keyring,
  epoch: Epoch,
  nowMs: () => number,
): Store & Peppers {
  const keys = createDataKeys(engine, keyring, nowMs);
  const all = async (statement: Statement, values: Readonly<Record<string, Value>>) => {
    epoch.current();
    return engine.read(statement, values);
  };
  const first = async (statement: Statement, values: Readonly<Record<string, Value>>) =>
    (await all(statement, values))[0];

  const outboxWatchers = new Set<() => void>();

  return {
    ...createAuditReads(engine, keys),
    ...createStaffStore({ ...engine, read: all }),
    async commit(changes) {
      if (changes.length === 0) return { committed: true };
      const refused = await engine.apply(await partsOf(changes, keys), epoch.current());
      if (refused === undefined) {
        if (changes.some(({ change }) => change === 'outbox.add')) for (const wake of outboxWatchers) wake();
        return { committed: true };
      }
      if (refused === otherEpoch) return epoch.passed();
      const change = changes[refused];
      if (change === undefined)
        throw new SecondringError('commit-malformed', 'An unknown change was refused.');
      return { committed: false, refused: change };
    },
    async fence(order) {
      let fenced: Fenced | undefined;
      await engine.runAlone(async (session) => {
        fenced = await fenceWithin(session, order);
      });
      if (fenced === undefined) throw new SecondringError('internal', 'The fence was not raised.');
      epoch.begin(fenced.epoch);
      return fenced;
    },
    async application(id) {
      const row = await first(people.application, { id });
      return row && rows.applicationOf(row);
    },
    async applications() {
      return (await all(people.applications, {})).map(rows.applicationOf);
    },
    async companies() {
      return (await all(people.companies, {})).map((row) =>
        rows.companyOf(row, rows.text(row, 'id'), rows.text(row, 'name')),
      );
    },
    async accounts(companyId) {
      return (await all(people.accounts, { companyId })).map((row) =>
        rows.accountOf(row, rows.text(row, 'id')),
      );
    },
    async clients() {
      return (await all(people.applications, {})).map((row) => {
        const client = rows.clientOf(row);
        return { application: rows.applicationOf(row), ...(client && { client }) };
      });
    },
    async client(clientId) {
      const row = await first(people.client, { clientId });
      const client = row && rows.clientOf(row);
      return row && client && { application: rows.applicationOf(row), client };
    },
    async accountByUsernameKey(usernameKey) {
      const row = await first(people.accountByUsernameKey, { usernameKey });
      return row && rows.accountViewOf(row);
    },
    async account(id) {
      const row = await first(people.account, { id });
      return row && rows.accountViewOf(row);
    },
    async address(accountId) {
      const row = await first(passwords.address, { accountId });
      const sealed = row?.['address'];
      if (row === undefined || !(sealed instanceof Uint8Array)) return undefined;
      const companyId = rows.text(row, 'company_id');
      return openAddress(await keys.opening(companyId, sealed), { id: accountId, companyId }, sealed);
    },
    async passwordReset(tokenHash) {
      const row = await first(passwords.passwordReset, { tokenHash });
      if (row === undefined) return undefined;
      const account = rows.accountOf(row, rows.text(row, 'id'));
      const company = rows.companyOf(row, account.companyId, rows.text(row, 'company_name'));
      return { reset: rows.passwordResetOf(row), account, company };
    },
    async waitingPassword(id) {
      const row = await first(passwords.waitingPassword, { id });
      return row && rows.waitingOf(row);
    },
    async staffGrants(accountId) {
      return genuineGrants(await all(staff.grants, { accountId }), keys);
    },
    async signIn(id) {
      const row = await first(signIns.signIn, { id });
      if (row === undefined || !(await isGenuineSignIn(row, keys))) return undefined;
      const signIn = rows.signInOf(row, await openInteractionOf(row, keys));
      const { accountId, companyId } = signIn;
      return {
        signIn,
        browserKeyHash: rows.bytes(row, 'browser_key_hash'),
        application: rows.applicationOf(row),
        client: rows.clientOf(row),
        account: accountId === undefined ? undefined : rows.accountOf(row, accountId),
        company:
          companyId === undefined
            ? undefined
            : rows.companyOf(row, companyId, rows.text(row, 'company_name')),
      };
    },
    async challenge(id) {
      const row = await first(signIns.challenge, { id });
      if (row === undefined) return undefined;
      return { challenge: rows.challengeOf(row), openTotp: () => openTotp(row, keys) };
    },
    async enrollment(id) {
      const row = await first(authenticators.enrollment, { id });
      return row && openEnrollment(row, keys);
    },
    async recoveryCode(authenticatorId, selector) {
      const row = await first(authenticators.recoveryCode, { authenticatorId, selector });
      if (row === undefined) return undefined;
      // The set is somebody's by its binding; a set that was given to somebody by hand has none.
      await openSecret(row, keys);
      return {
        selector,
        hash: rows.text(row, 'hash'),
        pepperVersion: rows.number(row, 'pepper_version'),
      };
    },
    async session(tokenHash, atMs) {
      const values = { tokenHash, nowMs: atMs, seenAfterMs: atMs - sessionIdleMs };
      return genuineSession(await first(sessions.session, values), keys);
    },
    async sessionById(id, atMs) {
      return genuineSession(await first(sessions.sessionById, { id, nowMs: atMs }), keys);
    },
    async panelsToTell({ accountId, endedAtMs }) {
      return (await all(sessions.endedEntries, { accountId, endedAtMs })).map((row) => ({
        accountId,
        clientId: rows.text(row, 'client_id'),
        sessionId: rows.text(row, 'session_id'),
      }));
    },
    async oidcDocument(model, idHash, atMs) {
      const row = await first(sessions.oidcDocument, { model, idHash, nowMs: atMs });
      return row && rows.oidcDocumentOf(row);
    },
    async oidcDocumentByUid(model, uidHash, atMs) {
      const row = await first(sessions.oidcDocumentByUid, { model, uidHash, nowMs: atMs });
      return row && rows.oidcDocumentOf(row);
    },
    async signingKeys() {
      const found = await all(custody.signingKeys, {});
      return Promise.all(
        found.map(async (row) => {
          const id = rows.text(row, 'id');
          const algorithm = rows.text(row, 'algorithm');
          const sealed = rows.bytes(row, 'private_key');
          const key = await keys.opening(providerScope, sealed);
          const publicJwk = rows.text(row, 'public_jwk');
          return {
            ...{ id, algorithm, publicJwk },
            serial: rows.number(row, 'serial'),
            createdAtMs: rows.number(row, 'created_at_ms'),
            privateKey: openSigningKey(key, { id, algorithm }, sealed),
          };
        }),
      );
    },
    async outboxDue(atMs, limit) {
      return (await all(outbox.outboxDue, { nowMs: atMs, limit })).map(rows.outboxEntryOf);
    },
    async outboxItem(id) {
      const row = await first(outbox.outboxItem, { id });
      return row && openOutboxItem(row, keys);
    },
    watchOutbox(onAdded) {
      outboxWatchers.add(onAdded);
      return () => void outboxWatchers.delete(onAdded);
    },
    async hasExpired(atMs) {
      const row = await first(custody.hasExpired, { nowMs: atMs });
      return row !== undefined && rows.number(row, 'has_expired') === 1;
    },
    async recoveryPepper(companyId, preimage, version) {
      const key =
        version === undefined ? await keys.get(companyId) : await keys.ofVersion(companyId, version);
      return { text: recoveryPepper(key, preimage), version: key.version };
    },
    health: createHealthLook(engine, keyring),
    watch: (signInId, onAnnounced) => engine.watch(signInId, onAnnounced),
  };
}

/** A sign-in that was made or changed by hand is none. One that is expired opens nothing and needs no proof of it. */
async function isGenuineSignIn(row: Row, keys: DataKeys): Promise<boolean> {
  const id = rows.text(row, 'id');
  const applicationId = rows.text(row, 'application_id');
  const origin = {
    id,
    applicationId,
    browserKeyHash: rows.bytes(row, 'browser_key_hash'),
    wants: rows.text(row, 'wants'),
    interaction: row['interaction'] as string | null,
  };
  const storedOrigin = row['origin_mac'];
  if (!(storedOrigin instanceof Uint8Array)) return false;
  if (!(await isOurs(keys, storedOrigin, (key) => signInOriginMac(key, origin)))) return false;
  const state = rows.text(row, 'state');
  if (state === 'expired') return true;
  const signIn = {
    id,
    revision: rows.number(row, 'revision'),
    state,
    applicationId,
    accountId: row['account_id'] as string | null,
    companyId: row['company_id'] as string | null,
    passwordRevision: rows.optionalNumber(row, 'password_revision') ?? null,
    passwordResetId: row['password_reset_id'] as string | null,
    proofs: rows.text(row, 'proofs'),
    sessionId: row['session_id'] as string | null,
    expiresAtMs: rows.number(row, 'expires_at_ms'),
  };
  return isOurs(keys, rows.bytes(row, 'row_mac'), (key) => signInMac(key, signIn));
}

/**
 * Whether a MAC is one of ours under any version of the provider's data key: rows outlive a rotation of keys, and
 * another process may know a newer key than this one.
 */
async function isOurs(
  keys: DataKeys,
  stored: Uint8Array,
  macUnder: (key: DataKey) => Uint8Array,
): Promise<boolean> {
  const fits = (key: DataKey) => isGenuine(stored, macUnder(key));
  return (await keys.all(providerScope)).some(fits) || (await keys.all(providerScope, true)).some(fits);
}

async function openInteractionOf(row: Row, keys: DataKeys): Promise<string | undefined> {
  const sealed = row['interaction'];
  if (typeof sealed !== 'string') return undefined;
  const bytes = Buffer.from(sealed, 'base64url');
  return openInteraction(await keys.opening(providerScope, bytes), rows.text(row, 'id'), bytes);
}

async function genuineSession(row: Row | undefined, keys: DataKeys): Promise<SessionView | undefined> {
  if (row === undefined) return undefined;
  const session = {
    id: rows.text(row, 'id'),
    tokenHash: rows.bytes(row, 'token_hash'),
    accountId: rows.text(row, 'account_id'),
    companyId: rows.text(row, 'company_id'),
    proofs: rows.text(row, 'proofs'),
    createdAtMs: rows.number(row, 'created_at_ms'),
    expiresAtMs: rows.number(row, 'expires_at_ms'),
  };
  const isGenuineRow = await isOurs(keys, rows.bytes(row, 'row_mac'), (key) => sessionMac(key, session));
  return isGenuineRow ? rows.sessionOf(row) : undefined;
}

/** A role that was written down by hand is none. */
async function genuineGrants(found: readonly Row[], keys: DataKeys): Promise<readonly StaffGrant[]> {
  if (found.length === 0) return [];
  const key = await keys.get(providerScope);
  const read = found.map((row) => ({ row, grant: rows.staffGrantOf(row) }));
  return read
    .filter(({ row, grant }) => isGenuine(rows.bytes(row, 'row_mac'), staffGrantMac(key, grant)))
    .map(({ grant }) => grant);
}

async function openTotp(row: Row, keys: DataKeys) {
  return {
    authenticatorId: rows.text(row, 'authenticator_id'),
    key: await openSecret(row, keys),
    lastStep: rows.number(row, 'last_step'),
    driftSteps: rows.number(row, 'drift_steps'),
  };
}

async function openOutboxItem(row: Row, keys: DataKeys): Promise<OutboxItem> {
  const sealed = rows.bytes(row, 'sealed_payload');
  const id = rows.text(row, 'id');
  const kind = rows.text(row, 'kind');
  const payload = openOutboxPayload(await keys.opening(providerScope, sealed), { id, kind }, sealed);
  const createdAtMs = rows.number(row, 'created_at_ms');
  return { id, kind, payload, createdAtMs, expiresAtMs: rows.number(row, 'expires_at_ms') } as OutboxItem;
}

async function openEnrollment(row: Row, keys: DataKeys): Promise<Enrollment> {
  const id = rows.text(row, 'id');
  const companyId = rows.text(row, 'company_id');
  const accountId = rows.text(row, 'account_id');
  const kind = rows.text(row, 'kind') as Enrollment['kind'];
  const sealed = row['secret'];
  const secret =
    sealed instanceof Uint8Array
      ? openEnrollmentSecret(
          await keys.opening(companyId, sealed),
          { id, companyId, accountId, kind },
          sealed,
        )
      : new Uint8Array();
  return {
    id,
    accountId,
    companyId,
    signInId: rows.text(row, 'sign_in_id'),
    kind,
    secret,
    tries: rows.number(row, 'tries'),
    state: rows.text(row, 'state') as Enrollment['state'],
    createdAtMs: rows.number(row, 'created_at_ms'),
    expiresAtMs: rows.number(row, 'expires_at_ms'),
  };
}
