// Reads the words after a command's name against its table. What the table does not know is not understood, and is
// said together with how the command is used.

import { parseArgs } from 'node:util';
import { SecondringError } from '#core/errors.ts';
import type { Command, Given } from './command.ts';
import { usageOf } from './help.ts';

/** Options that every command has. */
const everywhere = {
  help: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/**
 * What was given to a command.
 * @throws SecondringError `not-understood`
 */
export function readGiven(command: Command, words: readonly string[]): Given {
  const declared = command.options ?? [];
  const parsed = parse(command, words);
  const operands = command.operands ?? [];
  const missingOperand = operands[parsed.positionals.length];
  if (missingOperand !== undefined) throw notUnderstood(command, `${missingOperand.name} is missing.`);
  const surplus = parsed.positionals[operands.length];
  if (surplus !== undefined) throw notUnderstood(command, `There is a word too many: ${surplus}`);
  const values = parsed.values as Record<string, readonly string[] | boolean | undefined>;
  const all = (name: string) => {
    const value = values[name];
    return Array.isArray(value) ? (value as readonly string[]) : [];
  };
  for (const { name, value, isRequired, isRepeatable } of declared) {
    const isGiven = value === undefined ? values[name] === true : all(name).length > 0;
    if (isRequired && !isGiven) throw notUnderstood(command, `--${name} is missing.`);
    if (!isRepeatable && all(name).length > 1) throw notUnderstood(command, `--${name} is given twice.`);
    if (all(name).includes('')) throw notUnderstood(command, `--${name} is empty.`);
  }
  return {
    operand(name) {
      return parsed.positionals[operands.findIndex((operand) => operand.name === name)] ?? '';
    },
    required: (name) => all(name)[0] ?? '',
    optional: (name) => all(name)[0],
    all,
    has: (name) => values[name] === true,
  };
}

function parse(command: Command, words: readonly string[]) {
  const declared = (command.options ?? []).map(({ name, value }) =>
    value === undefined
      ? ([name, { type: 'boolean' }] as const)
      : ([name, { type: 'string', multiple: true }] as const),
  );
  const options = { ...everywhere, ...Object.fromEntries(declared) };
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's own sentence ends in advice about "--" that helps nobody here.
    const [sentence = ''] = (error as Error).message.split('. ');
    throw notUnderstood(command, `${sentence}.`);
  }
}

function notUnderstood(command: Command, message: string): SecondringError {
  return new SecondringError('not-understood', message, { hint: `Usage: ${usageOf(command)}` });
}
