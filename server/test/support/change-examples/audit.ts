// Examples of the changes that give leaves their place in the audit's tree, sign it, and make the key for that.
import { randomBytes } from 'node:crypto';
import type { Change } from '#core/changes.ts';
import { anEvent, commitAll, newId, type SeededStore } from '../seeded-store.ts';
import type { Examples } from './example.ts';

type Of<Name extends Change['change']> = Extract<Change, { readonly change: Name }>;

/** A tree of some size; what its hashes are is not the store's business. */
const aTree = (size: number, hashes: number) => ({
  size,
  frontier: Array.from({ length: hashes }, () => randomBytes(32)),
});

/** A world without a leaf that has a place, and the ids of leaves that wait for one. */
async function waiting(world: SeededStore, count: number): Promise<string[]> {
  await world.raw.run('update audit_leaves set leaf_index = null');
  await world.raw.run('update audit_tree set size = 0, frontier = null');
  const events = Array.from({ length: count }, () => anEvent({ personal: {} }));
  for (const event of events) await commitAll(world, { change: 'audit.append', event });
  return events.map(({ id }) => id);
}

const aKey = (): Of<'audit-key.create'> => ({
  change: 'audit-key.create',
  ...{ origin: 'a.test/audit', algorithm: 'Ed25519', privateKey: randomBytes(48), nowMs: 6 },
});

export const auditExamples: Examples<'audit.index' | 'audit.checkpoint' | 'audit-key.create'> = {
  'audit.index': {
    applied: {
      'the first leaves, in the order they are given': async (world) => {
        const leafIds = await waiting(world, 2);
        return {
          changes: [
            { change: 'audit.index', expectedSize: 0, next: aTree(2, 1), leafIds: leafIds.toReversed() },
          ],
          does: [
            { table: 'audit_leaves', row: 'changed', columns: { leaf_index: 1 } },
            { table: 'audit_leaves', row: 'changed', columns: { leaf_index: 0 } },
            { table: 'audit_tree', row: 'changed', columns: { size: 2, frontier: 'sealed' } },
          ],
        };
      },
      'more of them': async (world) => {
        const [first = '', second = ''] = await waiting(world, 2);
        await commitAll(world, {
          change: 'audit.index',
          expectedSize: 0,
          next: aTree(1, 1),
          leafIds: [first],
        });
        return {
          changes: [{ change: 'audit.index', expectedSize: 1, next: aTree(2, 1), leafIds: [second] }],
          does: [
            { table: 'audit_leaves', row: 'changed', columns: { leaf_index: 1 } },
            { table: 'audit_tree', row: 'changed', columns: { size: 2, frontier: 'sealed' } },
          ],
        };
      },
    },
    refused: {
      'the tree has grown since': async (world) => {
        const [first = '', second = ''] = await waiting(world, 2);
        await commitAll(world, {
          change: 'audit.index',
          expectedSize: 0,
          next: aTree(1, 1),
          leafIds: [first],
        });
        return { change: 'audit.index', expectedSize: 0, next: aTree(1, 1), leafIds: [second] };
      },
      'the tree is not as large as that': async (world) => {
        const leafIds = await waiting(world, 1);
        return { change: 'audit.index', expectedSize: 1, next: aTree(2, 1), leafIds };
      },
      'one of them has its place': async (world) => {
        const [first = '', second = ''] = await waiting(world, 2);
        await commitAll(world, {
          change: 'audit.index',
          expectedSize: 0,
          next: aTree(1, 1),
          leafIds: [first],
        });
        return { change: 'audit.index', expectedSize: 1, next: aTree(3, 2), leafIds: [second, first] };
      },
      'one of them is not there': async (world) => {
        const leafIds = [...(await waiting(world, 1)), newId()];
        return { change: 'audit.index', expectedSize: 0, next: aTree(2, 1), leafIds };
      },
    },
  },
  'audit.checkpoint': {
    applied: {
      'of a larger tree than the last': async (world) => {
        await world.raw.run('delete from audit_checkpoints');
        await commitAll(world, { change: 'audit.checkpoint', size: 7, note: 'seven' });
        return {
          changes: [{ change: 'audit.checkpoint', size: 8, note: 'eight' }],
          does: [{ table: 'audit_checkpoints', row: 'inserted', columns: { size: 8, note: 'eight' } }],
        };
      },
    },
    refused: {
      'there is one of this size': async (world) => {
        await world.raw.run('delete from audit_checkpoints');
        await commitAll(world, { change: 'audit.checkpoint', size: 7, note: 'seven' });
        return { change: 'audit.checkpoint', size: 7, note: 'also seven' };
      },
      'there is a later one': async (world) => {
        await world.raw.run('delete from audit_checkpoints');
        await commitAll(world, { change: 'audit.checkpoint', size: 7, note: 'seven' });
        return { change: 'audit.checkpoint', size: 6, note: 'six' };
      },
    },
    faults: {
      'of nothing': async (world) => {
        await world.raw.run('delete from audit_checkpoints');
        return { change: 'audit.checkpoint', size: 0, note: '' };
      },
    },
  },
  'audit-key.create': {
    applied: {
      'the first, sealed': async (world) => {
        await world.raw.run('delete from audit_keys');
        const columns = { serial: 1, origin: 'a.test/audit', algorithm: 'Ed25519', created_at_ms: 6 };
        return { changes: [aKey()], does: [{ table: 'audit_keys', row: 'inserted', columns }] };
      },
    },
    refused: {
      'there is one': async (world) => {
        await world.store.commit([aKey()]);
        return { ...aKey(), origin: 'b.test/audit' };
      },
    },
  },
};
