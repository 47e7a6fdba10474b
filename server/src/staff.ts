// The staff process: the composition of the pages for staff, without the master key and without anything that could
// use one. It is started by the main process (jobs/staff-process.ts), told what it needs over the pipe between them,
// and ends when that pipe does, however the main process ended.

import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname } from 'node:path';
import type { Log } from '#core/ports.ts';
import { loadAssets } from '#http/assets/assets.ts';
import { createStaffListener } from '#http/staff-listener.ts';
import { type StaffHello, type StaffMessage, tickMs } from '#jobs/staff-process.ts';
import { openStaffStore } from '#store/open-staff-store.ts';

const headersTimeoutMs = 5000;
const requestTimeoutMs = 5000;

let socketPath: string | undefined;

process.once('message', (hello: StaffHello) => {
  serve(hello).catch((error: unknown) => {
    const facts = { error: error instanceof Error ? error.message : String(error) };
    log.error(facts, 'the staff process cannot start');
    process.exitCode = 1;
    process.disconnect();
  });
});
process.once('disconnect', () => {
  if (socketPath !== undefined) rmSync(dirname(socketPath), { recursive: true, force: true });
  process.exit();
});
// A terminal and a service manager tell both processes to end; this one goes on until the main process is done with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

async function serve(hello: StaffHello): Promise<void> {
  const store = await openStaffStore(hello.databaseUrl);
  const { css, script, icon } = loadAssets();
  const listener = createStaffListener({
    store,
    statementKey: Buffer.from(hello.statementKey, 'base64'),
    tickMs,
    providerName: hello.providerName,
    assets: { css: css.path, script: script.path, icon: icon.path },
    log,
  });
  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs },
    listener,
  );
  socketPath = hello.socketPath;
  server.listen(socketPath, () => tell({ message: 'ready' }));
}

const log: Log = {
  debug: (facts, text) => tell({ message: 'log', level: 'debug', facts, text }),
  info: (facts, text) => tell({ message: 'log', level: 'info', facts, text }),
  warn: (facts, text) => tell({ message: 'log', level: 'warn', facts, text }),
  error: (facts, text) => tell({ message: 'log', level: 'error', facts, text }),
};

function tell(message: StaffMessage): void {
  process.send?.(message);
}
