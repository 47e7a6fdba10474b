// Examples of the changes of sessions, of the OIDC library's documents, of keys and of the audit, and of the removal
// of what has expired.
import { createHash, randomBytes } from 'node:crypto';
import type { Change } from '#core/changes.ts';
import { aDocument, anEvent, commitAll, newHash, newId, type SeededStore } from '../seeded-store.ts';
import { type Examples, hex } from './example.ts';

type Of<Name extends Change['change']> = Extract<Change, { readonly change: Name }>;

const begun = (world: SeededStore): Of<'session.begin'> => ({
  change: 'session.begin',
  session: {
    ...{ id: newId(), accountId: world.account.id, companyId: world.company.id },
    proofs: [{ kind: 'password', atMs: 3 }],
    ...{ createdAtMs: 10, expiresAtMs: 20 },
  },
  ...{ signInId: newId(), tokenHash: newHash() },
});

async function renewing(world: SeededStore): Promise<Of<'session.renew'>> {
  const { tokenHash: expectedTokenHash, ...session } = await world.newSession();
  return {
    change: 'session.renew',
    session: { ...session, proofs: [{ kind: 'password', atMs: 7 }], expiresAtMs: 30 },
    ...{ expectedTokenHash, tokenHash: newHash(), nowMs: 16 },
  };
}

async function clientOf(world: SeededStore) {
  const [applicationId, clientId] = [newId(), newId()];
  await commitAll(world, {
    change: 'application.create',
    ...{ id: applicationId, name: 'Panel', secondFactor: 'none', homeUrl: undefined, nowMs: 1 },
    client: {
      ...{ clientId, secretHash: '', redirectUris: [], postLogoutRedirectUris: [] },
      backchannelLogoutUri: undefined,
    },
  });
  return { applicationId, clientId };
}

async function storedDocument(world: SeededStore, fields: Parameters<typeof aDocument>[1] = {}) {
  const document = aDocument(world.clock.nowMs() + 1000, fields);
  await commitAll(world, { change: 'oidc-document.put', document });
  return document;
}

const aKey = (): Of<'signing-key.create'> => ({
  change: 'signing-key.create',
  ...{
    id: newId(),
    algorithm: `ES-${newId()}`,
    serial: 1,
    publicJwk: '{}',
    privateKey: randomBytes(40),
    nowMs: 4,
  },
});

export const sessionExamples: Examples<
  | 'session.begin'
  | 'session.renew'
  | 'session.enter'
  | 'session.use'
  | 'session.end'
  | 'session.end-all'
  | 'audit.append'
  | 'oidc-document.put'
  | 'oidc-document.consume'
  | 'oidc-document.remove'
  | 'oidc-document.revoke-grant'
  | 'signing-key.create'
  | 'expired.remove'
> = {
  'session.begin': {
    applied: {
      'known by the hash of its token': async (world) => {
        const change = begun(world);
        const columns = {
          ...{ id: change.session.id, token_hash: hex(change.tokenHash), sign_in_id: change.signInId },
          ...{ company_id: world.company.id, account_id: world.account.id },
          ...{ proofs: '[{"kind":"password","atMs":3}]', created_at_ms: 10, expires_at_ms: 20 },
          row_mac: 'sealed',
        };
        return { changes: [change], does: [{ table: 'sessions', row: 'inserted', columns }] };
      },
    },
    refused: {
      'its sign-in has brought one': async (world) => {
        const change = begun(world);
        await commitAll(world, change);
        return { ...begun(world), signInId: change.signInId };
      },
      'its token is known': async (world) => {
        const change = begun(world);
        await commitAll(world, change);
        return { ...begun(world), tokenHash: change.tokenHash };
      },
      'it is there': async (world) => {
        const change = begun(world);
        await commitAll(world, change);
        return { ...begun(world), session: change.session };
      },
    },
    faults: {
      'of an account that is not there': async (world) => {
        const change = begun(world);
        return { ...change, session: { ...change.session, accountId: 'nobody' } };
      },
      'of an account of another company': async (world) => {
        const change = begun(world);
        const { id: companyId } = await world.newCompany();
        return { ...change, session: { ...change.session, companyId } };
      },
    },
  },
  'session.renew': {
    applied: {
      'under a new token, with more proofs': async (world) => {
        const change = await renewing(world);
        const columns = {
          ...{
            token_hash: hex(change.tokenHash),
            proofs: '[{"kind":"password","atMs":7}]',
            expires_at_ms: 30,
          },
          ...{ row_mac: 'sealed', last_seen_at_ms: 16 },
        };
        return { changes: [change], does: [{ table: 'sessions', row: 'changed', columns }] };
      },
    },
    refused: {
      'another renewal was first': async (world) => {
        const change = await renewing(world);
        await commitAll(world, { ...change, tokenHash: newHash() });
        return change;
      },
      'it has ended': async (world) => {
        const change = await renewing(world);
        await commitAll(world, {
          change: 'session.end',
          id: change.session.id,
          reason: 'replaced',
          nowMs: 14,
        });
        return change;
      },
    },
  },
  'session.enter': {
    applied: {
      'an application for the first time': async (world) => {
        const { id: sessionId } = await world.newSession();
        const { applicationId, clientId } = await clientOf(world);
        const columns = { session_id: sessionId, application_id: applicationId, entered_at_ms: 16 };
        return {
          changes: [{ change: 'session.enter', sessionId, clientId, nowMs: 16 }],
          does: [
            { table: 'session_entries', row: 'inserted', columns },
            { table: 'sessions', row: 'changed', columns: { last_seen_at_ms: 16 } },
          ],
        };
      },
      'an application once more': async (world) => {
        const { id: sessionId } = await world.newSession();
        const { clientId } = await clientOf(world);
        await commitAll(world, { change: 'session.enter', sessionId, clientId, nowMs: 15 });
        return {
          changes: [{ change: 'session.enter', sessionId, clientId, nowMs: 16 }],
          does: [{ table: 'sessions', row: 'changed', columns: { last_seen_at_ms: 16 } }],
        };
      },
    },
    refused: {},
  },
  'session.end-all': {
    applied: {
      'those of one account that live': async (world) => {
        const account = await world.newAccount();
        const [first, second, ended] = [
          await world.newSession(account),
          await world.newSession(account),
          await world.newSession(account),
        ];
        await world.newSession();
        await commitAll(world, { change: 'session.end', id: ended.id, reason: 'signed-out', nowMs: 1 });
        const change: Change = {
          change: 'session.end-all',
          accountId: account.id,
          reason: 'password-changed',
          nowMs: 5,
        };
        const columns = { ended_at_ms: 5, end_reason: 'password-changed' };
        return {
          changes: [change],
          does: [first, second].map(() => ({ table: 'sessions', row: 'changed', columns })),
        };
      },
      'none where there is none': async () => ({
        changes: [{ change: 'session.end-all', accountId: 'nobody', reason: 'password-changed', nowMs: 5 }],
        does: [],
      }),
    },
    refused: {},
  },
  'session.use': {
    applied: {
      'says when it led somewhere': async (world) => {
        const { id: sessionId } = await world.newSession();
        return {
          changes: [{ change: 'session.use', sessionId, nowMs: 17 }],
          does: [{ table: 'sessions', row: 'changed', columns: { last_seen_at_ms: 17 } }],
        };
      },
      'and nothing of one that has ended': async (world) => {
        const session = await world.newSession();
        await commitAll(world, { change: 'session.end', id: session.id, reason: 'signed-out', nowMs: 16 });
        return { changes: [{ change: 'session.use', sessionId: session.id, nowMs: 17 }], does: [] };
      },
    },
    refused: {},
  },
  'session.end': {
    applied: {
      'for a reason': async (world) => {
        const { id } = await world.newSession();
        return {
          changes: [{ change: 'session.end', id, reason: 'signed-out', nowMs: 15 }],
          does: [
            { table: 'sessions', row: 'changed', columns: { ended_at_ms: 15, end_reason: 'signed-out' } },
          ],
        };
      },
    },
    refused: {
      'it has ended': async (world) => {
        const { id } = await world.newSession();
        await commitAll(world, { change: 'session.end', id, reason: 'replaced', nowMs: 14 });
        return { change: 'session.end', id, reason: 'signed-out', nowMs: 15 };
      },
      'it never was': async () => ({ change: 'session.end', id: newId(), reason: 'signed-out', nowMs: 15 }),
    },
  },
  'audit.append': {
    applied: {
      'with personal fields beside the leaf': async (world) => {
        const event = anEvent({ companyId: world.company.id, accountId: world.account.id });
        const { id, atMs } = event;
        return {
          changes: [{ change: 'audit.append', event }],
          does: [
            {
              table: 'audit_leaves',
              row: 'inserted',
              columns: {
                ...{ id, at_ms: atMs, event: 'sign-in.succeeded' },
                ...{ company_id: world.company.id, account_id: world.account.id },
              },
            },
            {
              table: 'audit_personal',
              row: 'inserted',
              columns: { leaf_id: id, salt: 'sealed', fields: '[["address","192.0.2.7"]]' },
            },
          ],
        };
      },
      'without any': async () => {
        const event = anEvent({ personal: {} });
        const canonical = `{"version":1,"id":"${event.id}","atMs":1700000000000,"event":"sign-in.succeeded","companyId":null,"accountId":null,"facts":[["kind","totp"]],"personal":null}`;
        const columns = {
          ...{ id: event.id, at_ms: event.atMs, event: 'sign-in.succeeded', canonical },
          leaf_hash: hex(createHash('sha256').update(`\0${canonical}`).digest()),
        };
        return {
          changes: [{ change: 'audit.append', event }],
          does: [{ table: 'audit_leaves', row: 'inserted', columns }],
        };
      },
    },
    refused: {},
    faults: {
      'it is there': async (world) => {
        const event = anEvent();
        await commitAll(world, { change: 'audit.append', event });
        return { change: 'audit.append', event };
      },
    },
  },
  'oidc-document.put': {
    applied: {
      'a new one': async (world) => {
        const { id: sessionId } = await world.newSession();
        const document = aDocument(5000, { uidHash: newHash(), grantIdHash: newHash(), sessionId });
        const { idHash, uidHash, grantIdHash } = document;
        const columns = {
          ...{ model: 'AuthorizationCode', id_hash: hex(idHash), session_id: sessionId },
          ...{ uid_hash: uidHash && hex(uidHash), grant_id_hash: grantIdHash && hex(grantIdHash) },
          ...{ payload: '{"a":1}', expires_at_ms: 5000 },
        };
        return {
          changes: [{ change: 'oidc-document.put', document }],
          does: [{ table: 'oidc_documents', row: 'inserted', columns }],
        };
      },
      'in the place of the old one, which stays consumed': async (world) => {
        const old = await storedDocument(world, { uidHash: newHash(), grantIdHash: newHash() });
        const { model, idHash } = old;
        await commitAll(world, {
          change: 'oidc-document.consume',
          model,
          idHash,
          nowMs: world.clock.nowMs(),
        });
        const [uidHash, grantIdHash] = [newHash(), newHash()];
        const document = { ...old, uidHash, grantIdHash, sessionId: 's', payload: '2', expiresAtMs: 7 };
        const columns = {
          ...{ uid_hash: hex(uidHash), grant_id_hash: hex(grantIdHash), session_id: 's' },
          ...{ payload: '2', expires_at_ms: 7 },
        };
        return {
          changes: [{ change: 'oidc-document.put', document }],
          does: [{ table: 'oidc_documents', row: 'changed', columns }],
        };
      },
    },
    refused: {},
  },
  'oidc-document.consume': {
    applied: {
      'in its last millisecond': async (world) => {
        const { model, idHash, expiresAtMs } = await storedDocument(world);
        return {
          changes: [{ change: 'oidc-document.consume', model, idHash, nowMs: expiresAtMs - 1 }],
          does: [{ table: 'oidc_documents', row: 'changed', columns: { consumed_at_ms: expiresAtMs - 1 } }],
        };
      },
    },
    refused: {
      'it was consumed': async (world) => {
        const { model, idHash } = await storedDocument(world);
        const nowMs = world.clock.nowMs();
        await commitAll(world, { change: 'oidc-document.consume', model, idHash, nowMs });
        return { change: 'oidc-document.consume', model, idHash, nowMs: nowMs + 1 };
      },
      'its time is over': async (world) => {
        const { model, idHash, expiresAtMs } = await storedDocument(world);
        return { change: 'oidc-document.consume', model, idHash, nowMs: expiresAtMs };
      },
      'it is of another model': async (world) => {
        const { idHash } = await storedDocument(world);
        return { change: 'oidc-document.consume', model: 'AccessToken', idHash, nowMs: world.clock.nowMs() };
      },
      'it is not there': async (world) => ({
        change: 'oidc-document.consume',
        ...{ model: 'AuthorizationCode', idHash: newHash(), nowMs: world.clock.nowMs() },
      }),
    },
  },
  'oidc-document.remove': {
    applied: {
      'and no other one': async (world) => {
        const { model, idHash, expiresAtMs } = await storedDocument(world);
        await storedDocument(world);
        await storedDocument(world, { model: 'AccessToken', idHash });
        const columns = { model, id_hash: hex(idHash), payload: '{"a":1}', expires_at_ms: expiresAtMs };
        return {
          changes: [{ change: 'oidc-document.remove', model, idHash }],
          does: [{ table: 'oidc_documents', row: 'removed', columns }],
        };
      },
      'of nothing': async () => ({
        changes: [{ change: 'oidc-document.remove', model: 'AccessToken', idHash: newHash() }],
        does: [],
      }),
    },
    refused: {},
  },
  'oidc-document.revoke-grant': {
    applied: {
      'all that it gave, of every model, and nothing else': async (world) => {
        const grantIdHash = newHash();
        const models = ['AccessToken', 'AuthorizationCode'];
        const given = [];
        for (const model of models) given.push(await storedDocument(world, { model, grantIdHash }));
        await storedDocument(world, { grantIdHash: newHash() });
        await storedDocument(world);
        return {
          changes: [{ change: 'oidc-document.revoke-grant', grantIdHash }],
          does: given.map(({ model, idHash, expiresAtMs }) => ({
            table: 'oidc_documents',
            row: 'removed',
            columns: {
              ...{ model, id_hash: hex(idHash), grant_id_hash: hex(grantIdHash) },
              ...{ payload: '{"a":1}', expires_at_ms: expiresAtMs },
            },
          })),
        };
      },
      'of nothing': async () => ({
        changes: [{ change: 'oidc-document.revoke-grant', grantIdHash: newHash() }],
        does: [],
      }),
    },
    refused: {},
  },
  'signing-key.create': {
    applied: {
      'the first of its algorithm, its private half sealed': async () => {
        const change = aKey();
        const { id, algorithm } = change;
        const columns = { id, algorithm, serial: 1, public_jwk: '{}', created_at_ms: 4 };
        return { changes: [change], does: [{ table: 'signing_keys', row: 'inserted', columns }] };
      },
    },
    refused: {
      'there is one of its number': async (world) => {
        const first = aKey();
        await commitAll(world, first);
        return { ...aKey(), algorithm: first.algorithm };
      },
    },
  },
  'expired.remove': {
    applied: {
      'what ends now, with what hangs on it, and not what ends later': async (world) => {
        const account = await world.newAccount();
        const totp = await world.newTotp(account);
        const challenge = await world.newChallenge(totp);
        const open = await world.newEnrollment('totp', account);
        const expiresAtMs = challenge.expiresAtMs;
        const key = `password:${newId()}`;
        const started = { startedAtMs: 1, notBeforeMs: 2 };
        await commitAll(
          world,
          { change: 'try.count', key, expected: undefined, count: 2, ...started, expiresAtMs },
          {
            change: 'try.count',
            key: `${key}2`,
            expected: undefined,
            count: 2,
            ...started,
            expiresAtMs: expiresAtMs + 1,
          },
          {
            change: 'try.count',
            key: `${key}3`,
            expected: undefined,
            count: 2,
            ...started,
            expiresAtMs: undefined,
          },
        );
        const document = aDocument(expiresAtMs);
        await commitAll(
          world,
          { change: 'oidc-document.put', document },
          { change: 'oidc-document.put', document: aDocument(expiresAtMs + 1) },
        );
        world.clock.advance(1);
        await world.newEnrollment('totp', account);
        const expired = await rowsThatEnd(world, expiresAtMs);
        return {
          changes: [{ change: 'expired.remove', nowMs: expiresAtMs }],
          does: [
            ...expired.challenges.map((id) => ({
              table: 'challenges',
              row: 'removed' as const,
              columns: { id },
            })),
            { table: 'enrollments', row: 'removed', columns: { id: open.id } },
            {
              table: 'oidc_documents',
              row: 'removed',
              columns: {
                ...{ model: document.model, id_hash: hex(document.idHash) },
                ...{ payload: '{"a":1}', expires_at_ms: expiresAtMs },
              },
            },
            ...expired.signIns.map((id) => ({ table: 'sign_ins', row: 'removed' as const, columns: { id } })),
            {
              table: 'tries',
              row: 'removed',
              columns: { key, count: 2, started_at_ms: 1, not_before_ms: 2, expires_at_ms: expiresAtMs },
            },
          ],
        };
      },
      'nothing when nothing ends': async () => ({
        changes: [{ change: 'expired.remove', nowMs: 0 }],
        does: [],
      }),
    },
    refused: {},
  },
};

async function rowsThatEnd(world: SeededStore, atMs: number) {
  const ids = async (table: string) => {
    const rows = await world.raw.rows(`select id from ${table} where expires_at_ms <= $1`, atMs);
    return rows.map((row) => String(row.id));
  };
  return { signIns: await ids('sign_ins'), challenges: await ids('challenges') };
}
