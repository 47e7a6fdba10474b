// A store with an audit in it, and the ports that its flows take, for the tests of the tree.
import { randomBytes } from 'node:crypto';
import type { AuditEvent } from '#core/audit.ts';
import type { Ports, Store } from '#core/ports.ts';
import { auditKey } from '#flows/audit-keys.ts';
import { checkpointAudit, sequenceAudit } from '#flows/sequence-audit.ts';
import type { TestStore } from './open-test-store.ts';
import { anEvent, commitAll } from './seeded-store.ts';

export const origin = 'sign-in.test/audit';

export type AuditPorts = Pick<Ports, 'store' | 'log' | 'nowMs' | 'random'> & { readonly logged: string[] };

/** Leaves in one commit. */
const atOnce = 50;

/** The ports of a replica. */
export function auditPorts(world: TestStore, store: Store = world.store): AuditPorts {
  const logged: string[] = [];
  const write = (facts: object, message: string) => void logged.push(`${message} ${JSON.stringify(facts)}`);
  const log = { debug: write, info: write, warn: write, error: write };
  return { store, log, logged, nowMs: world.clock.nowMs, random: randomBytes };
}

/** Appends leaves, and gives their ids. */
export async function appendEvents(
  world: TestStore,
  count: number,
  fields: (place: number) => Partial<AuditEvent> = () => ({}),
): Promise<string[]> {
  const events = Array.from({ length: count }, (_, place) => anEvent(fields(place)));
  for (let place = 0; place < events.length; place += atOnce) {
    const some = events.slice(place, place + atOnce);
    await commitAll(world, ...some.map((event) => ({ change: 'audit.append', event }) as const));
  }
  return events.map(({ id }) => id);
}

/** Gives all leaves their places. */
export async function sequenceAll(ports: AuditPorts, limit?: number): Promise<void> {
  while ((await sequenceAudit(ports, limit)).count > 0);
}

/** Gives all leaves their places and signs the tree, as at the start of a replica. Returns the note. */
export async function signNow(ports: AuditPorts): Promise<string> {
  // The making of the key is a leaf itself.
  await auditKey(ports, origin);
  await sequenceAll(ports);
  await checkpointAudit(ports, () => auditKey(ports, origin), await ports.store.auditTree(), undefined);
  return (await ports.store.latestCheckpoint())?.note ?? '';
}
