// Statements about the tree over the audit: its head, places of leaves, checkpoints and their keys, and the pages in
// which all of it is checked.
import { any, one, read } from '../statement.ts';

/**
 * Moves the head on from the size it was decided on. Every leaf of the batch must still be there without a place, or
 * the tree would have leaves that the table has not.
 */
export const advanceTree = one(
  'audit.advance-tree',
  `update audit_tree set size = :size, frontier = :frontier
   where id = :id and size = :expectedSize and :count = (
     select count(*) from audit_leaves
     where +leaf_index is null and id in (select value from json_each(:leafIds))
   )`,
  `update audit_tree set size = :size, frontier = :frontier
   where id = :id and size = :expectedSize and :count = (
     select count(*) from audit_leaves
     where leaf_index is null and id = any (select jsonb_array_elements_text(cast(:leafIds as jsonb)))
   )`,
);

export const indexLeaves = any(
  'audit.index-leaves',
  `update audit_leaves set leaf_index = :expectedSize + batch.key from json_each(:leafIds) as batch
   where audit_leaves.id = batch.value and +leaf_index is null`,
  `update audit_leaves set leaf_index = cast(:expectedSize as bigint) + batch.place - 1
   from jsonb_array_elements_text(cast(:leafIds as jsonb)) with ordinality as batch (leaf_id, place)
   where audit_leaves.id = batch.leaf_id and leaf_index is null`,
);

/** Later ones only; of replicas that make the same one at once one succeeds. */
export const createCheckpoint = one(
  'audit.checkpoint',
  `insert into audit_checkpoints (size, note)
   select :size, :note where not exists (select 1 from audit_checkpoints where size >= :size)
   on conflict do nothing`,
  `insert into audit_checkpoints (size, note)
   select cast(:size as bigint), cast(:note as text)
   where not exists (select 1 from audit_checkpoints where size >= cast(:size as bigint))
   on conflict do nothing`,
);

/** The first one. */
export const createAuditKey = one(
  'audit-key.create',
  `insert into audit_keys (serial, origin, algorithm, private_key, created_at_ms)
   values (:serial, :origin, :algorithm, :privateKey, :nowMs)
   on conflict do nothing`,
);

export const tree = read('audit-tree', `select size, frontier from audit_tree where id = 'audit'`);

export const leavesToIndex = read(
  'audit-leaves-to-index',
  'select id, leaf_hash from audit_leaves where leaf_index is null order by at_ms, id limit :limit',
);

export const latestCheckpoint = read(
  'audit-latest-checkpoint',
  'select cast(size as text) as size, note from audit_checkpoints order by audit_checkpoints.size desc limit 1',
);

export const auditKeys = read(
  'audit-keys',
  `select cast(serial as text) as serial, origin, algorithm, private_key, cast(created_at_ms as text) as created_at_ms
   from audit_keys order by audit_keys.serial desc`,
);

const leafColumns = `l.id, cast(l.at_ms as text) as at_ms, l.event, l.company_id, l.account_id, l.canonical,
  l.leaf_hash, cast(l.leaf_index as text) as leaf_index, p.salt, p.fields`;

export const indexedLeaves = read(
  'audit-indexed-leaves',
  `select ${leafColumns} from audit_leaves l left join audit_personal p on p.leaf_id = l.id
   where l.leaf_index > :afterIndex order by l.leaf_index limit :limit`,
);

export const unindexedLeaves = read(
  'audit-unindexed-leaves',
  `select ${leafColumns} from audit_leaves l left join audit_personal p on p.leaf_id = l.id
   where l.leaf_index is null and (l.at_ms, l.id) > (:atMs, :id) order by l.at_ms, l.id limit :limit`,
);

export const checkpoints = read(
  'audit-checkpoints',
  `select cast(c.size as text) as size, c.note from audit_checkpoints c
   where c.size > :afterSize order by c.size limit :limit`,
);

export const countPersonal = read('audit-count-personal', 'select count(*) as count from audit_personal');

export const strayPersonal = read(
  'audit-stray-personal',
  `select p.leaf_id from audit_personal p
   where not exists (select 1 from audit_leaves l where l.id = p.leaf_id) order by p.leaf_id limit 1`,
);

/** An enrollment lives for ten minutes: a binding and its leaf cannot lie further apart than this, in milliseconds. */
const bindingAndLeafApartMs = 600_000;

export const liveBindings = read(
  'audit-live-bindings',
  `select a.id as authenticator_id, a.company_id, a.account_id, a.enrollment_id, a.kind as authenticator_kind,
     a.secret, a.bound_at_ms, a.bound_leaf_hash, a.binding_mac,
     case when exists (
       select 1 from audit_leaves l
       where l.account_id = a.account_id and l.company_id = a.company_id and l.event = 'authenticator.bound'
         and l.leaf_hash = a.bound_leaf_hash and l.at_ms
         between a.bound_at_ms - ${bindingAndLeafApartMs} and a.bound_at_ms + ${bindingAndLeafApartMs}
     ) then 1 else 0 end as has_leaf
   from authenticators a where a.state = 'active' and a.id > :afterId order by a.id limit :limit`,
);
