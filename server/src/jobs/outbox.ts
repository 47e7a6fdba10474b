// Delivers the outbox (core/outbox.ts): at once after a commit of this process, and every few seconds for what others
// left, what is to be tried again, and what somebody took and died with.

import { afterFailure, claim, deliveryTimeoutMs, type OutboxEntry, type OutboxItem } from '#core/outbox.ts';
import type { Delivered, Deliverers, Ports } from '#core/ports.ts';
import { newId } from '#flows/visitor.ts';

const intervalMs = 5000;
/** Deliveries at a time: a slow server of one does not hold up all. */
const atOnce = 4;

export interface OutboxJob {
  /** Takes nothing more, and resolves when what was taken is settled. */
  stop(): Promise<void>;
}

/** Starts the job. */
export function startOutbox(ports: Ports, deliverers: Deliverers): OutboxJob {
  let isStopped = false;
  let isWanted = false;
  let running: Promise<void> | undefined;
  const wake = () => {
    isWanted = true;
    if (isStopped || running !== undefined) return;
    running = work().finally(() => {
      running = undefined;
      // What came between the last look and now.
      if (isWanted) wake();
    });
  };
  const work = async () => {
    while (isWanted && !isStopped) {
      isWanted = false;
      await deliverDue(ports, deliverers, () => isStopped).catch((error: unknown) =>
        ports.log.warn({ error: String(error) }, 'the outbox was not looked through'),
      );
    }
  };
  const timer = setInterval(wake, intervalMs);
  timer.unref();
  const unwatch = ports.store.watchOutbox(wake);
  wake();
  return {
    async stop() {
      isStopped = true;
      isWanted = false;
      clearInterval(timer);
      unwatch();
      await running;
    },
  };
}

/** Delivers what is due now, until nothing is. */
export async function deliverDue(
  ports: Ports,
  deliverers: Deliverers,
  isStopped: () => boolean = () => false,
): Promise<void> {
  while (!isStopped()) {
    const due = await ports.store.outboxDue(ports.nowMs(), atOnce);
    if (due.length === 0) return;
    const taken = await Promise.all(due.map((entry) => deliver(ports, deliverers, entry)));
    // Where others took them all they are not due any more; what is left is theirs.
    if (!taken.includes(true)) return;
  }
}

/** Returns whether this process took it. */
async function deliver(ports: Ports, deliverers: Deliverers, entry: OutboxEntry): Promise<boolean> {
  const { committed } = await ports.store.commit([claim(entry, ports.nowMs())]);
  if (!committed) return false;
  const claimed = { ...entry, attempts: entry.attempts + 1 };
  try {
    const isLate = entry.expiresAtMs <= ports.nowMs();
    const delivered = isLate ? 'late' : await attempt(ports, deliverers, entry);
    if (delivered === 'delivered') {
      await ports.store.commit([{ change: 'outbox.remove', id: entry.id, attempts: claimed.attempts }]);
    } else {
      await fail(ports, claimed, delivered);
    }
  } catch (error) {
    ports.log.warn({ itemId: entry.id, kind: entry.kind, ...describe(error) }, 'a delivery failed');
    await fail(ports, claimed, 'failed');
  }
  return true;
}

async function attempt(ports: Ports, deliverers: Deliverers, { id, kind }: OutboxEntry): Promise<Delivered> {
  const item = await ports.store.outboxItem(id);
  if (item === undefined) return 'delivered';
  const deliverIt = deliverers[item.kind] as ((item: OutboxItem) => Promise<Delivered>) | undefined;
  if (deliverIt === undefined) throw new Error(`nobody delivers ${kind}`);
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the delivery took too long')), deliveryTimeoutMs);
  });
  return Promise.race([deliverIt(item), timeout]).finally(() => clearTimeout(timer));
}

/** What other servers say may name the recipient, so of their answers only the codes are logged. */
function describe(error: unknown): Readonly<Record<string, unknown>> {
  const { code, responseCode, message } = error as Record<string, unknown>;
  return code === undefined ? { message } : { code, responseCode };
}

async function fail(ports: Ports, claimed: OutboxEntry, why: 'refused' | 'late' | 'failed'): Promise<void> {
  const { id, kind, attempts } = claimed;
  const nowMs = ports.nowMs();
  const change = afterFailure(claimed, why === 'refused', nowMs);
  if (change.change === 'outbox.postpone') {
    await ports.store.commit([change]);
    return;
  }
  ports.log.error({ itemId: id, kind, attempts, why }, 'a delivery was given up');
  const facts = { itemId: id, kind, attempts, why };
  const event = { id: newId(ports), atMs: nowMs, event: 'outbox.given-up', facts, personal: {} } as const;
  await ports.store.commit([
    change,
    { change: 'audit.append', event: { ...event, companyId: undefined, accountId: undefined } },
  ]);
}
