// Statements about the outbox.
import { one, read } from '../statement.ts';

export const addToOutbox = one(
  'outbox.add',
  `insert into outbox (id, kind, sealed_payload, due_at_ms, created_at_ms, expires_at_ms)
   values (:id, :kind, :payload, :createdAtMs, :createdAtMs, :expiresAtMs)`,
);

export const claimOutboxItem = one(
  'outbox.claim',
  `update outbox set attempts = attempts + 1, due_at_ms = :leaseUntilMs
   where id = :id and attempts = :attempts and due_at_ms <= :nowMs`,
);

export const postponeOutboxItem = one(
  'outbox.postpone',
  'update outbox set due_at_ms = :dueAtMs where id = :id and attempts = :attempts',
);

export const removeOutboxItem = one(
  'outbox.remove',
  'delete from outbox where id = :id and attempts = :attempts',
);

export const outboxDue = read(
  'outbox-due',
  `select id, kind, attempts, expires_at_ms from outbox
   where due_at_ms <= :nowMs order by due_at_ms, id limit :limit`,
);

export const outboxItem = read('outbox-item', 'select * from outbox where id = :id');
