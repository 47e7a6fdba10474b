// Statements about the epoch, and about what ends with one.
import { any, one, read } from '../statement.ts';

export const current = read('epoch', 'select epoch from store_epoch');

/** Part of every commit on PostgreSQL: nothing is changed by who knows another epoch. */
export const expected = one('epoch.expected', 'select 1 from store_epoch where epoch = :epoch');

export const begin = one(
  'epoch.begin',
  'update store_epoch set epoch = epoch + 1, reason = :reason, began_at_ms = :nowMs where only_one = 1',
);

export const expireSignIns = any(
  'epoch.sign-ins',
  `update sign_ins set state = 'expired', revision = revision + 1
   where state in ('password', 'change-password', 'factor', 'enrollment', 'backup', 'proven')`,
);

export const removeChallenges = any('epoch.challenges', 'delete from challenges');

export const removeOpenEnrollments = any('epoch.enrollments', `delete from enrollments where state = 'open'`);

export const endSessions = any(
  'epoch.sessions',
  `update sessions set ended_at_ms = :nowMs, end_reason = 'fenced' where ended_at_ms is null`,
);

/** A link that was used before must not work again, and a password that waits was not proven here. */
export const removePasswordResets = any('epoch.password-resets', 'delete from password_resets');

export const removeOidcDocuments = any('epoch.oidc-documents', 'delete from oidc_documents');

export const raiseLastSteps = any(
  'epoch.last-steps',
  `update authenticators set last_step = :lowWaterStep
   where kind = 'totp' and (last_step is null or last_step < :lowWaterStep)`,
);

/** Not known to be unused counts as used; the person is led to a new set after their next sign-in. */
export const useUpRecoveryCodes = any(
  'epoch.recovery-codes',
  'update recovery_codes set used_at_ms = :nowMs where used_at_ms is null',
);
