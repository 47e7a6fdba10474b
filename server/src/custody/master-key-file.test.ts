// Real files in a folder of their own: modes, links and races are what this is about.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type ErrorCode, isFault, type SecondringError } from '#core/errors.ts';
import { parseMasterKeys } from './master-key.ts';
import { loadMasterKey } from './master-key-file.ts';

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'secondring-master-key-'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

const aKey = () => randomBytes(32).toString('base64');
const path = (name = 'master.key') => join(folder, name);
const modeOf = (file: string) => (fs.statSync(file).mode & 0o777).toString(8);

function write(text: string, mode: number, file = path()): string {
  fs.writeFileSync(file, text);
  fs.chmodSync(file, mode);
  return file;
}

function faultOf(
  code: ErrorCode,
  options: Partial<Parameters<typeof loadMasterKey>[0]> = {},
): SecondringError {
  try {
    loadMasterKey({ filePath: path(), storeIsEmpty: true, mayCreate: true, ...options });
  } catch (error) {
    if (isFault(error, code)) return error;
    throw error;
  }
  assert.fail(`no ${code}`);
}

test('a value wins over the file, and the file is not touched', () => {
  const value = `${aKey()},${aKey()}`;
  const loaded = loadMasterKey({ value, filePath: path(), storeIsEmpty: true, mayCreate: true });
  assert.equal(loaded.source, 'value');
  assert.deepEqual(
    loaded.keys.map(({ id }) => id),
    parseMasterKeys(value).map(({ id }) => id),
  );
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('an empty value is a fault, not a missing one', () => {
  faultOf('master-key-malformed', { value: '' });
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('a file of mode 0400 or 0600 is read, whether or not the store is empty', () => {
  for (const mode of [0o400, 0o600]) {
    const text = `${aKey()}\n`;
    fs.rmSync(path(), { force: true });
    const filePath = write(text, mode);
    for (const storeIsEmpty of [true, false]) {
      const loaded = loadMasterKey({ filePath, storeIsEmpty, mayCreate: false });
      assert.equal(loaded.source, 'file');
      assert.equal(loaded.keys[0].id, parseMasterKeys(text)[0].id);
    }
  }
});

test('a file that anybody else may touch is refused with the command that mends it', () => {
  const name = "it's a key";
  for (const mode of [0o440, 0o404, 0o420, 0o402, 0o410, 0o644, 0o666, 0o777]) {
    fs.rmSync(path(name), { force: true });
    const filePath = write(aKey(), mode, path(name));
    const fault = faultOf('master-key-exposed', { filePath });
    assert.match(fault.message, new RegExp(`mode 0${mode.toString(8)}\\b`));
    const command = /^Run: (.*)$/.exec(fault.hint ?? '')?.[1] ?? '';
    assert.equal(spawnSync('sh', ['-c', command]).status, 0, command);
    assert.equal(loadMasterKey({ filePath, storeIsEmpty: false, mayCreate: false }).source, 'file');
  }
});

test('what is not a regular file is refused: a link, a folder, a pipe', () => {
  const target = write(aKey(), 0o400, path('target'));
  fs.symlinkSync(target, path('link'));
  fs.symlinkSync(path('nowhere'), path('dangling'));
  fs.mkdirSync(path('folder'), { mode: 0o700 });
  // Opening a pipe without a writer would wait for ever.
  assert.equal(spawnSync('mkfifo', ['-m', '0400', path('pipe')]).status, 0);
  for (const name of ['link', 'dangling', 'folder', 'pipe']) {
    assert.match(faultOf('master-key-malformed', { filePath: path(name) }).message, /regular file/, name);
  }
  assert.equal(fs.existsSync(path('nowhere')), false);
});

test('a file with something else in it is refused and left alone', () => {
  for (const text of [
    '',
    '\n',
    'not a key',
    `${aKey()} ${aKey()}`,
    `${aKey()},`.repeat(200),
    '\u0000'.repeat(44),
    // Its beginning would do.
    aKey() + ' '.repeat(5000),
  ]) {
    fs.rmSync(path(), { force: true });
    write(text, 0o400);
    const fault = faultOf('master-key-malformed');
    assert.equal(fs.readFileSync(path(), 'utf8'), text);
    assert.doesNotMatch(fault.message, /not a key/);
  }
});

test('beside an empty store a key is made: owner-only, in a folder of its own, and found at the next start', () => {
  const keyFolder = path('deep/data-key');
  const filePath = join(keyFolder, 'master.key');
  const umask = process.umask(0);
  try {
    const created = loadMasterKey({ filePath, storeIsEmpty: true, mayCreate: true });
    assert.equal(created.source, 'created');
    assert.deepEqual([modeOf(keyFolder), modeOf(path('deep')), modeOf(filePath)], ['700', '700', '400']);
    assert.deepEqual(fs.readdirSync(keyFolder), ['master.key']);
    assert.match(fs.readFileSync(filePath, 'utf8'), /^[A-Za-z0-9+/]{43}=\n$/);
    const again = loadMasterKey({ filePath, storeIsEmpty: true, mayCreate: true });
    assert.equal(again.source, 'file');
    assert.equal(again.keys[0].id, created.keys[0].id);
  } finally {
    process.umask(umask);
  }
  const other = loadMasterKey({ filePath: path('other'), storeIsEmpty: true, mayCreate: true });
  assert.notEqual(other.keys[0].id, parseMasterKeys(fs.readFileSync(filePath, 'utf8'))[0].id);
});

test('file and folders are synced before the key is used, also where the path is relative', (t) => {
  const synced: string[] = [];
  const { fsyncSync } = fs;
  t.mock.method(fs, 'fsyncSync', (descriptor: number) => {
    synced.push(fs.readlinkSync(`/proc/self/fd/${descriptor}`));
    fsyncSync(descriptor);
  });
  const real = fs.realpathSync(folder);
  for (const [name, filePath] of [
    ['one', join(real, 'one/deep/master.key')],
    ['two', relative(process.cwd(), join(real, 'two/deep/master.key'))],
  ] as const) {
    synced.length = 0;
    loadMasterKey({ filePath, storeIsEmpty: true, mayCreate: true });
    assert.match(synced[0] ?? '', /master\.key\.[0-9a-f]{16}\.new$/);
    assert.deepEqual(synced.slice(1), [join(real, name, 'deep'), join(real, name), real]);
  }
});

test('beside a store in use, or where it may not be made, a missing key is said to be missing', () => {
  assert.match(faultOf('master-key-missing', { storeIsEmpty: false }).hint ?? '', /back/);
  assert.match(faultOf('master-key-missing', { mayCreate: false }).hint ?? '', /openssl rand -base64 32/);
  faultOf('master-key-missing', { storeIsEmpty: false, mayCreate: false });
  faultOf('master-key-missing', { storeIsEmpty: false, filePath: path('no/such/folder/master.key') });
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('where no key can be made, the fault says why and nothing is left behind', (t) => {
  // Some file systems have no links.
  t.mock.method(fs, 'linkSync', () => {
    throw Object.assign(new Error('operation not permitted'), { code: 'EPERM' });
  });
  assert.match(faultOf('master-key-missing').message, /EPERM/);
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('a file that cannot be reached is not a missing one: no key is made in its stead', () => {
  write('', 0o600, path('file'));
  assert.match(faultOf('master-key-missing', { filePath: path('file/master.key') }).message, /ENOTDIR/);
  assert.deepEqual(fs.readdirSync(folder), ['file']);
});

test('a crash while the key is made leaves no half of it under its name', (t) => {
  t.mock.method(fs, 'fsyncSync', () => {
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  });
  const fault = faultOf('master-key-missing');
  assert.match(fault.message, /ENOSPC/);
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('ten processes that start at once agree on one key, and one of them made it', async () => {
  const filePath = path('data-key/master.key');
  const script = `
    const { loadMasterKey } = await import(process.argv[1]);
    const loaded = loadMasterKey({ filePath: process.argv[2], storeIsEmpty: true, mayCreate: true });
    console.log(loaded.source, loaded.keys[0].id);`;
  const module = new URL('./master-key-file.ts', import.meta.url).href;
  const starts = Array.from({ length: 10 }, async () => {
    const started = spawn(process.execPath, ['--input-type=module', '-e', script, module, filePath]);
    let output = '';
    started.stdout.on('data', (chunk) => {
      output += chunk;
    });
    await new Promise((resolve) => started.on('close', resolve));
    return output.trim().split(' ');
  });
  const results = await Promise.all(starts);
  assert.equal(results.filter(([source]) => source === 'created').length, 1);
  assert.equal(new Set(results.map(([, id]) => id)).size, 1);
  assert.match(results[0]?.[1] ?? '', /^[0-9a-f]{16}$/);
});

test('the race for the name: who comes second takes the key of who came first', (t) => {
  const first = aKey();
  const { linkSync } = fs;
  t.mock.method(fs, 'linkSync', (draft: string, file: string) => {
    write(first, 0o400, file);
    linkSync(draft, file);
  });
  const loaded = loadMasterKey({ filePath: path(), storeIsEmpty: true, mayCreate: true });
  assert.equal(loaded.source, 'file');
  assert.equal(loaded.keys[0].id, parseMasterKeys(first)[0].id);
  assert.deepEqual(fs.readdirSync(folder), ['master.key']);
});
