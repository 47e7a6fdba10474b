// Statements about sign-ins, their challenges and the counters of tries.
import { any, one, read } from '../statement.ts';

export const beginSignIn = one(
  'sign-in.begin',
  `insert into sign_ins (id, revision, state, browser_key_hash, application_id, account_id, company_id,
     password_revision, wants, interaction, proofs, challenge_id, enrollment_id, created_at_ms, expires_at_ms, row_mac, origin_mac)
   values (:id, :revision, :state, :browserKeyHash, :applicationId, :accountId, :companyId, :passwordRevision, :wants,
     :interaction, :proofs, :challengeId, :enrollmentId, :createdAtMs, :expiresAtMs, :rowMac, :originMac)`,
);

export const advanceSignIn = one(
  'sign-in.advance',
  `update sign_ins set revision = :revision, state = :state, account_id = :accountId, company_id = :companyId,
     password_revision = :passwordRevision, password_reset_id = :passwordResetId, proofs = :proofs,
     challenge_id = :challengeId, enrollment_id = :enrollmentId, session_id = :sessionId,
     row_mac = :rowMac
   where id = :id and revision = :revision - 1 and expires_at_ms > :nowMs
     and (account_id is null or account_id = :accountId)
     and (cast(:accountId as text) is null or exists (
       select 1 from accounts where accounts.id = :accountId
         and accounts.password_revision = coalesce(sign_ins.password_revision, :passwordRevision)
     ))`,
);

export const crowdOutSignIns = any(
  'sign-in.crowd-out',
  `update sign_ins set state = 'expired', revision = revision + 1
   where account_id = :accountId and id <> :exceptId
     and state in ('factor', 'enrollment', 'change-password', 'backup', 'proven')
     and id < (
       select id from sign_ins
       where account_id = :accountId and id <> :exceptId
         and state in ('factor', 'enrollment', 'change-password', 'backup', 'proven') and expires_at_ms > :nowMs
       order by id desc limit 1 offset :keep - 1
     )`,
);

/** After a change of the password; those of before it are over, wherever they are. */
export const endOtherSignIns = any(
  'sign-in.end-others',
  `update sign_ins set state = 'expired', revision = revision + 1
   where account_id = :accountId and id <> :exceptId and state not in ('done', 'refused', 'expired')`,
);

/** The announcement itself is made after the commit (SQLite) or by it (PostgreSQL). */
export const announceSignIn = any(
  'sign-in.announce',
  'select 1 where :id is not null',
  `select pg_notify('secondring_sign_ins', :id)`,
);

export const issueChallenge = one(
  'challenge.issue',
  `insert into challenges (id, sign_in_id, account_id, authenticator_id, kind, issued_at_ms, expires_at_ms)
   values (:id, :signInId, :accountId, :authenticatorId, :kind, :issuedAtMs, :expiresAtMs)`,
);

export const countChallengeTry = one(
  'challenge.count',
  `update challenges set tries = tries + 1
   where id = :id and tries < :limit and consumed_at_ms is null and expires_at_ms > :nowMs`,
);

export const consumeChallenge = one(
  'challenge.consume',
  `update challenges set consumed_at_ms = :nowMs
   where id = :id and consumed_at_ms is null and expires_at_ms > :nowMs`,
);

/** The first try of a counter; whoever else began it meanwhile was first. */
export const beginTries = one(
  'try.begin',
  `insert into tries (key, count, started_at_ms, not_before_ms, expires_at_ms)
   values (:key, :count, :startedAtMs, :notBeforeMs, :expiresAtMs)
   on conflict do nothing`,
);

/** One more try of a counter that is as it was when the try was decided on. */
export const countTry = one(
  'try.count',
  `update tries set count = :count, started_at_ms = :startedAtMs, not_before_ms = :notBeforeMs,
     expires_at_ms = :expiresAtMs
   where key = :key and count = :expectedCount and started_at_ms = :expectedStartedAtMs`,
);

export const addTry = one(
  'try.add',
  `insert into tries (key, count, started_at_ms, not_before_ms, expires_at_ms)
   values (:key, 1, :nowMs, 0, :expiresAtMs)
   on conflict (key) do update set
     count = case when tries.started_at_ms > :windowStartMs and tries.started_at_ms <= :nowMs
       then tries.count + 1 else 1 end,
     started_at_ms = case when tries.started_at_ms > :windowStartMs and tries.started_at_ms <= :nowMs
       then tries.started_at_ms
       else excluded.started_at_ms end,
     expires_at_ms = excluded.expires_at_ms`,
);

export const resetTries = any('try.reset', 'delete from tries where key = :key');

export const tries = read(
  'tries',
  // Looked up one by one: for a set of keys SQLite would make a table first, which takes longer than the look.
  `select tries.key, count, started_at_ms, not_before_ms
   from json_each(:keys) as wanted cross join tries on tries.key = wanted.value`,
  `select key, count, started_at_ms, not_before_ms from tries
   where key = any (select jsonb_array_elements_text(cast(:keys as jsonb)))`,
);

export const signIn = read(
  'sign-in',
  `select sign_ins.*, applications.name as application_name, second_factor, home_url, client_id,
     client_secret_hash, redirect_uris, post_logout_redirect_uris, backchannel_logout_uri,
     accounts.username, accounts.status as account_status, accounts.arrangement,
     accounts.must_change_password, accounts.password_revision as account_password_revision,
     companies.name as company_name, companies.authenticator_apps_per_account
   from sign_ins
   join applications on applications.id = sign_ins.application_id
   left join accounts on accounts.id = sign_ins.account_id
   left join companies on companies.id = sign_ins.company_id
   where sign_ins.id = :id`,
);

export const challenge = read(
  'challenge',
  `select challenges.*, authenticators.company_id, authenticators.kind as authenticator_kind,
     authenticators.enrollment_id, authenticators.secret,
     authenticators.last_step, authenticators.drift_steps, authenticators.bound_at_ms,
     authenticators.bound_leaf_hash, authenticators.binding_mac
   from challenges
   join authenticators on authenticators.id = challenges.authenticator_id
     and authenticators.account_id = challenges.account_id and authenticators.state = 'active'
   where challenges.id = :id`,
);
