// The doctor names every fault at once, each with what to do, and changes nothing by looking. Each fault is made for
// real and by itself as well.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { newMasterKey, newOperator, type Operator } from '#test/support/command-line.ts';
import { engines } from '#test/support/each-engine.ts';
import { openRawDatabase } from '#test/support/raw-database.ts';

interface Finding {
  readonly check: string;
  readonly state: string;
  readonly message: string;
  readonly hint?: string;
}

async function examine(operator: Operator) {
  const { status, json } = await operator.run(['doctor', '--json']);
  const { findings } = json() as unknown as { findings: readonly Finding[] };
  const faults = findings.filter(({ state }) => state === 'fault');
  for (const one of faults) assert.ok((one.hint ?? '').length > 10, `${one.message} without what to do`);
  return { status, faults, checks: faults.map(({ check }) => check), findings };
}

test('before the first start nothing is wrong, and nothing is made by looking', async () => {
  const operator = await newOperator('sqlite');
  try {
    assert.deepEqual(await examine(operator).then(({ status, checks }) => [status, checks]), [0, []]);
    assert.deepEqual(readdirSync(operator.folder), []);
  } finally {
    await operator.close();
  }
});

test('all faults at once', async () => {
  const operator = await newOperator('sqlite');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  try {
    assert.equal((await operator.run(['migrate'])).status, 0);
    chmodSync(join(operator.folder, 'data'), 0o755);
    const { port } = taken.address() as { port: number };
    const raw = await openRawDatabase(operator.databaseUrl);
    const future = Date.now() + 3_600_000;
    await raw.run(
      `insert into audit_leaves (id, at_ms, event, canonical, leaf_hash) values ('l', $1, 'e', 'c', $2)`,
      future,
      Buffer.from('x'),
    );
    await raw.close();
    Object.assign(operator.environment, {
      SECONDRING_LISTEN: `127.0.0.1:${port}`,
      SECONDRING_MASTER_KEY: newMasterKey(),
      SECONDRING_LOG_LEVEL: 'loud',
      SECONDRING_PUBLIC_URL: 'http://sign-in.example.test',
    });
    const { status, checks } = await examine(operator);
    assert.equal(status, 1);
    assert.deepEqual(checks.toSorted(), [
      ...['clock', 'configuration', 'configuration', 'data folder', 'listen address', 'master key'],
    ]);
    const spoken = await operator.run(['doctor']);
    assert.equal(spoken.status, 1);
    assert.match(spoken.output, /FAULT +data folder[\s\S]*chmod 0700[\s\S]*\n6 faults\.\n$/);
  } finally {
    taken.close();
    await operator.close();
  }
});

test('a master key that lies with the data, that others can read, or that is none', async () => {
  const operator = await newOperator('sqlite');
  try {
    const { SECONDRING_MASTER_KEY: _, ...environment } = operator.environment;
    delete operator.environment['SECONDRING_MASTER_KEY'];
    assert.equal((await operator.run(['migrate'])).status, 0);
    const file = join(operator.folder, 'data-key', 'master.key');
    assert.ok(existsSync(file));
    assert.deepEqual((await examine(operator)).checks, []);
    chmodSync(file, 0o644);
    assert.deepEqual((await examine(operator)).checks, ['master key']);
    operator.environment['SECONDRING_MASTER_KEY'] = 'c2hvcnQ=';
    assert.match((await examine(operator)).faults[0]?.message ?? '', /not 32 bytes/);
    delete operator.environment['SECONDRING_MASTER_KEY'];
    chmodSync(file, 0o400);
    operator.environment['SECONDRING_MASTER_KEY_FILE'] = join(environment['SECONDRING_DATA'] ?? '', 'key');
    assert.ok((await examine(operator)).checks.includes('master key'));
  } finally {
    await operator.close();
  }
});

describe('the database', () => {
  for (const engine of engines) {
    test(`of a later version, and one that is as it should be, on ${engine}`, async () => {
      const operator = await newOperator(engine);
      try {
        assert.deepEqual((await examine(operator)).checks, []);
        assert.equal((await operator.run(['migrate'])).status, 0);
        assert.deepEqual((await examine(operator)).checks, []);
        const raw = await openRawDatabase(operator.databaseUrl);
        await raw.run(`insert into schema_migrations values (9999, '9999-to-come', 'x', 1)`);
        await raw.close();
        const { checks, faults } = await examine(operator);
        assert.deepEqual(checks, ['schema']);
        assert.match(faults[0]?.message ?? '', /9999-to-come/);
      } finally {
        await operator.close();
      }
    });
  }

  test('that cannot be reached', async () => {
    const operator = await newOperator('sqlite');
    try {
      operator.environment['SECONDRING_DATABASE_URL'] = 'postgres://nobody@127.0.0.1:1/none';
      assert.deepEqual((await examine(operator)).checks, ['database']);
    } finally {
      await operator.close();
    }
  });
});
