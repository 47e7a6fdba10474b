// Opening a store, or being told why not: whatever is wrong with the database or with the master key stops the start
// with a sentence, and nothing is made or changed on the way.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, isFault } from '#core/errors.ts';
import { parseMasterKeys } from '#custody/master-key.ts';
import { type LoadedMasterKeys, loadMasterKey } from '#custody/master-key-file.ts';
import { engines, type TemporaryFolder, temporaryFolder } from '#test/support/each-engine.ts';
import { placeFor } from '#test/support/open-test-store.ts';
import { openRawDatabase } from '#test/support/raw-database.ts';
import { openStore } from './open-store.ts';

const aKey = () => randomBytes(32).toString('base64');
const given = (value: string) => (): LoadedMasterKeys => ({ keys: parseMasterKeys(value), source: 'value' });

async function open(databaseUrl: string, loadKeys: Parameters<typeof openStore>[0]['loadKeys']) {
  const opened = await openStore({ databaseUrl, loadKeys, nowMs: () => 5 });
  await opened.store.close();
  return opened;
}

function refuses(databaseUrl: string, loadKeys: Parameters<typeof open>[1], code: ErrorCode): Promise<void> {
  return assert.rejects(open(databaseUrl, loadKeys), (error) => isFault(error, code));
}

for (const engine of engines) {
  describe(engine, () => {
    let place: Awaited<ReturnType<typeof placeFor>>;
    let folder: TemporaryFolder;
    beforeEach(async () => {
      place = await placeFor(engine);
      folder = temporaryFolder();
    });
    afterEach(async () => {
      folder.remove();
      await place.remove();
    });

    const fromFile: Parameters<typeof open>[1] = ({ empty, embedded }) =>
      loadMasterKey({ filePath: keyFile(), storeIsEmpty: empty, mayCreate: embedded });
    const keyFile = () => join(folder.path, 'data-key', 'master.key');

    function writeKeyFile(text: string, mode: number): void {
      mkdirSync(join(folder.path, 'data-key'), { recursive: true });
      writeFileSync(keyFile(), text);
      chmodSync(keyFile(), mode);
    }

    test('a new store says that it is empty, and of which kind; one that has a key says that it is not', async () => {
      const asked: unknown[] = [];
      const key = aKey();
      const asking: Parameters<typeof open>[1] = (storeIs) => {
        asked.push(storeIs);
        return given(key)();
      };
      const first = await open(place.url, asking);
      const second = await open(place.url, asking);
      const embedded = engine === 'sqlite';
      assert.deepEqual(asked, [
        { empty: true, embedded },
        { empty: false, embedded },
      ]);
      assert.deepEqual([first.kind, second.kind], [engine, engine]);
      assert.ok(first.migrated.length > 0);
      assert.deepEqual([second.migrated, second.masterKeySource], [[], 'value']);
    });

    test('the wrong master key, also one that was never used here beside none that was', async () => {
      await open(place.url, given(aKey()));
      await refuses(place.url, given(aKey()), 'master-key-wrong');
      await refuses(place.url, given(`${aKey()},${aKey()}`), 'master-key-wrong');
      // Being refused did not make them known.
      const raw = await openRawDatabase(place.url);
      assert.equal((await raw.rows('select 1 from master_key_checks')).length, 1);
      await raw.close();
    });

    test('while one key replaces another both are known, and afterwards the new one is enough', async () => {
      const [old, fresh] = [aKey(), aKey()];
      await open(place.url, given(old));
      await open(place.url, given(`${fresh},${old}`));
      await open(place.url, given(fresh));
      await open(place.url, given(old));
      await refuses(place.url, given(aKey()), 'master-key-wrong');
    });

    test('the check value is of the key and not only named after it', async () => {
      const key = aKey();
      await open(place.url, given(key));
      const raw = await openRawDatabase(place.url);
      await raw.run('update master_key_checks set check_value = $1', randomBytes(32));
      await raw.close();
      await refuses(place.url, given(key), 'master-key-wrong');
    });

    test('no master key beside a store that is in use', async () => {
      await open(place.url, given(aKey()));
      await refuses(place.url, fromFile, 'master-key-missing');
      assert.equal(existsSync(keyFile()), false);
    });

    test('a master key that others may read, or that is none', async () => {
      for (const mode of [0o440, 0o404, 0o644]) {
        writeKeyFile(aKey(), mode);
        await refuses(place.url, fromFile, 'master-key-exposed');
      }
      writeKeyFile('not a key', 0o400);
      await refuses(place.url, fromFile, 'master-key-malformed');
      writeKeyFile(aKey(), 0o400);
      assert.equal((await open(place.url, fromFile)).masterKeySource, 'file');
    });

    test('beside an empty store a master key is made, but never where several replicas would each make one', async () => {
      if (engine === 'postgres') return refuses(place.url, fromFile, 'master-key-missing');
      assert.equal((await open(place.url, fromFile)).masterKeySource, 'created');
      assert.equal((await open(place.url, fromFile)).masterKeySource, 'file');
    });

    test('a database of a later version is refused before its keys are asked for', async () => {
      await open(place.url, given(aKey()));
      const raw = await openRawDatabase(place.url);
      await raw.run(`insert into schema_migrations values (9000, '9000-the-future', 'digest', 5)`);
      await raw.close();
      await refuses(place.url, () => assert.fail('asked for keys'), 'store-newer');
    });
  });
}

describe('the embedded store', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  test('makes the folders on the way, for its owner only', async () => {
    const file = join(folder.path, 'a/b/secondring.db');
    await open(`sqlite:${file}`, given(aKey()));
    const raw = await openRawDatabase(`sqlite:${file}`);
    assert.equal((await raw.rows('select 1 from master_key_checks')).length, 1);
    await raw.close();
  });

  test('takes a path, also one with a space, as a URL', async () => {
    const file = join(folder.path, 'with space.db');
    await open(pathToFileURL(file).href.replace('file:', 'sqlite:'), given(aKey()));
    assert.ok(existsSync(file));
  });

  test('a file that is no database is damaged, and stays what it is', async () => {
    const file = join(folder.path, 'letter.db');
    writeFileSync(file, 'Dear reader, '.repeat(1000));
    await refuses(`sqlite:${file}`, given(aKey()), 'store-corrupt');
  });

  test('a place where nothing can be written', async () => {
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    await refuses(`sqlite:${join(file, 'secondring.db')}`, given(aKey()), 'store-unavailable');
    await refuses(`sqlite:${folder.path}`, given(aKey()), 'store-unavailable');
  });

  test('a file that could not be opened is not held open', async () => {
    const file = join(folder.path, 'letter.db');
    writeFileSync(file, 'Dear reader, '.repeat(1000));
    await refuses(`sqlite:${file}`, given(aKey()), 'store-corrupt');
    const held = readdirSync('/proc/self/fd').filter((fd) => linkOf(`/proc/self/fd/${fd}`) === file);
    assert.deepEqual(held, []);
  });

  test('another process that is making the same database is waited for', async () => {
    const file = join(folder.path, 'secondring.db');
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       const { DatabaseSync } = require('node:sqlite');
       const database = new DatabaseSync(workerData);
       database.exec('begin immediate');
       parentPort.postMessage('begun');
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
       database.exec('commit');
       database.close();`,
      { eval: true, workerData: file },
    );
    const exit = once(worker, 'exit');
    try {
      await once(worker, 'message');
      assert.ok((await open(`sqlite:${file}`, given(aKey()))).migrated.length > 0);
    } finally {
      await exit;
    }
  });
});

test('a database of an unknown kind is refused without repeating its URL, which may hold a password', async () => {
  for (const databaseUrl of ['mysql://ann:secret@host/name', 'secret', '', 'sqlite']) {
    await assert.rejects(open(databaseUrl, given(aKey())), (error) => {
      assert.ok(isFault(error, 'configuration-invalid'));
      assert.match(error.hint ?? '', /SECONDRING_DATABASE_URL/);
      assert.doesNotMatch(error.message, /ann:/);
      return true;
    });
  }
});

/** Where a link leads; a descriptor may be closed between listing and looking. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
