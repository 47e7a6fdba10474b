// What the outbox job needs of the ports, with a log that is kept.
import { randomBytes } from 'node:crypto';
import type { Peppers, Ports, Store } from '#core/ports.ts';

export interface LoggedLine {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export function outboxPorts(store: Store & Peppers, nowMs: () => number, lines: LoggedLine[] = []): Ports {
  const write = (facts: LoggedLine['facts'], message: string) => void lines.push({ facts, message });
  const unused = () => {
    throw new Error('the outbox has no use for it');
  };
  return {
    ...{ store, peppers: store, nowMs, random: randomBytes, mailer: undefined },
    log: { debug: write, info: write, warn: write, error: write },
    slowHash: { ensureRoom: unused, hash: unused, verify: unused, verifyNothing: unused },
    commonPasswords: { has: unused },
    sleep: unused,
  };
}
