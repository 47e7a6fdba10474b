// The commands and what they share: configuration from the environment, an ordered end, and faults as one sentence
// with a hint and an exit status.

import { readFileSync } from 'node:fs';
import { readConfiguration } from '#config/configuration.ts';
import { SecondringError } from '#core/errors.ts';
import { openPorts, startService } from './service.ts';

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
  const service = await startService(settings, ports);
  ports.log.info({ publicUrl: service.publicUrl, listening: service.address }, 'Secondring is ready');
  await untilTold();
  await service.close();
  ports.log.info({}, 'Secondring has stopped');
  return 0;
}

function configuration() {
  return readConfiguration({
    environment: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
  });
}

/** Resolves when the process is asked to end. */
function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

function explain(error: unknown): string {
  if (!(error instanceof SecondringError))
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause = error.cause instanceof Error ? `\n  because: ${error.cause.message}` : '';
  const hint = error.hint === undefined ? '' : `\n  ${error.hint}`;
  return `secondring: ${error.message}${cause}${hint}`;
}
