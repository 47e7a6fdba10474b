// A main process of nothing but the keeper of a staff process: it starts one, says its process id, and waits to be
// killed.
import { randomBytes } from 'node:crypto';
import { readConfiguration } from '#config/configuration.ts';
import type { Log, Ports } from '#core/ports.ts';
import { arrangeStaffProcess } from '../../src/staff-arrangement.ts';
import { childrenOf } from './processes.ts';

const silent = () => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
const store = { providerName: async () => 'Test Telecom' } as Partial<Ports['store']> as Ports['store'];
const ports = { store, log, random: (length: number) => randomBytes(length) } as Partial<Ports> as Ports;
const configuration = readConfiguration({
  environment: { SECONDRING_DATABASE_URL: process.argv[2] },
  readFile: () => '',
});
await arrangeStaffProcess(configuration, ports, {}).reach();
process.stdout.write(`${childrenOf(process.pid, 'src/staff.ts').join(' ')}\n`);
process.stdin.resume();
