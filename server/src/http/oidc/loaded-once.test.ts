// What is loaded late is loaded once, and a load that failed is tried again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadedOnce } from './loaded-once.ts';

test('many at once and later ones get the same', async () => {
  let loads = 0;
  const load = loadedOnce(async () => ({ number: ++loads }));
  assert.equal(loads, 0);
  const all = await Promise.all([load(), load(), load()]);
  assert.deepEqual([...all, await load()], Array(4).fill({ number: 1 }));
});

test('who comes after a load that failed has it tried again', async () => {
  let loads = 0;
  const load = loadedOnce(async () => {
    loads += 1;
    if (loads === 1) throw new Error('the disk is slow today');
    return loads;
  });
  await assert.rejects(load(), /slow/);
  assert.equal(await load(), 2);
  assert.equal(await load(), 2);
});
