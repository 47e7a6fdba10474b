// A Dockerfile as data: enough of its language for ours, so that a test can follow it without an engine.
import { readFileSync } from 'node:fs';

export interface Instruction {
  readonly name: string;
  readonly words: string;
}

/** The instructions, with continued lines joined and comments left out. */
export function readDockerfile(path: string): readonly Instruction[] {
  return readFileSync(path, 'utf8')
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', words = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
      return { name: name.toUpperCase(), words };
    });
}

/** The environment that the image sets. */
export function environmentOf(instructions: readonly Instruction[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    instructions
      .filter(({ name }) => name === 'ENV')
      .map(({ words }) => {
        const equals = words.indexOf('=');
        return [words.slice(0, equals), words.slice(equals + 1)];
      }),
  );
}

/** The words of an instruction in its JSON form. */
export function wordsOf(instructions: readonly Instruction[], name: string): readonly string[] {
  const words = instructions.find((one) => one.name === name)?.words ?? '';
  return JSON.parse(words.slice(words.indexOf('['))) as string[];
}
