// Attack D8: the process dies between the acknowledgement of a commit and whatever comes next. What was acknowledged
// is there, whole; what was not is there whole or not at all.
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sequenceAudit } from '#flows/sequence-audit.ts';
import { verifyAudit } from '#flows/verify-audit.ts';
import { engines } from '#test/support/each-engine.ts';
import { openTestStore, placeFor, type TestStore } from '#test/support/open-test-store.ts';

const kills = 20;
/** Processes that write at the same time; each is killed after another number of acknowledgements. */
const writers = 4;
const program = fileURLToPath(new URL('../../test/support/store-process.ts', import.meta.url));

type Writer = ChildProcessByStdio<Writable, Readable, null>;

function start(...words: readonly string[]): Writer {
  return spawn(process.execPath, [program, ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
}

for (const engine of engines) {
  describe(engine, () => {
    test(`nothing acknowledged is lost in ${kills} kills, and nothing is there by half`, async () => {
      const world = await openTestStore(engine);
      try {
        for (let killed = 0; killed < kills; killed += writers) {
          const names = Array.from({ length: writers }, (_, place) => `writer-${killed + place}`);
          const acknowledged = await Promise.all(
            names.map((name, place) => killAfter(1 + killed * 3 + place * 7, world, name)),
          );
          await expectAll(world, acknowledged.flat());
        }
      } finally {
        await world.close();
      }
    });

    test('processes killed while they give leaves of the audit their places lose none, and the next goes on', async () => {
      const world = await openTestStore(engine);
      try {
        const acknowledged: string[] = [];
        for (let round = 0; round < 3; round += 1) {
          const several = engine === 'postgres' ? ['a', 'b'] : ['a'];
          const lists = await Promise.all(
            several.map((name, place) => killAfter(20 + round * 11 + place * 5, world, name, 'sequence')),
          );
          acknowledged.push(...lists.flat());
          const found = await verifyAudit(world);
          assert.equal(found.verdict, 'intact', JSON.stringify(found));
        }
        while ((await sequenceAudit(world)).count > 0);
        const found = await verifyAudit(world);
        assert.equal(found.verdict, 'intact', JSON.stringify(found));
        assert.ok(found.counts.checkpoints > 0);
        assert.equal(found.counts.waiting, 0);
        const rows = await world.raw.rows('select id from audit_leaves where leaf_index is not null');
        const present = new Set(rows.map(({ id }) => String(id)));
        assert.deepEqual(
          acknowledged.filter((id) => !present.has(id)),
          [],
        );
      } finally {
        await world.close();
      }
    });

    test('of processes that open one new database at once one migrates, and all of them start', async () => {
      const place = await placeFor(engine);
      const key = Buffer.alloc(32, 'sixteen and more').toString('base64');
      try {
        const processes = Array.from({ length: 4 }, () => start('open', place.url, key));
        const said = processes.map((one) => createInterface(one.stdout)[Symbol.asyncIterator]());
        await Promise.all(said.map(async (lines) => assert.equal((await lines.next()).value, 'loaded')));
        const ended = processes.map((one) => once(one, 'exit'));
        for (const one of processes) one.stdin.write('go\n');
        const [statuses, lines] = await Promise.all([
          Promise.all(ended),
          Promise.all(said.map(async (one) => (await one.next()).value)),
        ]);
        assert.deepEqual(
          statuses.map(([status]) => status),
          [0, 0, 0, 0],
        );
        const migrations = lines.map((line) => Number(/^migrated (\d+)$/.exec(String(line))?.[1]));
        const [most = 0, ...others] = migrations.toSorted((a, b) => b - a);
        assert.ok(most > 0);
        assert.deepEqual(others, [0, 0, 0]);
      } finally {
        await place.remove();
      }
    });
  });
}

/** Lets a process commit, kills it right after so many acknowledgements, and gives all it acknowledged. */
async function killAfter(
  acknowledgements: number,
  world: TestStore,
  name: string,
  task = 'write',
): Promise<string[]> {
  const writer = start(task, world.databaseUrl, world.masterKey, name);
  const exit = once(writer, 'exit');
  const acknowledged: string[] = [];
  try {
    for await (const line of createInterface(writer.stdout)) {
      if (line === 'loaded') writer.stdin.write('go\n');
      else acknowledged.push(line);
      if (acknowledged.length === acknowledgements) writer.kill('SIGKILL');
    }
  } finally {
    writer.kill('SIGKILL');
  }
  const [, signal] = await exit;
  assert.equal(signal, 'SIGKILL');
  assert.ok(acknowledged.length >= acknowledgements);
  return acknowledged;
}

async function expectAll({ raw }: TestStore, acknowledged: readonly string[]): Promise<void> {
  const present = new Set((await raw.rows('select key from tries')).map(({ key }) => String(key)));
  assert.deepEqual(
    acknowledged.filter((key) => !present.has(key)),
    [],
  );
  const halves = [...present].filter((key) =>
    key.endsWith(' as well')
      ? !present.has(key.slice(0, -' as well'.length))
      : !present.has(`${key} as well`),
  );
  assert.deepEqual(halves, []);
}
