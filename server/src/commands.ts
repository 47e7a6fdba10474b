// The commands and what they share: configuration from the environment, an ordered end, and faults as one sentence
// with a hint and an exit status.

import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { constants } from 'node:os';
import { type Configuration, readConfiguration } from '#config/configuration.ts';
import { SecondringError } from '#core/errors.ts';
import { startMetricsListener } from '#operation/metrics-listener.ts';
import { openPorts, type Service, startService } from './service.ts';

const usage = `secondring: the second factor of a telephone platform

  secondring serve    start the service
  secondring demo     start the service with a demo company and demo panels
`;

/** Runs a command and gives its exit status: 0 fine, 1 a fault, 2 not understood. */
export async function runCommand(words: readonly string[]): Promise<number> {
  const [command] = words;
  try {
    switch (command) {
      case 'serve':
        return await serve();
      case 'demo': {
        const { runDemo } = await import('#demo/demo.ts');
        return await runDemo(configuration(), untilTold());
      }
      case '--help':
      case 'help':
        process.stdout.write(usage);
        return 0;
      default:
        process.stderr.write(usage);
        return 2;
    }
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    return 1;
  }
}

async function serve(): Promise<number> {
  const settings = configuration();
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
  return 0;
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

function configuration() {
  return readConfiguration({
    environment: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
  });
}

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

function explain(error: unknown): string {
  if (!(error instanceof SecondringError))
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause = error.cause instanceof Error ? `\n  because: ${error.cause.message}` : '';
  const hint = error.hint === undefined ? '' : `\n  ${error.hint}`;
  return `secondring: ${error.message}${cause}${hint}`;
}
