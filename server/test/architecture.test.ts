// Runs the rules of support/architecture.ts over this repository, and over a project in a temporary folder
// that breaks each of them: a rule that finds nothing there is not enforced, only promised.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findViolations, type Rule, rules } from './support/architecture.ts';
import { temporaryFolder } from './support/each-engine.ts';
import { moduleRequests, scanSource } from './support/source-text.ts';
import { readSourceTree } from './support/source-tree.ts';

const root = join(import.meta.dirname, '../..');

test('the source keeps to its architecture', () => {
  const { files, folders } = readSourceTree(root);
  const found = findViolations(files, folders).map(
    (one) => `${one.path}:${one.line} ${one.rule}: ${one.message}`,
  );
  assert.equal(
    files.some(({ path }) => path.startsWith('server/src/core/')),
    true,
    'nothing was read',
  );
  assert.equal(found.join('\n'), '');
});

/** Each plants one file (a path that ends in / is an empty folder) and names the only rule it breaks. */
const planted: readonly (readonly [rule: Rule, path: string, text: string])[] = [
  ['layer', 'server/src/core/a.ts', "import type { Sql } from '#store/sql.ts';"],
  ['layer', 'server/src/core/a.ts', "type Sql = import('#store/sql.ts').Sql;"],
  ['layer', 'server/src/core/a.ts', "import { start } from '#test/support/start.ts';"],
  ['layer', 'server/src/factors/totp/a.ts', "import { open } from '#custody/sealing.ts';"],
  ['layer', 'server/src/custody/a.ts', "import { send } from '#flows/send.ts';"],
  ['layer', 'server/src/channels/mail/a.ts', "import { read } from '#store/read.ts';"],
  ['layer', 'server/src/store/a.ts', "export * from '#flows/sign-in.ts';"],
  ['layer', 'server/src/ui/a.ts', "import { route } from '#http/app.ts';"],
  ['layer', 'server/src/flows/a.ts', "import { commit } from '#store/sqlite.ts';"],
  ['layer', 'server/src/http/app.ts', "await import('#store/sqlite.ts');"],
  ['layer', 'server/src/http/app.ts', "export { call } from '#channels/sip/agent.ts';"],
  ['layer', 'server/src/config/a.ts', "import '#http/app.ts';"],
  ['layer', 'server/src/jobs/a.ts', "import { call } from '#channels/sip/agent.ts';"],
  ['layer', 'server/src/cli/a.ts', "import { app } from '#http/app.ts';"],
  ['layer', 'server/src/cli/a.ts', "import { startDemo } from '#demo/demo.ts';"],
  ['layer', 'server/src/jobs/a.ts', "import { main } from '../main.ts';"],
  ['layer', 'server/src/http/a.ts', "import { app } from '../../../web/client/app.ts';"],
  ['layer', 'server/src/ui/a.ts', "new Worker(new URL('../../bench/bench.ts', import.meta.url));"],
  ['layer', 'web/client/a.ts', "import { codes } from '../../server/src/main.ts';"],
  ['builtin', 'server/src/core/a.ts', "import { createHmac } from 'node:crypto';"],
  ['builtin', 'server/src/factors/totp/a.ts', "import { readFileSync } from 'fs';"],
  ['builtin', 'server/src/flows/a.ts', "const net = await import('node:net');"],
  ['builtin', 'web/client/a.ts', "import { join } from 'node:path';"],
  ['package', 'server/src/core/a.ts', "import { z } from 'zod';"],
  ['package', 'server/src/factors/totp/a.ts', "import { Agent } from '@simplewebauthn/browser';"],
  ['package', 'server/src/custody/a.ts', "import { hash } from 'argon2';"],
  ['package', 'server/src/ui/a.ts', "import { Hono } from 'hono';"],
  ['package', 'server/src/flows/a.ts', "import pg from 'pg';"],
  ['package', 'server/src/store/a.ts', "import { app } from 'secondring/src/http/app.ts';"],
  ['package', 'web/app/a.ts', "import axe from 'axe-core';"],
  ['sibling', 'server/src/factors/totp/a.ts', "import { mask } from '../phone/mask.ts';"],
  ['sibling', 'server/src/http/sign-in/a.ts', "import { list } from '../account/list.ts';"],
  ['import-style', 'server/src/core/a.ts', "import { code } from '#core/errors.ts';"],
  ['import-style', 'server/src/core/a.ts', "import { code } from './errors';"],
  ['import-style', 'server/src/http/a.ts', "import { code } from '../core/errors.ts';"],
  ['import-style', 'server/src/http/a.test.ts', "import { code } from '../core/errors.ts';"],
  ['import-style', 'server/src/http/a.ts', "import { code } from '#core/audit/../errors.ts';"],
  ['computed-import', 'server/src/flows/a.ts', 'await import(`#store/$' + '{engine}.ts`);'],
  ['computed-import', 'server/src/core/a.ts', "process.getBuiltinModule('node:fs');"],
  ['place', 'server/src/plugins/a.ts', ''],
  ['clock-or-chance', 'server/src/core/a.ts', 'export const nowMs = Date.now();'],
  ['clock-or-chance', 'server/src/core/a.ts', 'export const now = new Date();'],
  ['clock-or-chance', 'server/src/factors/totp/a.ts', 'export const now = `$' + '{performance.now()}`;'],
  ['clock-or-chance', 'server/src/factors/totp/a.ts', 'export const chance = Math.random();'],
  ['clock-or-chance', 'server/src/factors/totp/a.ts', "import { randomInt } from 'node:crypto';"],
  ['told-the-compiler', 'server/src/core/a.ts', '/// <reference types="node" />'],
  ['told-the-compiler', 'server/src/core/a.ts', '// @ts-expect-error: there is no such thing'],
  ['folder-name', 'server/src/http/utils/', ''],
  ['folder-name', 'server/src/core/helpers/', ''],
  ['folder-name', 'web/common/', ''],
  ['folder-name', 'server/test/service/', ''],
  ['vectors', 'server/src/factors/phone/', ''],
  ['opening-comment', 'server/src/demo/bare.ts', "#!/usr/bin/env node\nconst a = '// no comment';"],
  ['opening-comment', 'server/src/store/bare.sql', 'select 1;'],
  ['raw-html', 'server/src/ui/a.ts', "import { html, raw as safe } from 'hono/html';"],
  ['raw-html', 'server/src/http/a.ts', "import * as all from 'hono/html';"],
  ['raw-html', 'server/src/http/a.ts', 'export const safe = Object.assign(text, { isEscaped: true });'],
];

/** Comes close to breaking the rules, and does not. */
const innocent: readonly (readonly [path: string, text: string])[] = [
  ['server/src/main.ts', "import { startDemo } from '#demo/demo.ts';\nimport { app } from '#http/app.ts';"],
  ['server/src/demo/demo.ts', 'await import(name);'],
  [
    'server/src/core/a.ts',
    "// Date.now() and import x from '#store/x.ts'\nexport const a = \"import '#store/x.ts'\";",
  ],
  [
    'server/src/core/a.test.ts',
    "import { test } from 'node:test';\nimport { Sql } from '#store/sql.ts';\nDate.now();",
  ],
  [
    'server/src/factors/totp/a.ts',
    "import { createHmac } from 'node:crypto';\nimport { code } from '#core/errors.ts';",
  ],
  ['server/src/factors/phone/vectors.json', '[]'],
  [
    'server/src/factors/phone/a.ts',
    "import { parse } from 'libphonenumber-js/max';\nimport { Kind } from '../kind.ts';",
  ],
  [
    'server/src/http/sign-in/a.ts',
    "import { html } from 'hono/html';\nimport { session } from '../session.ts';",
  ],
  ['server/src/ui/raw-html.ts', "import { raw } from 'hono/html';"],
  ['server/src/cli/a.ts', 'export const past = new Date(Date.now());'],
];

/** What is found in a temporary project with just these files. */
function findIn(plants: readonly (readonly [path: string, text: string])[]) {
  const project = temporaryFolder();
  try {
    for (const [path, text] of plants) {
      const place = join(project.path, path);
      mkdirSync(path.endsWith('/') ? place : dirname(place), { recursive: true });
      const comment = path.includes('/bare.') || path.endsWith('.json') ? '' : '// Planted.\n';
      if (!path.endsWith('/')) writeFileSync(place, comment + text);
      if (path.startsWith('server/src/factors/totp/'))
        writeFileSync(join(dirname(place), 'vectors.json'), '[]');
    }
    const { files, folders } = readSourceTree(project.path);
    return findViolations(files, folders);
  } finally {
    project.remove();
  }
}

test('each planted violation is found, and nothing else', async (t) => {
  for (const [rule, path, text] of planted) {
    await t.test(`${rule}: ${path} ${text.split('\n')[0]}`, () => {
      const found = findIn([[path, text]]);
      const broken = new Set(found.map((one) => one.rule));
      assert.deepEqual([...broken], [rule], JSON.stringify(found));
      assert.equal(found[0]?.path, path.replace(/\/$/, ''));
    });
  }
});

test('no rule goes without a planted violation', () => {
  assert.deepEqual([...new Set(planted.map(([rule]) => rule))].sort(), [...rules].sort());
});

test('what only comes close is let through', () => {
  assert.deepEqual(findIn(innocent), []);
});

test('imports are read whatever surrounds them', () => {
  const source = [
    "/* import a from 'no' */ const text = 'import b from \"no\"'; // import c from 'no'",
    "import d, { type e as f } from 'one'; import 'two';",
    "const quote = /['\"`]/; export * as g from 'three';",
    "const page = `<a href='$" +
      "{await import('four')}'> import h from 'no' $" +
      "{`}` + require('five')}`;",
    'const half = total / 2; const i = import.meta.resolve("six") / 3;',
    "import {\n  j,\n} from 'seven';",
  ].join('\n');
  const found = moduleRequests(scanSource(source)).map(({ specifier }) => specifier);
  assert.deepEqual(found.sort(), ['five', 'four', 'one', 'seven', 'six', 'three', 'two']);
});
