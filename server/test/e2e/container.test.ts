// The image without an engine: the same files in a folder, the same installation, then the tree belongs to somebody else
// and may only be read, and the service runs in it as nobody. It serves, it is found healthy, and it has written nothing
// but its data.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { environmentOf, readDockerfile, wordsOf } from '#test/support/dockerfile.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/support/each-engine.ts';
import { findProgram } from '#test/support/programs.ts';
import { type ServeProcess, serve } from '#test/support/serve-process.ts';

const root = join(import.meta.dirname, '../../..');
const instructions = readDockerfile(join(root, 'Dockerfile'));
/** Nobody, on Debian. */
const nobody = 65534;
const isRoot = process.getuid?.() === 0;

let folder: TemporaryFolder;
let app: string;
let node: string;

before(async () => {
  folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  app = join(folder.path, 'app');
  mkdirSync(app);
  // The image's own Node stands outside of the tree.
  node = join(folder.path, 'node');
  copyFileSync(process.execPath, node);
  for (const { name, words } of instructions) {
    if (name === 'COPY') copy(words.split(' '));
    if (name === 'RUN' && words.startsWith('npm ci'))
      await promisify(execFile)('sh', ['-c', words], { cwd: app });
  }
  freeze(app);
});

after(() => {
  thaw(app);
  folder.remove();
});

test('what the image holds serves as nobody from a tree that is only read', async () => {
  const data = join(folder.path, 'data');
  const image = environmentOf(instructions);
  assert.equal(image['SECONDRING_DATA'], '/data');
  for (const place of [data, `${data}-key`]) {
    mkdirSync(place, { mode: 0o700 });
    if (isRoot) chownSync(place, nobody, nobody);
  }
  const wasInTree = everythingIn(app);
  const service: ServeProcess = await serve(
    { ...image, SECONDRING_DATA: data, SECONDRING_LISTEN: '127.0.0.1:0', SECONDRING_METRICS_LISTEN: 'off' },
    {
      cwd: app,
      program: node,
      before: asNobody(),
      words: [...wordsOf(instructions, 'ENTRYPOINT').slice(1), 'serve'],
    },
  );
  try {
    assert.equal((await service.ask('/readyz')).status, 200);
    assert.equal((await service.ask('/sign-in')).status, 303);
    assert.equal(await health(service.port), 0);
  } finally {
    await service.kill();
  }
  assert.notEqual(await health(service.port), 0);
  assert.deepEqual(everythingIn(app), wasInTree);
  assert.deepEqual(readdirSync(`${data}-key`), ['master.key']);
});

test('what is for building and testing is not in the image', () => {
  assert.deepEqual(
    ['typescript', '@biomejs', 'fast-check', 'playwright-core', 'knip'].filter((name) =>
      existsSync(join(app, 'node_modules', name)),
    ),
    [],
  );
  // Tests are left out of what is sent to the engine.
  assert.equal(existsSync(join(app, 'server/test')), false);
  assert.equal(existsSync(join(app, 'node_modules/.bin/node')), false);
});

/** Copies as the engine does: a folder's content, or files into a folder. */
function copy(words: readonly string[]): void {
  const target = join(app, words.at(-1) ?? '');
  for (const word of words.slice(0, -1)) {
    const source = join(root, word);
    const isFolder = lstatSync(source).isDirectory();
    const filter = (path: string) => !path.endsWith('.test.ts');
    cpSync(source, isFolder ? target : join(target, source.slice(source.lastIndexOf('/') + 1)), {
      recursive: true,
      filter,
    });
  }
}

/** Root need not obey the mode of a file, so the service must be somebody else. */
function asNobody(): readonly string[] {
  if (!isRoot) return [];
  const setpriv = findProgram('setpriv');
  if (setpriv === undefined) throw new Error('root needs setpriv (Debian: util-linux)');
  return [setpriv, '--reuid', `${nobody}`, '--regid', `${nobody}`, '--clear-groups', '--no-new-privs'];
}

/** Exit status of the image's health check, aimed at another port. */
async function health(port: number): Promise<number> {
  const [, ...words] = wordsOf(instructions, 'HEALTHCHECK').map((word) =>
    word.replace(':8080/', `:${port}/`),
  );
  return new Promise((resolve) => {
    const child = execFile(node, words);
    child.once('exit', (status) => resolve(status ?? -1));
  });
}

function everythingIn(path: string): readonly string[] {
  return globSync('**/*', { cwd: path }).toSorted();
}

function freeze(path: string): void {
  for (const name of everythingIn(path)) changeMode(join(path, name), (mode) => mode & ~0o222);
  chmodSync(path, 0o555);
}

function thaw(path: string): void {
  if (!existsSync(path)) return;
  chmodSync(path, 0o755);
  for (const name of everythingIn(path)) changeMode(join(path, name), (mode) => mode | 0o200);
  rmSync(path, { recursive: true, force: true });
}

function changeMode(path: string, change: (mode: number) => number): void {
  const status = lstatSync(path);
  if (!status.isSymbolicLink()) chmodSync(path, change(status.mode & 0o777));
}
