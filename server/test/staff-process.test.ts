// The staff process as the system sees it: what it was given, what it can reach, what it is made of, and how it ends.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { grantRole } from '#flows/arrange.ts';
import { temporaryFolder } from './support/each-engine.ts';
import { newPerson, type Person } from './support/person.ts';
import { childrenOf, folderOf, gone, isAlive, openFilesOf, readProc, until } from './support/processes.ts';
import { openSeededStore } from './support/seeded-store.ts';
import { onEachEngine } from './support/service-under-test.ts';

const program = resolve(import.meta.dirname, '../src');

onEachEngine('the staff process', (running) => {
  const page = () => `${running().origin}/helpdesk`;
  let agent: Person | undefined;

  /** An agent at work, and the process that made their page. */
  async function atWork(): Promise<{ readonly agent: Person; readonly pid: number }> {
    const service = running();
    if (agent === undefined) {
      agent = await newPerson(service, 'agent-of-processes');
      await grantRole(service.ports, { username: agent.username, role: 'agent' });
      assert.equal((await agent.signIn(page())).url, page());
    }
    assert.equal((await agent.browser.get(page())).status, 200);
    const [pid, ...others] = staffProcesses();
    assert.ok(pid !== undefined && others.length === 0, 'there is one');
    return { agent, pid };
  }

  test('it is not there before somebody is at work', () => {
    assert.deepEqual(staffProcesses(), []);
  });

  test('it was given no key and no secret, neither in its environment nor on its command line', async () => {
    const service = running();
    const planted = {
      SECONDRING_MASTER_KEY: service.masterKey,
      SECONDRING_SMTP_URL: 'smtp://planted',
      PGPASSWORD: 'planted',
    };
    Object.assign(process.env, planted);
    try {
      const { pid } = await atWork();
      const given = readProc(pid, 'environ');
      const names = given.split('\0').flatMap((one) => one.split('=')[0] || []);
      assert.deepEqual(
        names.filter((name) => !['TZ', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'].includes(name)),
        [],
      );
      for (const secret of [service.masterKey, 'planted', 'postgres://']) {
        assert.ok(!`${given}${readProc(pid, 'cmdline')}`.includes(secret), secret);
      }
    } finally {
      for (const name of Object.keys(planted)) delete process.env[name];
    }
  });

  test('it has the database open and nothing else that is ours, in a folder that is nobody else’s', async () => {
    const { pid } = await atWork();
    const files = openFilesOf(pid).filter((name) => name.startsWith('/') && !name.startsWith('/dev/'));
    for (const name of files) assert.match(name, /secondring\.db(-wal|-shm)?$/);
    assert.equal(files.length > 0, running().engine === 'sqlite');
    assert.equal(statSync(folderOf(pid)).mode & 0o777, 0o700);
  });

  test('its socket answers nobody but the main process', async () => {
    const { pid } = await atWork();
    const socketPath = join(folderOf(pid), 'socket');
    for (const path of ['/helpdesk', '/company', '/', '/metrics']) {
      const asking = request({ socketPath, path, method: 'GET', agent: false }).end();
      const [response] = await once(asking, 'response');
      response.resume();
      assert.equal(response.statusCode, 403, path);
    }
  });

  test('a statement that comes from outside says nothing', async () => {
    const service = running();
    const employee = await newPerson(service, 'with-a-forged-statement');
    await employee.signIn();
    const forged = Buffer.from(JSON.stringify({ role: 'agent', accountId: agent?.accountId })).toString(
      'base64url',
    );
    const headers = { 'secondring-statement': `${forged}.AAAA`, 'secondring-found': 'nobody' };
    assert.equal((await employee.browser.get(page(), headers)).status, 403);
    assert.equal((await employee.browser.post(page(), { username: employee.username }, headers)).status, 403);
  });

  test('killed, it is replaced at the next request', async () => {
    const first = await atWork();
    const folder = folderOf(first.pid);
    process.kill(first.pid, 'SIGKILL');
    // Its folder goes once the main process has heard of its end.
    await until(() => !existsSync(folder));
    const second = await atWork();
    assert.notEqual(second.pid, first.pid);
  });

  test('when it cannot be reached the page says so, and the next request has another', async () => {
    const { agent: who, pid } = await atWork();
    rmSync(join(folderOf(pid), 'socket'));
    const answer = await who.browser.get(page());
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '5');
    assert.match(answer.text, /This page does not work just now/);
    await gone(pid);
    assert.notEqual((await atWork()).pid, pid);
  });

  test('when a look cannot be written down the page does not go out', async () => {
    const { agent: who } = await atWork();
    const service = running();
    await service.write('alter table audit_leaves rename to audit_leaves_away');
    try {
      const answer = await who.browser.post(page(), { username: who.username });
      assert.ok(answer.status >= 500, String(answer.status));
      assert.ok(!answer.text.includes(who.username));
    } finally {
      await service.write('alter table audit_leaves_away rename to audit_leaves');
    }
  });

  test('after five minutes in which nobody asked it ends', async () => {
    const { pid } = await atWork();
    const [pending, ...others] = running().pending();
    assert.equal(pending?.ms, 5 * 60_000);
    assert.equal(others.length, 0);
    pending?.work();
    await gone(pid);
    assert.deepEqual(staffProcesses(), []);
    await atWork();
  });

  test('it ends with the service', async () => {
    const { pid } = await atWork();
    await running().restart();
    assert.equal(isAlive(pid), false);
  });
});

function staffProcesses(): readonly number[] {
  return childrenOf(process.pid, join(program, 'staff.ts'));
}

describe('the staff process and the files beside it', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());

  test('what it may read is its program and the database, not the key and not this process', async () => {
    const key = join(folder.path, 'data-key', 'master.key');
    mkdirSync(dirname(key));
    writeFileSync(key, 'the key');
    const world = await openSeededStore('sqlite');
    const keeper = await keep(world.databaseUrl);
    try {
      // The same rights, asked by a program that only tries.
      const words = readProc(keeper.staff, 'cmdline')
        .split('\0')
        .filter((word) => word !== '');
      const rights = words.filter((word) => word.startsWith('--'));
      assert.ok(rights.includes('--permission'));
      for (const right of ['--allow-child-process', '--allow-worker', '--allow-addons', '--allow-wasi']) {
        assert.ok(!rights.includes(right), right);
      }
      const probe = join(folder.path, 'probe.mjs');
      writeFileSync(
        probe,
        `import { readFileSync, writeFileSync } from 'node:fs';
         import { spawnSync } from 'node:child_process';
         const tried = { key: () => readFileSync(${JSON.stringify(key)}),
           parent: () => readFileSync('/proc/' + process.ppid + '/environ'),
           passwd: () => readFileSync('/etc/passwd'),
           write: () => writeFileSync(${JSON.stringify(join(program, 'planted.ts'))}, ''),
           program: () => spawnSync('true'),
           itself: () => readFileSync(${JSON.stringify(join(program, 'staff.ts'))}) };
         for (const [name, attempt] of Object.entries(tried)) {
           try { attempt(); console.log(name, 'done'); } catch (error) { console.log(name, error.code); }
         }`,
      );
      const child = spawn(process.execPath, [...rights, `--allow-fs-read=${probe}`, probe], { env: {} });
      const said = await textOf(child);
      assert.deepEqual(said.trim().split('\n'), [
        ...['key', 'parent', 'passwd', 'write', 'program'].map((name) => `${name} ERR_ACCESS_DENIED`),
        'itself done',
      ]);
    } finally {
      keeper.process.kill('SIGKILL');
      await gone(keeper.staff);
      await world.close();
    }
  });

  test('it notices that the main process was killed, and leaves nothing behind', async () => {
    const world = await openSeededStore('sqlite');
    const keeper = await keep(world.databaseUrl);
    const its = folderOf(keeper.staff);
    try {
      keeper.process.kill('SIGKILL');
      await gone(keeper.staff);
      assert.ok(!existsSync(its), its);
    } finally {
      await world.close();
    }
  });
});

/** A main process of nothing but the keeper, and the staff process it started. */
async function keep(
  databaseUrl: string,
): Promise<{ readonly process: ChildProcess; readonly staff: number }> {
  const keeper = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'support/staff-keeper.ts'),
      databaseUrl,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [said] = await once(keeper.stdout, 'data');
  return { process: keeper, staff: Number(String(said).trim()) };
}

async function textOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(child, 'close');
  return text;
}

test('nothing that knows a key is part of it', () => {
  const files = reachedFrom(join(program, 'staff.ts'));
  assert.ok(files.size > 30, `${files.size} files were read`);
  const names = [...files].map((file) => file.slice(program.length + 1));
  for (const name of names) assert.doesNotMatch(name, /^custody\//);
  for (const forbidden of ['store', 'parts', 'sealed', 'data-keys', 'pepper', 'open-store']) {
    assert.ok(existsSync(join(program, `store/${forbidden}.ts`)), forbidden);
    assert.ok(!names.includes(`store/${forbidden}.ts`), forbidden);
  }
  // The same walk finds them where they are.
  assert.ok(reachedFrom(join(program, 'service.ts')).has(join(program, 'custody/keyring.ts')));
});

/** The files that a program loads, itself included: what is imported as a type is not loaded. */
function reachedFrom(entry: string, reached = new Set<string>()): ReadonlySet<string> {
  if (reached.has(entry)) return reached;
  reached.add(entry);
  const text = readFileSync(entry, 'utf8');
  for (const [, specifier = ''] of text.matchAll(
    /^(?:import|export) (?!type )(?:[^;]*? from )?'([#.][^']+)';/gms,
  )) {
    const file = specifier.startsWith('#')
      ? join(program, specifier.slice(1))
      : resolve(dirname(entry), specifier);
    reachedFrom(file, reached);
  }
  return reached;
}
