// The files that people install the service with: the unit is one that systemd takes and that leaves the process next to
// nothing it could do; image and compose file keep secrets out of the environment and the process away from root.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { options } from '#config/options.ts';
import { environmentOf, readDockerfile } from '#test/support/dockerfile.ts';
import { temporaryFolder } from '#test/support/each-engine.ts';
import { findProgram } from '#test/support/programs.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const unit = read('deploy/secondring.service');
/** systemd's own measure, of 100; "OK" begins at 50 and an untouched unit has 96. */
const exposureLimit = 15;
const systemdAnalyze = findProgram('systemd-analyze');

/** The lines of the unit that say one thing. */
const saying = (name: string) =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value);

test('the unit gives the process nothing but its data and its key', () => {
  for (const [name, value] of [
    ['DynamicUser', 'yes'],
    ['NoNewPrivileges', 'yes'],
    ['ProtectSystem', 'strict'],
    ['ProtectHome', 'yes'],
    ['PrivateDevices', 'yes'],
    ['CapabilityBoundingSet', ''],
    ['LimitCORE', '0'],
    ['Restart', 'on-failure'],
    ['LoadCredential', 'master-key:/etc/secondring/master.key'],
  ] as const) {
    assert.deepEqual(saying(name), [value], name);
  }
  assert.ok(saying('Environment').includes('SECONDRING_MASTER_KEY_FILE=%d/master-key'));
  assert.deepEqual(unknownOptions(unit), []);
});

test('systemd takes the unit, and finds it hardly exposed', {
  skip: systemdAnalyze === undefined,
}, async () => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'secondring.service');
  writeFileSync(path, unit.replaceAll('/opt/secondring', root));
  try {
    const verified = await promisify(execFile)(systemdAnalyze ?? '', ['verify', '--man=no', path]);
    assert.equal(verified.stderr.trim(), '');
    const judged = ['security', '--offline=true', `--threshold=${exposureLimit}`, '--no-pager', path];
    await promisify(execFile)(systemdAnalyze ?? '', judged);
  } finally {
    folder.remove();
  }
});

test('the image is run by somebody who is not root, and has no secret in it', () => {
  const instructions = readDockerfile(join(root, 'Dockerfile'));
  const names = instructions.map(({ name }) => name);
  assert.deepEqual(
    instructions.filter(({ name }) => name === 'USER').map(({ words }) => words),
    ['node'],
  );
  assert.ok(names.lastIndexOf('RUN') < names.indexOf('USER'));
  assert.match(instructions[0]?.words ?? '', /^node:24[\w.-]*$/);
  assert.deepEqual(unknownOptions(read('Dockerfile')), []);
  assert.doesNotMatch(Object.keys(environmentOf(instructions)).join(), /KEY|DATABASE_URL/);
  // Everything is left out of what the engine gets but what the image copies.
  const ignored = read('.dockerignore').split('\n');
  assert.equal(
    ignored.find((line) => !line.startsWith('#')),
    '*',
  );
  const copied = instructions
    .filter(({ name }) => name === 'COPY')
    .flatMap(({ words }) => words.split(' ').slice(0, -1));
  assert.deepEqual(
    copied.filter((word) => !ignored.includes(`!${word.replace(/\/$/, '')}`)),
    [],
  );
});

test('the compose file gives secrets as files, the key its own volume, and waits for the database', () => {
  const compose = read('compose.yaml');
  assert.deepEqual(unknownOptions(compose), []);
  assert.match(compose, /SECONDRING_DATABASE_URL_FILE: \/run\/secrets\//);
  assert.match(compose, /POSTGRES_PASSWORD_FILE: \/run\/secrets\//);
  assert.doesNotMatch(compose, /PASSWORD: |DATABASE_URL: |MASTER_KEY: /);
  assert.match(compose, /key:\/data-key:ro/);
  assert.match(compose, /condition: service_healthy/);
  assert.match(compose, /read_only: true/);
  // Nothing is open to others than this machine, the figures to nobody.
  assert.deepEqual(
    [...compose.matchAll(/^ +- (\S*:\d+:\d+)$/gm)].map(([, port]) => port),
    ['127.0.0.1:8080:8080'],
  );
});

/** Options that a file names and that the service would refuse. */
function unknownOptions(text: string): readonly string[] {
  const known = new Set<string>(options.flatMap(({ name }) => [name, `${name}_FILE`]));
  return [...text.matchAll(/\bSECONDRING_[A-Z_]+\b/g)]
    .map(([name]) => name)
    .filter((name) => !known.has(name));
}
