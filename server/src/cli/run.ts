// Runs one line of words: finds its command, gives it what it needs, and says what came of it. A result goes to
// standard output, a fault to standard error with its hint; with --json both are one object on standard output.

import type { Writable } from 'node:stream';
import { SecondringError } from '#core/errors.ts';
import type { Ports } from '#core/ports.ts';
import type { Command, Desk, Given, Result } from './command.ts';
import { readGiven } from './given.ts';
import { helpOf, nearest, overviewOf } from './help.ts';

/** 0 fine, 1 a fault, 2 not understood. */
export type ExitStatus = 0 | 1 | 2;

/** The process as a command line sees it. */
export interface Terminal {
  readonly output: Writable & { readonly isTTY?: boolean };
  readonly errors: Writable & { readonly isTTY?: boolean };
}

/** What the composition supplies; the rest of a desk is made here. */
export type Supplies = Omit<Desk, 'progress' | 'warn'>;

/** Runs a command and gives its exit status. */
export async function runCommandLine(
  words: readonly string[],
  commands: readonly Command[],
  supplies: Supplies,
  terminal: Terminal,
): Promise<ExitStatus> {
  const isJson = beforeOperandsOnly(words).includes('--json');
  const progress = createProgress(terminal, isJson);
  const opened: Ports[] = [];
  try {
    const { command, rest } = find(words, commands);
    if (command === undefined) {
      terminal.output.write(rest);
      return 0;
    }
    const given: Given = readGiven(command, rest);
    const desk: Desk = {
      ...supplies,
      progress: progress.say,
      warn: (text) => void terminal.errors.write(`${text}\n`),
      async openPorts() {
        const ports = await supplies.openPorts();
        opened.push(ports);
        return ports;
      },
    };
    const result = await command.run(given, desk);
    progress.clear();
    const text = renderResult(result, isJson);
    // A service has nothing to say at its end, and there may be no room to say it in.
    if (text !== '') terminal.output.write(text);
    return result.status ?? 0;
  } catch (error) {
    progress.clear();
    if (isJson) terminal.output.write(`${JSON.stringify({ error: faultOf(error) })}\n`);
    else terminal.errors.write(`${explain(error)}\n`);
    return error instanceof SecondringError && error.code === 'not-understood' ? 2 : 1;
  } finally {
    for (const ports of opened) await ports.store.close();
  }
}

type Found =
  | { readonly command: Command; readonly rest: readonly string[] }
  | { readonly command: undefined; readonly rest: string };

/** @throws SecondringError `not-understood` */
function find(words: readonly string[], commands: readonly Command[]): Found {
  const named = words[0] === 'help' ? words.slice(1) : words;
  const asksForHelp = words[0] === 'help' || beforeOperandsOnly(words).includes('--help');
  const plain = named.filter((word) => !word.startsWith('-'));
  const command = [3, 2, 1]
    .map((length) => plain.slice(0, length).join(' '))
    .map((name) => commands.find((one) => one.name === name))
    .find((one) => one !== undefined);
  if (command !== undefined) {
    if (asksForHelp) return { command: undefined, rest: helpOf(command) };
    return { command, rest: withoutName(named, command.name.split(' ').length) };
  }
  const [group = ''] = plain;
  const isGroup = commands.some(({ name }) => name.startsWith(`${group} `));
  if (asksForHelp && (group === '' || isGroup)) {
    return { command: undefined, rest: overviewOf(commands, isGroup && group !== '' ? group : undefined) };
  }
  throw unknownCommand(plain, isGroup && group !== '' ? group : undefined, commands);
}

function unknownCommand(
  plain: readonly string[],
  group: string | undefined,
  commands: readonly Command[],
): SecondringError {
  if (plain.length === 0) {
    return new SecondringError('not-understood', 'No command is given.', { hint: overviewOf(commands) });
  }
  const typed = plain.slice(0, group === undefined ? 1 : 2).join(' ');
  const meant = [3, 2, 1]
    .map((length) => nearest(commands, plain.slice(0, length).join(' ')))
    .find((name) => name !== undefined && name !== typed);
  const message = group === typed ? `${typed} what?` : `There is no command ${typed}.`;
  const hint =
    group === undefined || meant !== undefined
      ? `${meant === undefined ? '' : `Did you mean: secondring ${meant}? `}All commands: secondring --help`
      : overviewOf(commands, group);
  return new SecondringError('not-understood', message, { hint });
}

/** What comes after `--` are operands, whatever they look like. */
function beforeOperandsOnly(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  return end < 0 ? words : words.slice(0, end);
}

/** The words without the first ones that name the command; options may stand between them. */
function withoutName(words: readonly string[], length: number): readonly string[] {
  let left = length;
  return words.filter((word) => {
    if (left === 0 || word.startsWith('-')) return true;
    left -= 1;
    return false;
  });
}

function renderResult({ facts, lines }: Result, isJson: boolean): string {
  if (isJson) return `${JSON.stringify(facts)}\n`;
  return lines.map((line) => `${line}\n`).join('');
}

/** A fault for programs. An unknown one keeps its message: who runs the command is the operator. */
function faultOf(error: unknown): { code: string; message: string; hint?: string } {
  if (!(error instanceof SecondringError)) {
    return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
  }
  const { code, message, hint } = error;
  return { code, message: message + becauseOf(error), ...(hint !== undefined && { hint }) };
}

function explain(error: unknown): string {
  if (!(error instanceof SecondringError)) {
    return `secondring: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  const hint = error.hint === undefined ? '' : `\n  ${error.hint.trimEnd()}`;
  return `secondring: ${error.message}${becauseOf(error)}${hint}`;
}

function becauseOf(error: SecondringError): string {
  return error.cause instanceof Error ? ` (${error.cause.message})` : '';
}

/** One line that is written over, where somebody looks at it. */
function createProgress({ errors }: Terminal, isJson: boolean) {
  const isWatched = errors.isTTY === true && !isJson;
  let isShown = false;
  return {
    say(text: string) {
      if (!isWatched) return;
      errors.write(`\r\x1b[K${text}`);
      isShown = true;
    },
    clear() {
      if (isShown) errors.write('\r\x1b[K');
      isShown = false;
    },
  };
}
