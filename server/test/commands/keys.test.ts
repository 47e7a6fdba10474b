// Keys rotated by the commands an operator types, and killed in the middle of it again and again: what was done stays
// done, and the next run goes on.
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseMasterKeys } from '#custody/master-key.ts';
import { createCompany } from '#flows/arrange.ts';
import { openStore } from '#store/open-store.ts';
import { ended, newMasterKey, newOperator } from '#test/support/command-line.ts';
import { engines } from '#test/support/each-engine.ts';
import { openRawDatabase } from '#test/support/raw-database.ts';

const companies = 400;
const killings = 5;

for (const engine of engines) {
  test(`the master key, killed ${killings} times on the way, on ${engine}`, async () => {
    const operator = await newOperator(engine);
    try {
      const { store } = await openStore({
        databaseUrl: operator.databaseUrl,
        loadKeys: () => ({ keys: parseMasterKeys(operator.masterKey), source: 'value' }),
        nowMs: Date.now,
      });
      const ports = { store, nowMs: Date.now, random: randomBytes } as unknown as Parameters<
        typeof createCompany
      >[0];
      for (let count = 0; count < companies; count += 1) await createCompany(ports, { name: `C ${count}` });
      await store.close();

      operator.environment['SECONDRING_MASTER_KEY'] = `${newMasterKey()},${operator.masterKey}`;
      const begun = performance.now();
      assert.equal((await operator.run(['migrate'])).status, 0);
      const tookMs = performance.now() - begun;
      for (let count = 0; count < killings; count += 1) {
        const child = operator.start(['keys', 'rotate', 'master']);
        const outcome = ended(child);
        await sleep(tookMs / 2 + randomInt(Math.ceil(tookMs)));
        child.kill('SIGKILL');
        await outcome;
      }
      const last = await operator.run(['keys', 'rotate', 'master', '--json']);
      assert.equal(last.status, 0, last.errors);
      assert.deepEqual([last.json().left, last.json().mayRemoveOld], [0, true]);
      const raw = await openRawDatabase(operator.databaseUrl);
      const used = await raw.rows('select distinct master_key_id from data_keys');
      const known = await raw.rows('select master_key_id from master_key_checks');
      await raw.close();
      assert.deepEqual([used.length, known.length], [1, 1]);

      const [fresh = ''] = operator.environment['SECONDRING_MASTER_KEY'].split(',');
      operator.environment['SECONDRING_MASTER_KEY'] = fresh;
      assert.equal((await operator.run(['keys', 'rotate', 'data', '--company', 'C 7'])).status, 0);
      const signing = await operator.run(['keys', 'rotate', 'signing', '--json']);
      assert.deepEqual([signing.status, signing.json().isNew], [0, true]);
      operator.environment['SECONDRING_MASTER_KEY'] = operator.masterKey;
      const stale = await operator.run(['keys', 'rotate', 'master', '--json']);
      assert.equal((stale.json().error as { code: string }).code, 'master-key-wrong');
    } finally {
      await operator.close();
    }
  });
}
