// Examples of the changes that count tries.
import type { Change } from '#core/changes.ts';
import { commitAll, newId, type SeededStore } from '../seeded-store.ts';
import type { Examples } from './example.ts';

type Of<Name extends Change['change']> = Extract<Change, { readonly change: Name }>;

const counted = (key: string, fields: Partial<Of<'try.count'>> = {}): Of<'try.count'> => ({
  change: 'try.count',
  ...{ key, expected: undefined, count: 1, startedAtMs: 100, notBeforeMs: 200, expiresAtMs: undefined },
  ...fields,
});

async function keyAtThree(world: SeededStore): Promise<string> {
  const key = `otp:${newId()}`;
  await commitAll(world, counted(key, { count: 3, expiresAtMs: 900 }));
  return key;
}

const added = (key: string, nowMs: number): Of<'try.add'> => ({
  change: 'try.add',
  ...{ key, nowMs, windowStartMs: nowMs - 1000, expiresAtMs: nowMs + 1000 },
});

export const tryExamples: Examples<'try.count' | 'try.add' | 'try.reset'> = {
  'try.count': {
    applied: {
      'the first one': async () => {
        const key = `otp:${newId()}`;
        const columns = { key, count: 1, started_at_ms: 100, not_before_ms: 200 };
        return { changes: [counted(key)], does: [{ table: 'tries', row: 'inserted', columns }] };
      },
      'one more than was read': async (world) => {
        const key = await keyAtThree(world);
        const next = { count: 4, startedAtMs: 150, notBeforeMs: 250, expiresAtMs: 950 };
        return {
          changes: [counted(key, { expected: { count: 3, startedAtMs: 100 }, ...next })],
          does: [
            {
              table: 'tries',
              row: 'changed',
              columns: { count: 4, started_at_ms: 150, not_before_ms: 250, expires_at_ms: 950 },
            },
          ],
        };
      },
      'one that is kept until it is reset': async (world) => {
        const key = await keyAtThree(world);
        return {
          changes: [counted(key, { expected: { count: 3, startedAtMs: 100 }, count: 4 })],
          does: [{ table: 'tries', row: 'changed', columns: { count: 4, expires_at_ms: null } }],
        };
      },
    },
    refused: {
      'somebody counted the first one meanwhile': async (world) => counted(await keyAtThree(world)),
      'somebody counted one more meanwhile': async (world) =>
        counted(await keyAtThree(world), { expected: { count: 2, startedAtMs: 100 }, count: 3 }),
      'it is not as far as that': async (world) =>
        counted(await keyAtThree(world), { expected: { count: 4, startedAtMs: 100 }, count: 5 }),
      'its window began anew meanwhile': async (world) =>
        counted(await keyAtThree(world), { expected: { count: 3, startedAtMs: 99 }, count: 4 }),
      'it was reset meanwhile': async () =>
        counted(`otp:${newId()}`, { expected: { count: 3, startedAtMs: 100 }, count: 4 }),
    },
    faults: {
      'a count of nothing': async () => counted(newId(), { count: 0 }),
    },
  },
  'try.add': {
    applied: {
      'the first one of a window': async () => {
        const key = newId();
        const columns = { key, count: 1, started_at_ms: 5000, not_before_ms: 0, expires_at_ms: 6000 };
        return { changes: [added(key, 5000)], does: [{ table: 'tries', row: 'inserted', columns }] };
      },
      'one more in the last millisecond of the window': async (world) => {
        const key = newId();
        await commitAll(world, added(key, 5000));
        return {
          changes: [added(key, 5999)],
          does: [{ table: 'tries', row: 'changed', columns: { count: 2, expires_at_ms: 6999 } }],
        };
      },
      'the first one after the window': async (world) => {
        const key = newId();
        await commitAll(world, added(key, 5000));
        await commitAll(world, added(key, 5001));
        const columns = { count: 1, started_at_ms: 6000, expires_at_ms: 7000 };
        return { changes: [added(key, 6000)], does: [{ table: 'tries', row: 'changed', columns }] };
      },
      'the first one after the clock went back': async (world) => {
        const key = newId();
        await commitAll(world, added(key, 50_000));
        await commitAll(world, added(key, 50_001));
        const columns = { count: 1, started_at_ms: 5000, expires_at_ms: 6000 };
        return { changes: [added(key, 5000)], does: [{ table: 'tries', row: 'changed', columns }] };
      },
    },
    refused: {},
  },
  'try.reset': {
    applied: {
      'of a counter': async (world) => {
        const key = await keyAtThree(world);
        const columns = { key, count: 3, started_at_ms: 100, not_before_ms: 200, expires_at_ms: 900 };
        return {
          changes: [{ change: 'try.reset', key }],
          does: [{ table: 'tries', row: 'removed', columns }],
        };
      },
      'of nothing': async () => ({ changes: [{ change: 'try.reset', key: newId() }], does: [] }),
    },
    refused: {},
  },
};
