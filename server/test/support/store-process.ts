// A process that opens a store when it is told to and commits without end, saying what was acknowledged. Tests start
// several at once, and kill them at the worst moment. Its first word says what it is to do.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { Change } from '#core/changes.ts';
import { parseMasterKeys } from '#custody/master-key.ts';
import { auditKey } from '#flows/audit-keys.ts';
import { checkpointAudit, sequenceAudit } from '#flows/sequence-audit.ts';
import { openStore } from '#store/open-store.ts';
import { anEvent } from './seeded-store.ts';

const [task = '', databaseUrl = '', masterKey = '', name = ''] = process.argv.slice(2);

/** Commits that are on their way at any time. */
const side = 4;

process.stdout.write('loaded\n');
await once(process.stdin, 'data');
const { store, migrated } = await openStore({
  databaseUrl,
  loadKeys: () => ({ keys: parseMasterKeys(masterKey), source: 'value' }),
  nowMs: () => 0,
});
if (task === 'open') {
  process.stdout.write(`migrated ${migrated.length}\n`);
  await store.close();
  process.stdin.destroy();
} else if (task === 'sequence') {
  void appendForEver();
  void sequenceForEver();
} else {
  for (let place = 0; place < side; place += 1) void commitForEver(place);
}

/** Says which leaves were acknowledged. */
async function appendForEver(): Promise<void> {
  for (;;) {
    const [event, other] = [anEvent(), anEvent()];
    await store.commit([event, other].map((one) => ({ change: 'audit.append', event: one })));
    process.stdout.write(`${event.id}\n${other.id}\n`);
  }
}

/** Gives leaves their places and signs the tree after each batch. */
async function sequenceForEver(): Promise<void> {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const ports = { store, log, nowMs: () => 0, random: randomBytes };
  const key = await auditKey(ports, 'killed.test/audit');
  for (;;) {
    const { tree, count } = await sequenceAudit(ports, 3);
    await checkpointAudit(ports, async () => key, tree, undefined);
    if (count === 0) await turn();
  }
}

async function commitForEver(place: number): Promise<void> {
  for (let count = 0; ; count += 1) {
    const key = `${name} ${place} ${count}`;
    await store.commit([added(key), added(`${key} as well`)]);
    // Synchronous for a pipe, so that what was acknowledged is said before anything else happens.
    process.stdout.write(`${key}\n`);
  }
}

function added(key: string): Change {
  return { change: 'try.add', key, nowMs: 1, windowStartMs: 0, expiresAtMs: 2 };
}
