// Statements about sessions and about the documents of the OIDC library, which live and die with them.
import { any, one, read } from '../statement.ts';

export const beginSession = one(
  'session.begin',
  `insert into sessions (id, token_hash, sign_in_id, company_id, account_id, proofs, created_at_ms, expires_at_ms,
     row_mac)
   values (:id, :tokenHash, :signInId, :companyId, :accountId, :proofs, :createdAtMs, :expiresAtMs,
     :rowMac)
   on conflict do nothing`,
);

/** A new token and more proofs for a session; of several renewals at once the first one finds its token. */
export const renewSession = one(
  'session.renew',
  `update sessions set token_hash = :tokenHash, proofs = :proofs, expires_at_ms = :expiresAtMs, row_mac = :rowMac,
     last_seen_at_ms = :nowMs
   where id = :id and token_hash = :expectedTokenHash and ended_at_ms is null`,
);

/** The session led somewhere just now. */
export const useSession = any(
  'session.use',
  `update sessions set last_seen_at_ms = :nowMs where id = :sessionId and ended_at_ms is null`,
);

export const enterApplication = any(
  'session.enter',
  `insert into session_entries (session_id, application_id, entered_at_ms)
   select cast(:sessionId as text), applications.id, cast(:nowMs as bigint)
   from applications where client_id = :clientId
   on conflict do nothing`,
);

/** Where sessions that ended at one moment had led, as far as that panel wants to hear of it. */
export const endedEntries = read(
  'ended-entries',
  `select sessions.id as session_id, client_id
   from sessions
   join session_entries on session_entries.session_id = sessions.id
   join applications on applications.id = session_entries.application_id
   where sessions.account_id = :accountId and sessions.ended_at_ms = :endedAtMs
     and backchannel_logout_uri is not null
   order by sessions.id, client_id`,
);

export const endSession = one(
  'session.end',
  `update sessions set ended_at_ms = :nowMs, end_reason = :reason where id = :id and ended_at_ms is null`,
);

export const endAllSessions = any(
  'session.end-all',
  `update sessions set ended_at_ms = :nowMs, end_reason = :reason
   where account_id = :accountId and ended_at_ms is null`,
);

const liveSession = `select sessions.id, sessions.account_id, sessions.company_id, sessions.proofs,
    sessions.created_at_ms, sessions.expires_at_ms, sessions.token_hash, sessions.row_mac, accounts.username,
    accounts.arrangement, coalesce(sessions.last_seen_at_ms, sessions.created_at_ms) as last_seen_at_ms,
    companies.name as company_name
  from sessions
  join accounts on accounts.id = sessions.account_id and accounts.status = 'active'
  join companies on companies.id = sessions.company_id
  where sessions.ended_at_ms is null and sessions.expires_at_ms > :nowMs`;

/** A browser's session; one that led nowhere for a while is not there for it, though panels keep what they got by it. */
export const session = read(
  'session',
  `${liveSession} and sessions.token_hash = :tokenHash
     and coalesce(sessions.last_seen_at_ms, sessions.created_at_ms) > :seenAfterMs`,
);
export const sessionById = read('session-by-id', `${liveSession} and sessions.id = :id`);

export const putOidcDocument = one(
  'oidc-document.put',
  `insert into oidc_documents (model, id_hash, uid_hash, grant_id_hash, session_id, payload, expires_at_ms)
   values (:model, :idHash, :uidHash, :grantIdHash, :sessionId, :payload, :expiresAtMs)
   on conflict (model, id_hash) do update set uid_hash = excluded.uid_hash,
     grant_id_hash = excluded.grant_id_hash, session_id = excluded.session_id, payload = excluded.payload,
     expires_at_ms = excluded.expires_at_ms`,
);

export const consumeOidcDocument = one(
  'oidc-document.consume',
  `update oidc_documents set consumed_at_ms = :nowMs
   where model = :model and id_hash = :idHash and consumed_at_ms is null and expires_at_ms > :nowMs`,
);

export const removeOidcDocument = any(
  'oidc-document.remove',
  'delete from oidc_documents where model = :model and id_hash = :idHash',
);

export const revokeOidcGrant = any(
  'oidc-document.revoke-grant',
  'delete from oidc_documents where grant_id_hash = :grantIdHash',
);

const liveDocument = `select oidc_documents.* from oidc_documents
  where oidc_documents.expires_at_ms > :nowMs
    and (session_id is null or exists (
      select 1 from sessions where sessions.id = oidc_documents.session_id
        and sessions.ended_at_ms is null and sessions.expires_at_ms > :nowMs
    ))`;

export const oidcDocument = read('oidc-document', `${liveDocument} and model = :model and id_hash = :idHash`);
export const oidcDocumentByUid = read(
  'oidc-document-by-uid',
  `${liveDocument} and model = :model and uid_hash = :uidHash`,
);
