// Backups by the commands an operator types: made while the service writes, complete, refused when anything of them is
// not as it was, restored whole or not at all also when the process is killed, from one engine into the other.
import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parseMasterKeys } from '#custody/master-key.ts';
import { openStore } from '#store/open-store.ts';
import { tables } from '#store/tables.ts';
import { ended, newMasterKey, newOperator, type Operator } from '#test/support/command-line.ts';
import { engines } from '#test/support/each-engine.ts';
import { openRawDatabase, type RawRow } from '#test/support/raw-database.ts';

const password = 'Seven geese & a ladder';
const killings = 6;

const open = async ({ databaseUrl, masterKey }: Operator) =>
  (
    await openStore({
      databaseUrl,
      loadKeys: () => ({ keys: parseMasterKeys(masterKey), source: 'value' }),
      nowMs: Date.now,
    })
  ).store;

async function arrange(operator: Operator): Promise<void> {
  for (const words of [
    ['provider', 'set-name', 'Proef Telecom'],
    ['company', 'add', '--name', 'Bakkerij ☕'],
  ]) {
    assert.equal((await operator.run(words)).status, 0);
  }
  const words = ['account', 'add', '--company', 'Bakkerij ☕', '--username', 'ann@proef.test'];
  assert.equal((await operator.run([...words, '--password-stdin'], password)).status, 0);
  const store = await open(operator);
  for (let count = 0; count < 3; count += 1) {
    const keys = Array.from({ length: 500 }, (_, index) => `counter ${count} ${index}`);
    await store.commit(
      keys.map((key) => ({ change: 'try.add', key, nowMs: 1, windowStartMs: 0, expiresAtMs: 2 ** 45 })),
    );
  }
  await store.close();
}

/** What is kept, as text; the fence changes two tables. */
async function contents(databaseUrl: string): Promise<Record<string, readonly string[]>> {
  const raw = await openRawDatabase(databaseUrl);
  const plain = (row: RawRow) =>
    JSON.stringify(
      Object.entries(row).map(([name, value]) => [
        name,
        value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
      ]),
    );
  const found: Record<string, readonly string[]> = {};
  for (const { name, kind } of tables) {
    if (kind === 'kept' && name !== 'store_epoch') {
      found[name] = (await raw.rows(`select * from ${name}`)).map(plain).toSorted();
    }
  }
  await raw.close();
  found['audit_leaves'] = (found['audit_leaves'] ?? []).filter((row) => !row.includes('store.fenced'));
  return found;
}

for (const from of engines) {
  describe(`a backup of ${from}`, () => {
    for (const into of engines) {
      test(`comes back whole in ${into}, with the epoch raised, and says what is open`, async () => {
        const source = await newOperator(from);
        const target = await newOperator(into, source.masterKey);
        try {
          await arrange(source);
          const file = join(source.folder, 'backup');
          const made = await source.run(['backup', file]);
          assert.equal(made.status, 0, made.errors);
          assert.match(made.output, /1 accounts[\s\S]*master key is not in it/);
          assert.equal(statSync(file).mode & 0o777, 0o600);
          const text = gunzipSync(readFileSync(file)).toString();
          assert.equal(text.includes(source.masterKey), false);

          const again = await source.run(['backup', file, '--json']);
          assert.deepEqual(
            [again.status, (again.json().error as { code: string }).code],
            [1, 'already-exists'],
          );

          const restored = await target.run(['restore', file]);
          assert.equal(restored.status, 0, restored.errors);
          assert.match(restored.output, /Epoch 2[\s\S]*WHAT WAS REVOKED AFTER .* IS VALID AGAIN/);
          assert.deepEqual(await contents(target.databaseUrl), await contents(source.databaseUrl));
          assert.equal((await target.run(['doctor'])).status, 0);

          const twice = await target.run(['restore', file, '--json']);
          assert.equal((twice.json().error as { code: string }).code, 'store-not-empty');
        } finally {
          await source.close();
          await target.close();
        }
      });
    }

    test('is of one moment while the service writes, and stops nobody', async () => {
      const source = await newOperator(from);
      try {
        await arrange(source);
        const store = await open(source);
        let stop = false;
        let commits = 0;
        const writing = (async () => {
          // Each commit adds to both tables; a copy of one moment has as many of the one as of the other.
          for (; !stop; commits += 1) {
            const at = { nowMs: 1, windowStartMs: 0, expiresAtMs: 2 ** 45 };
            await store.commit([
              { change: 'try.add', key: `pair ${commits}`, ...at },
              {
                change: 'audit.append',
                event: {
                  ...{ id: `pair ${commits}`, atMs: 1, event: 'password.refused', facts: {}, personal: {} },
                  ...{ companyId: undefined, accountId: undefined },
                },
              },
            ]);
          }
        })();
        for (let count = 0; count < 3; count += 1) {
          const before = commits;
          const file = join(source.folder, `backup ${count}`);
          assert.equal((await source.run(['backup', file])).status, 0);
          assert.ok(commits > before);
          const lines = gunzipSync(readFileSync(file)).toString().split('\n');
          const pairs = lines.filter((line) => line.startsWith('["pair '));
          assert.ok(pairs.length > 0 && pairs.length % 2 === 0, `${pairs.length} halves`);
          assert.equal(new Set(pairs.map((line) => JSON.parse(line)[0])).size, pairs.length / 2);
        }
        stop = true;
        await writing;
        await store.close();
      } finally {
        await source.close();
      }
    });
  });
}

test('a file that was cut off, changed, made with another key, or is none, restores nothing', async () => {
  const source = await newOperator('sqlite');
  const target = await newOperator('sqlite', source.masterKey);
  try {
    await arrange(source);
    const file = join(source.folder, 'backup');
    assert.equal((await source.run(['backup', file])).status, 0);
    const whole = readFileSync(file);
    const lines = gunzipSync(whole).toString().trimEnd().split('\n');
    const zipped = (changed: readonly string[]) => gzipSync(`${changed.join('\n')}\n`);
    const swapped = lines.map((line) => line.replaceAll('ann@proef.test', 'eve@proef.test'));
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(whole.length >> 1) ^ 1, whole.length >> 1);
    const cases: readonly (readonly [name: string, bytes: Buffer, code: string])[] = [
      ['cut off in the middle', whole.subarray(0, whole.length >> 1), 'backup-damaged'],
      ['without its last bytes', whole.subarray(0, whole.length - 4), 'backup-damaged'],
      ['with a flipped bit', flipped, 'backup-damaged'],
      ['without its end', zipped(lines.slice(0, -1)), 'backup-damaged'],
      ['without a row', zipped(lines.toSpliced(9, 1)), 'backup-damaged'],
      ['with a changed row', zipped(swapped), 'backup-damaged'],
      ['with a changed row and its right digest', zipped(resealed(swapped)), 'backup-damaged'],
      ['with something after its end', zipped([...lines, '["x"]']), 'backup-damaged'],
      ['none at all', Buffer.from('hello'), 'backup-damaged'],
      ['empty', gzipSync(''), 'backup-foreign'],
      ['another program’s', gzipSync('{"format":"other"}\n'), 'backup-foreign'],
    ];
    for (const [name, bytes, code] of cases) {
      const path = join(source.folder, name);
      writeFileSync(path, bytes);
      const { status, json, errors } = await target.run(['restore', path, '--json']);
      assert.deepEqual([status, errors], [1, ''], name);
      assert.equal((json().error as { code: string }).code, code, name);
      assert.deepEqual(readdirSync(target.folder), [], `${name}: nothing was made`);
    }
    const missing = await target.run(['restore', join(source.folder, 'nothing'), '--json']);
    assert.equal((missing.json().error as { code: string }).code, 'not-found');
    target.environment['SECONDRING_MASTER_KEY'] = newMasterKey();
    const foreign = await target.run(['restore', file, '--json']);
    assert.equal((foreign.json().error as { code: string }).code, 'backup-foreign');
  } finally {
    await source.close();
    await target.close();
  }
});

/** The digest made right again, as somebody without the master key can. */
function resealed(lines: readonly string[]): readonly string[] {
  const { end } = JSON.parse(lines.at(-1) ?? '');
  const body = lines.slice(0, -1);
  const sha256 = createHash('sha256')
    .update(body.map((line) => `${line}\n`).join(''))
    .digest('hex');
  return [...body, JSON.stringify({ end: { ...end, sha256 } })];
}

for (const engine of engines) {
  test(`killed at any moment, a backup leaves no file of its name and a restore an empty store, on ${engine}`, async () => {
    const source = await newOperator(engine);
    try {
      await arrange(source);
      const begun = performance.now();
      assert.equal((await source.run(['backup', join(source.folder, 'whole')])).status, 0);
      const tookMs = performance.now() - begun;
      for (let count = 0; count < killings; count += 1) {
        const file = join(source.folder, `killed ${count}`);
        const child = source.start(['backup', file]);
        const outcome = ended(child);
        await sleep(randomInt(Math.ceil(tookMs)));
        child.kill('SIGKILL');
        await outcome;
        const isThere = readdirSync(source.folder).includes(`killed ${count}`);
        const target = await newOperator(engine, source.masterKey);
        try {
          const restoring = target.start(['restore', isThere ? file : join(source.folder, 'whole')]);
          const restored = ended(restoring);
          await sleep(randomInt(Math.ceil(tookMs)));
          restoring.kill('SIGKILL');
          await restored;
          // Either it is all there, or it is as if nothing had been, and can be done again.
          const second = await target.run(['restore', join(source.folder, 'whole'), '--json']);
          if (second.status !== 0) {
            assert.equal((second.json().error as { code: string }).code, 'store-not-empty');
          }
          assert.deepEqual(await contents(target.databaseUrl), await contents(source.databaseUrl));
        } finally {
          await target.close();
        }
      }
    } finally {
      await source.close();
    }
  });
}
