// Help, made of the table of commands: of all, of a group, of one.

import type { Command, Option } from './command.ts';

/** Columns of a line of help, the indent included. */
const width = 100;

/** How a command is written, on one line. */
export function usageOf({ name, operands = [], options = [] }: Command): string {
  const words = [
    ...operands.map((operand) => operand.name),
    ...options.map((option) => {
      const word = option.value === undefined ? `--${option.name}` : `--${option.name} ${option.value}`;
      const repeated = option.isRepeatable ? `${word} …` : word;
      return option.isRequired ? repeated : `[${repeated}]`;
    }),
  ];
  return ['secondring', name, ...words].join(' ');
}

/** The help of one command. */
export function helpOf(command: Command): string {
  const { operands = [], options = [], about = [] } = command;
  const rows = [
    ...operands.map(({ name, meaning }) => [name, meaning] as const),
    ...options.map((option) => [wordOf(option), option.meaning] as const),
    ['--json', 'one JSON object on standard output, also for a fault'] as const,
    ['--help', 'this text'] as const,
  ];
  const paragraphs = about.map((paragraph) => `\n${wrapped(paragraph, 0)}\n`);
  return `${command.summary}.\n\n  ${usageOf(command)}\n${paragraphs.join('')}\n${table(rows)}`;
}

/** The help of all commands, or of those that begin with a word. */
export function overviewOf(commands: readonly Command[], group?: string): string {
  const shown = commands.filter(({ name }) => group === undefined || name.startsWith(`${group} `));
  const heading = group === undefined ? 'secondring: the second factor of a telephone platform\n\n' : '';
  const rows = shown.map((command) => [command.name, command.summary] as const);
  return `${heading}${table(rows)}
secondring COMMAND --help says more of one. Settings come from the environment; secondring doctor
checks them. The exit status is 0 when all is well, 1 for a fault, 2 for what was not understood.
`;
}

/** The name that was probably meant, if any is near. */
export function nearest(commands: readonly Command[], typed: string): string | undefined {
  const ranked = commands
    .map(({ name }) => ({ name, distance: distanceOf(name, typed) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= 3 ? best.name : undefined;
}

function wordOf({ name, value }: Option): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  const indent = Math.max(...rows.map(([word]) => word.length)) + 4;
  return rows.map(([word, meaning]) => `  ${word.padEnd(indent - 2)}${wrapped(meaning, indent)}\n`).join('');
}

function wrapped(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width - indent) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

/** Levenshtein's: how many letters have to be put in, taken out or changed. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
