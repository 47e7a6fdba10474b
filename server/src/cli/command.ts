// What a command is: its words, what may be given to it, and one function. Help, hints and the manual are made of the
// same table, so that none of them can differ from what a command does.

import type { Configuration } from '#config/configuration.ts';
import type { Ports } from '#core/ports.ts';
import type { OpenedStore } from '#store/open-store.ts';

export interface Command {
  /** One to three words, as typed. */
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** What else there is to know, as paragraphs. */
  readonly about?: readonly string[];
  readonly operands?: readonly Operand[];
  readonly options?: readonly Option[];
  readonly run: (given: Given, desk: Desk) => Promise<Result>;
}

/** A word without a name; all of them have to be given. */
export interface Operand {
  readonly name: string;
  readonly meaning: string;
}

export interface Option {
  /** Without its two hyphens. */
  readonly name: string;
  /** What stands for its value in the help; undefined for a switch. */
  readonly value?: string;
  readonly meaning: string;
  readonly isRequired?: boolean;
  readonly isRepeatable?: boolean;
}

/** What was given, as the table of the command allows it. */
export interface Given {
  /** The operand of that name. */
  operand(name: string): string;
  /** The value of an option that has to be there. */
  required(name: string): string;
  optional(name: string): string | undefined;
  all(name: string): readonly string[];
  has(name: string): boolean;
}

/** What a command came to: for programs the facts, for people the lines. */
export interface Result {
  /** 1: it ran, and what it looked for is not in order. */
  readonly status?: 0 | 1;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
}

/** What a command is given from outside. */
export interface Desk {
  /** Throws SecondringError `configuration-invalid`. */
  readonly configuration: () => Configuration;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => string;
  /** Opens the configured store, brings its schema up to date, and closes it after the command. */
  readonly openPorts: () => Promise<Ports>;
  /** The same for a command that asks how it went; the command closes it. */
  readonly openStore: () => Promise<OpenedStore>;
  /** All that comes in on standard input. */
  readonly readInput: () => Promise<string>;
  /** Says how far long work is; on a terminal only. */
  readonly progress: (text: string) => void;
  /** Says what people have to know, on standard error. */
  readonly warn: (text: string) => void;
  readonly nowMs: () => number;
}
