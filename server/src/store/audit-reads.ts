// The audit's part of the store: the head of its tree, the keys that sign it, and the pages in which it is checked.

import type { AuditStore, LiveBinding, StoredCheckpoint, StoredLeaf } from '#core/audit-store.ts';
import { isFault, SecondringError } from '#core/errors.ts';
import { frontierLength, hashBytes } from '#core/merkle-tree.ts';
import { providerScope } from '#custody/keyring.ts';
import type { DataKeys } from './data-keys.ts';
import type { Engine } from './engine.ts';
import { openSecret } from './open-secret.ts';
import * as audit from './queries/audit.ts';
import { bytes, number, text } from './rows.ts';
import { openAuditKey, openFrontier } from './sealed.ts';
import type { Row } from './statement.ts';

export function createAuditReads(engine: Engine, keys: DataKeys): AuditStore {
  return {
    async auditTree() {
      const [row] = await engine.read(audit.tree, {});
      const sealed = row?.['frontier'];
      const size = row === undefined ? -1 : number(row, 'size');
      if (sealed === null && size === 0) return { size, frontier: [] };
      if (!(sealed instanceof Uint8Array)) {
        throw new SecondringError('sealed-value-unreadable', 'The head of the audit’s tree is not there.');
      }
      const joined = openFrontier(await keys.opening(providerScope, sealed), size, sealed);
      const frontier = Array.from({ length: frontierLength(size) }, (_, place) =>
        joined.subarray(place * hashBytes, (place + 1) * hashBytes),
      );
      return { size, frontier };
    },
    async leavesToIndex(limit) {
      const found = await engine.read(audit.leavesToIndex, { limit });
      return found.map((row) => ({ id: text(row, 'id'), leafHash: bytes(row, 'leaf_hash') }));
    },
    async latestCheckpoint() {
      const [row] = await engine.read(audit.latestCheckpoint, {});
      return row && checkpointOf(row);
    },
    async auditKeys() {
      const found = await engine.read(audit.auditKeys, {});
      return Promise.all(
        found.map(async (row) => {
          const sealed = bytes(row, 'private_key');
          const [origin, algorithm] = [text(row, 'origin'), text(row, 'algorithm')];
          const place = {
            serial: text(row, 'serial'),
            origin,
            algorithm,
            createdAtMs: text(row, 'created_at_ms'),
          };
          const privateKey = openAuditKey(await keys.opening(providerScope, sealed), place, sealed);
          return { serial: number(row, 'serial'), origin, algorithm, privateKey };
        }),
      );
    },
    async indexedLeaves(afterIndex, limit) {
      return (await engine.read(audit.indexedLeaves, { afterIndex, limit })).map(leafOf);
    },
    async unindexedLeaves({ atMs, id }, limit) {
      return (await engine.read(audit.unindexedLeaves, { atMs, id, limit })).map(leafOf);
    },
    async checkpoints(afterSize, limit) {
      return (await engine.read(audit.checkpoints, { afterSize, limit })).map(checkpointOf);
    },
    async countPersonal() {
      const [row] = await engine.read(audit.countPersonal, {});
      return row === undefined ? 0 : number(row, 'count');
    },
    async strayPersonal() {
      const [row] = await engine.read(audit.strayPersonal, {});
      return row && text(row, 'leaf_id');
    },
    async liveBindings(afterId, limit) {
      const found = await engine.read(audit.liveBindings, { afterId, limit });
      return Promise.all(found.map((row) => liveBindingOf(row, keys)));
    },
  };
}

function checkpointOf(row: Row): StoredCheckpoint {
  return { size: text(row, 'size'), note: text(row, 'note') };
}

function leafOf(row: Row): StoredLeaf {
  const { leaf_index: index, salt } = row;
  return {
    id: text(row, 'id'),
    atMs: text(row, 'at_ms'),
    event: text(row, 'event'),
    companyId: row['company_id'] as string | null,
    accountId: row['account_id'] as string | null,
    canonical: text(row, 'canonical'),
    leafHash: bytes(row, 'leaf_hash'),
    index: typeof index === 'string' ? index : undefined,
    personal: salt instanceof Uint8Array ? { salt, fields: text(row, 'fields') } : undefined,
  };
}

async function liveBindingOf(row: Row, keys: DataKeys): Promise<LiveBinding> {
  const authenticatorId = text(row, 'authenticator_id');
  const hasLeaf = number(row, 'has_leaf') === 1;
  try {
    (await openSecret(row, keys)).fill(0);
    return { authenticatorId, hasLeaf, isGenuine: true };
  } catch (error) {
    if (!isFault(error, 'binding-invalid') && !isFault(error, 'sealed-value-unreadable')) throw error;
    return { authenticatorId, hasLeaf, isGenuine: false };
  }
}
