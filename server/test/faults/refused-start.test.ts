// What is wrong before anything runs: the master key is another, gone, cut off or readable by others; every option is
// wrong at once. The service does not start, says all of it in sentences that name the remedy, ends with status 1, and
// writes nothing, so that putting it right is all there is to do.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { options } from '#config/options.ts';
import { engines, freshPostgresDatabase, temporaryFolder } from '../support/each-engine.ts';
import { openRawDatabase } from '../support/raw-database.ts';
import { DidNotStart, runServiceProcess, startServiceProcess } from '../support/service-process.ts';

interface Place {
  readonly data: string;
  readonly keyFile: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Every file with its size, time and mode, and every row. */
  picture(): Promise<string>;
}

async function withPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  const data = join(folder.path, 'data');
  const environment = { SECONDRING_DATA: data, SECONDRING_PUBLIC_URL: 'http://localhost:1' };
  try {
    await work({
      ...{ data, environment, keyFile: join(`${data}-key`, 'master.key') },
      async picture() {
        const files = readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).toSorted();
        // SQLite makes and removes its two side files whenever a database is opened.
        const kept = files.filter(
          (path) => !/-(wal|shm)$/.test(path) && statSync(join(folder.path, path)).isFile(),
        );
        return kept
          .map((path) => `${path} ${readFileSync(join(folder.path, path)).toString('base64')}`)
          .join('\n');
      },
    });
  } finally {
    folder.remove();
  }
}

/** A store that was used, and its key. */
async function begun({ environment }: Place): Promise<void> {
  const service = await startServiceProcess({ environment });
  assert.equal(await service.stop(), 0);
}

const keyFaults: readonly {
  readonly name: string;
  readonly spoil: (keyFile: string) => void;
  readonly says: RegExp;
  readonly remedy: RegExp;
}[] = [
  {
    name: 'another key',
    spoil: (file) => replace(file, `${randomBytes(32).toString('base64')}\n`),
    ...{ says: /key/i, remedy: /key/i },
  },
  { name: 'no key', spoil: (file) => rmSync(file), says: /is gone/, remedy: /Put the master key/ },
  {
    name: 'a key that everybody can read',
    spoil: (file) => chmodSync(file, 0o444),
    ...{ says: /can be read by others/, remedy: /chmod 0400/ },
  },
  {
    name: 'a key cut off',
    spoil: (file) => replace(file, readFileSync(file, 'utf8').slice(0, 20)),
    ...{ says: /key/i, remedy: /32 bytes|openssl/ },
  },
  { name: 'an empty key file', spoil: (file) => replace(file, ''), says: /key/i, remedy: /32 bytes|openssl/ },
];

for (const { name, spoil, says, remedy } of keyFaults) {
  test(`${name}: refused, with the remedy, and nothing is written`, async () => {
    await withPlace(async (place) => {
      await begun(place);
      const key = readFileSync(place.keyFile);
      spoil(place.keyFile);
      const before = await place.picture();
      const ended = await runServiceProcess({ environment: place.environment });
      assert.equal(ended.status, 1, ended.output);
      assert.match(ended.output, says);
      assert.match(ended.output, remedy);
      assert.doesNotMatch(ended.output, /^ {4}at /m, 'a sentence, and no trace of the program');
      assert.equal(await place.picture(), before);
      // Whole again as soon as the key is.
      rmSync(place.keyFile, { force: true });
      writeFileSync(place.keyFile, key, { mode: 0o400 });
      await begun(place);
    });
  });
}

test('with PostgreSQL no key is made, and nothing is written', {
  skip: !engines.includes('postgres'),
}, async () => {
  const database = await freshPostgresDatabase();
  try {
    await withPlace(async ({ environment }) => {
      const ended = await runServiceProcess({
        environment: { ...environment, SECONDRING_DATABASE_URL: database.url },
      });
      assert.equal(ended.status, 1);
      assert.match(ended.output, /openssl rand -base64 32/);
      const raw = await openRawDatabase(database.url);
      const keys = await raw.rows('select 1 from data_keys union all select 1 from master_key_checks');
      await raw.close();
      assert.deepEqual(keys, []);
    });
  } finally {
    await database.drop();
  }
});

test('a PostgreSQL that is not there: refused, with the remedy', async () => {
  await withPlace(async ({ environment }) => {
    const databaseUrl = 'postgres://nobody@127.0.0.1:9/none';
    const masterKey = randomBytes(32).toString('base64');
    const ended = await runServiceProcess({
      environment: {
        ...environment,
        SECONDRING_DATABASE_URL: databaseUrl,
        SECONDRING_MASTER_KEY: masterKey,
      },
    });
    assert.equal(ended.status, 1);
    assert.match(ended.output, /cannot be reached[\s\S]*Check that PostgreSQL runs/);
    assert.ok(!ended.output.includes(masterKey));
  });
});

test('every option wrong at once: each is named, and nothing is made', async () => {
  await withPlace(async ({ data, picture }) => {
    const wrong: Record<string, string> = { SECONDRING_DATA: data, SECONDRING_TYPO: 'x' };
    const spoiled = options.map(({ name }) => name).filter((name) => !anyTextDoes.has(name));
    for (const name of spoiled) wrong[name] = 'certainly: wrong';
    const ended = await runServiceProcess({ environment: wrong });
    assert.equal(ended.status, 1, ended.output);
    for (const name of [...spoiled, 'SECONDRING_TYPO'])
      assert.ok(ended.output.includes(name), `${name}: ${ended.output}`);
    assert.equal(await picture(), '');
  });
});

/** A folder may have any name, and a key is looked at when the store is there to say which one it was. */
const anyTextDoes: ReadonlySet<string> = new Set(['SECONDRING_DATA', 'SECONDRING_MASTER_KEY']);

test('a port that somebody else has: refused, with the remedy', async () => {
  await withPlace(async (place) => {
    const first = await startServiceProcess({ environment: place.environment });
    try {
      const refused = startServiceProcess({ environment: place.environment, port: first.port });
      await assert.rejects(refused, (error) => {
        assert.ok(error instanceof DidNotStart);
        assert.equal(error.ended.status, 1);
        assert.match(error.ended.output, /Cannot listen on .*EADDRINUSE.*\n.*Stop what listens there/);
        return true;
      });
    } finally {
      assert.equal(await first.stop(), 0);
    }
  });
});

function replace(file: string, content: string): void {
  rmSync(file);
  writeFileSync(file, content, { mode: 0o400 });
}
