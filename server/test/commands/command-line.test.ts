// What every command has: help, --json also for faults, a hint with each fault, and an exit status that means
// something. The real process is run where the status matters; the table is looked at for the rest.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { helpOf } from '#cli/help.ts';
import { runCommandLine, type Supplies } from '#cli/run.ts';
import { SecondringError } from '#core/errors.ts';
import { newOperator, type Operator } from '#test/support/command-line.ts';
import { commands } from '../../src/commands.ts';

const manual = join(import.meta.dirname, '../../../docs/operate/commands.md');

let operator: Operator;
before(async () => {
  operator = await newOperator('sqlite');
});
after(() => operator.close());

/** Runs words in this process, with nothing behind them: what is not understood never gets so far. */
async function run(...words: string[]) {
  const terminal = { output: new PassThrough(), errors: new PassThrough() };
  const untouchable = new Proxy({}, { get: (_, name) => assert.fail(`it asked for ${String(name)}`) });
  const status = await runCommandLine(
    words,
    commands,
    { ...(untouchable as Supplies), nowMs: () => 0 },
    terminal,
  ).catch((error: unknown) => assert.fail(String(error)));
  terminal.output.end();
  terminal.errors.end();
  return { status, output: await text(terminal.output), errors: await text(terminal.errors) };
}

test('every command has its help, and the manual has the same', async () => {
  const written = readFileSync(manual, 'utf8');
  assert.ok(commands.length > 10);
  for (const command of commands) {
    const asked = await run(...command.name.split(' '), '--help');
    assert.deepEqual(asked, { status: 0, output: helpOf(command), errors: '' });
    assert.deepEqual(await run('help', ...command.name.split(' ')), asked);
    assert.ok(
      written.includes(`## ${command.name}\n\n\`\`\`text\n${helpOf(command)}\`\`\`\n`),
      `docs/operate/commands.md does not have the help of ${command.name}: run npm run manual`,
    );
  }
});

test('the overview names every command, and that of a group only its own', async () => {
  const { status, output: wrapped } = await run('--help');
  assert.equal(status, 0);
  const output = wrapped.replaceAll(/\s+/g, ' ');
  for (const { name, summary } of commands) assert.ok(output.includes(name) && output.includes(summary));
  const group = await run('account', '--help');
  assert.equal(group.status, 0);
  assert.ok(group.output.includes('account list') && !group.output.includes('company list'));
});

const misunderstood: readonly (readonly [words: string, said: RegExp])[] = [
  ['', /No command is given[\s\S]*company add/],
  ['acount add', /no command acount[\s\S]*Did you mean: secondring account add\?/],
  ['doktor', /Did you mean: secondring doctor\?/],
  ['launch', /no command launch[\s\S]*secondring --help/],
  ['account', /account what\?[\s\S]*account list/],
  ['account ad', /Did you mean: secondring account add\?/],
  ['company add', /--name is missing[\s\S]*Usage: secondring company add --name NAME/],
  ['company add --nmae X', /--nmae[\s\S]*Usage:/],
  ['company add --name', /--name[\s\S]*Usage:/],
  ['company add --name A --name B', /--name is given twice/],
  ['company add --name=', /--name is empty/],
  ['company list extra', /a word too many: extra/],
  ['provider set-name', /NAME is missing/],
  ['account add --company A --username B --password secret', /--password/],
  ['account add --company A --username B', /--password-stdin is missing/],
];

for (const [words, said] of misunderstood) {
  test(`not understood: ${words === '' ? 'nothing' : words}`, async () => {
    const list = words.split(' ').filter((word) => word !== '');
    const { status, output, errors } = await run(...list);
    assert.deepEqual([status, output], [2, '']);
    assert.match(errors, said);
    const json = await run(...list, '--json');
    assert.deepEqual([json.status, json.errors], [2, '']);
    const { error } = JSON.parse(json.output);
    assert.equal(error.code, 'not-understood');
    assert.ok(error.message.length > 0 && error.hint.length > 0);
  });
}

test('what comes after -- is an operand, also when it looks like an option', async () => {
  const { status, errors } = await run('company', 'list', '--', '--json');
  assert.equal(status, 2);
  assert.match(errors, /a word too many: --json/);
});

test('a fault is said with its hint, or as one object, and nothing of it is on the other stream', async () => {
  const failing = {
    name: 'fail',
    summary: 'Fails',
    run: () =>
      Promise.reject(
        new SecondringError('store-corrupt', 'It is damaged.', {
          hint: 'Restore it.',
          cause: new Error('why'),
        }),
      ),
  };
  for (const [words, output, errors] of [
    [['fail'], '', 'secondring: It is damaged. (why)\n  Restore it.\n'],
    [
      ['fail', '--json'],
      '{"error":{"code":"store-corrupt","message":"It is damaged. (why)","hint":"Restore it."}}\n',
      '',
    ],
  ] as const) {
    const terminal = { output: new PassThrough(), errors: new PassThrough() };
    assert.equal(await runCommandLine(words, [failing], {} as Supplies, terminal), 1);
    terminal.output.end();
    terminal.errors.end();
    assert.deepEqual([await text(terminal.output), await text(terminal.errors)], [output, errors]);
  }
});

test('progress is shown where somebody looks, taken away again, and never in a pipe or with --json', async () => {
  const working = {
    name: 'work',
    summary: 'Works',
    run: async (_: unknown, desk: { progress: (text: string) => void }) => {
      desk.progress('half');
      return { facts: {}, lines: ['whole'] };
    },
  };
  const shown = async (isTTY: boolean, ...words: string[]) => {
    const errors = Object.assign(new PassThrough(), { isTTY });
    const output = new PassThrough();
    await runCommandLine(['work', ...words], [working], {} as Supplies, { output, errors });
    errors.end();
    return text(errors);
  };
  assert.equal(await shown(true), '\r\x1b[Khalf\r\x1b[K');
  assert.deepEqual([await shown(false), await shown(true, '--json')], ['', '']);
});

test('the process ends with 0, 1 or 2, and says a wrong configuration whole', async () => {
  assert.equal((await operator.run(['--help'])).status, 0);
  assert.equal((await operator.run(['nothing'])).status, 2);
  operator.environment['SECONDRING_LISTEN'] = 'here';
  operator.environment['SECONDRING_LOG_LEVL'] = 'info';
  try {
    for (const words of [
      ['company', 'list', '--json'],
      ['serve', '--json'],
    ]) {
      const { status, output, errors } = await operator.run(words);
      assert.deepEqual([status, errors], [1, '']);
      const { error } = JSON.parse(output);
      assert.equal(error.code, 'configuration-invalid');
      assert.match(error.message, /SECONDRING_LISTEN must be[\s\S]*SECONDRING_LOG_LEVL is not an option/);
    }
  } finally {
    operator.environment['SECONDRING_LISTEN'] = '127.0.0.1:0';
    delete operator.environment['SECONDRING_LOG_LEVL'];
  }
});
