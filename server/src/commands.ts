// The table of all commands, and what the composition gives them: the configuration from the environment, the opened
// store, standard input. `serve` and `demo` are here because they see everything.

import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Command } from '#cli/command.ts';
import { storeCommands } from '#cli/commands.ts';
import { type ExitStatus, runCommandLine, type Supplies } from '#cli/run.ts';
import { readConfiguration } from '#config/configuration.ts';
import type { Log } from '#core/ports.ts';
import { openConfiguredStore, openPorts, startService } from './service.ts';

const serve: Command = {
  name: 'serve',
  summary: 'Starts the service',
  about: ['The log is JSON lines on standard output. SIGTERM and SIGINT end the service in order.'],
  async run(_given, desk) {
    const settings = desk.configuration();
    const ports = await openPorts(settings);
    const service = await startService(settings, ports);
    ports.log.info({ publicUrl: service.publicUrl, listening: service.address }, 'Secondring is ready');
    await untilTold();
    await service.close();
    ports.log.info({}, 'Secondring has stopped');
    return nothingMore;
  },
};

const demo: Command = {
  name: 'demo',
  summary: 'Starts the service with a demo company and demo panels',
  async run(_given, desk) {
    const { runDemo } = await import('#demo/demo.ts');
    await runDemo(desk.configuration(), untilTold());
    return nothingMore;
  },
};

/** They have said what there was to say while they ran. */
const nothingMore = { facts: { stopped: true }, lines: [] } as const;

/** Every command; the manual in docs/operate is checked against it. */
export const commands: readonly Command[] = [serve, demo, ...storeCommands];

/** Runs a command and gives its exit status: 0 fine, 1 a fault, 2 not understood. */
export function runCommand(words: readonly string[]): Promise<ExitStatus> {
  return runCommandLine(words, commands, supplies(), { output: process.stdout, errors: process.stderr });
}

function supplies(): Supplies {
  const surroundings = { environment: process.env, readFile: (path: string) => readFileSync(path, 'utf8') };
  const configuration = () => readConfiguration(surroundings);
  return {
    ...surroundings,
    configuration,
    openPorts: () => openPorts(configuration(), { log: warningsOnly }),
    openStore: () => openConfiguredStore(configuration(), Date.now),
    readInput: () => text(process.stdin),
    nowMs: Date.now,
  };
}

/** A command says its own result; what it has to be warned of goes to standard error, as a sentence. */
const warningsOnly: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (_facts, message) => void process.stderr.write(`secondring: ${message}\n`),
  error: (_facts, message) => void process.stderr.write(`secondring: ${message}\n`),
};

/** Resolves when the process is asked to end. */
function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
