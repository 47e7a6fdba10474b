// The table of all commands, and what the composition gives them: the configuration from the environment, the opened
// store, standard input. `serve` and `demo` are here because they see everything.

import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';
import type { Command } from '#cli/command.ts';
import { storeCommands } from '#cli/commands.ts';
import { type ExitStatus, runCommandLine, type Supplies } from '#cli/run.ts';
import { type Configuration, readConfiguration } from '#config/configuration.ts';
import type { Log } from '#core/ports.ts';
import { startMetricsListener } from '#operation/metrics-listener.ts';
import { openConfiguredStore, openPorts, type Service, startService } from './service.ts';

const serve: Command = {
  name: 'serve',
  summary: 'Starts the service',
  about: [
    'The log is JSON lines on standard output. SIGTERM and SIGINT end the service in order; a second one ends it at once.',
  ],
  async run(_given, desk) {
    await runService(desk.configuration());
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

async function runService(settings: Configuration): Promise<void> {
  const ports = await openPorts(settings);
  const told = untilTold();
  const service = await startService(settings, ports);
  const metrics = await metricsOf(service, settings);
  const { version, publicUrl, address, health } = service;
  ports.log.info(
    {
      version,
      node: process.versions.node,
      engine: health.engine,
      schema: health.schema,
      publicUrl,
      listening: at(address),
      metrics: metrics === undefined ? 'off' : at(metrics.address),
    },
    'Secondring is ready',
  );
  ports.log.info({ signal: await told }, 'Secondring is stopping');
  await service.close();
  await metrics?.close();
  ports.log.info({}, 'Secondring has stopped');
}

/** The figures are there as long as the service is, its stopping included. */
async function metricsOf(service: Service, { metricsListen }: Configuration) {
  if (metricsListen === undefined) return undefined;
  return startMetricsListener(metricsListen, service.figures).catch(async (error: unknown) => {
    await service.close();
    throw error;
  });
}

function at({ address, port, family }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
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

/**
 * Resolves with the signal that asks the process to end. A second one ends it at once; that is done here and not left to
 * the system, which spares the first process of a container.
 */
function untilTold(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isTold = false;
    const hear = (signal: NodeJS.Signals) => {
      if (isTold) process.exit(128 + constants.signals[signal]);
      isTold = true;
      resolve(signal);
    };
    process.on('SIGINT', hear);
    process.on('SIGTERM', hear);
  });
}
