// The epoch fence. One transaction, alone among all processes, ends what was under way and moves everything that can
// be used once past this moment. Every commit is conditional on the epoch (engine.ts): what was decided before the
// fence is refused after it.

import type { Fenced, FenceOrder } from '#core/epoch.ts';
import { SecondringError } from '#core/errors.ts';
import { leafOf } from './audit-leaf.ts';
import type { AloneSession, Engine } from './engine.ts';
import * as custody from './queries/custody.ts';
import * as epoch from './queries/epoch.ts';
import { number } from './rows.ts';
import type { Statement, Value } from './statement.ts';

/** The epoch that a process works in. */
export interface Epoch {
  /** Throws SecondringError `store-fenced` once the store went back to an older epoch. */
  current(): number;
  /** This process raised the fence itself. */
  begin(epoch: number): void;
  /** To be called when a commit found another epoch. Always throws SecondringError `store-fenced`. */
  passed(): Promise<never>;
}

/** Reads the epoch of a store whose schema is up to date. */
export async function readEpoch(engine: Engine): Promise<number> {
  const [row] = await engine.read(epoch.current, {});
  if (row === undefined) throw new SecondringError('store-corrupt', 'The store has no epoch.');
  return number(row, 'epoch');
}

/**
 * Keeps the epoch of a process. A later one is taken over: what was under way fails, what comes next reads what the
 * fence left. An earlier one means that the database went back in time behind our back, and nothing is done any more.
 */
export function keepEpoch(engine: Engine, first: number): Epoch {
  let known = first;
  let isClosed = false;
  const fenced = () =>
    isClosed
      ? new SecondringError(
          'store-fenced',
          'The database went back to an earlier state while it was in use.',
          {
            hint: 'Stop every process, then run secondring fence on the database that is to be used, and start again.',
          },
        )
      : new SecondringError('store-fenced', 'The store was restored or promoted meanwhile.', {
          hint: 'Begin again.',
          retryAfterSeconds: 1,
        });
  return {
    current() {
      if (isClosed) throw fenced();
      return known;
    },
    begin(epoch) {
      known = Math.max(known, epoch);
    },
    async passed() {
      const found = await readEpoch(engine);
      if (found < known) isClosed = true;
      known = Math.max(known, found);
      throw fenced();
    },
  };
}

/** Raises the fence in a transaction that nothing else shares. */
export async function fenceWithin(session: AloneSession, order: FenceOrder): Promise<Fenced> {
  const { nowMs, reason, lowWaterStep } = order;
  const change = (statement: Statement, values: Readonly<Record<string, Value>>) =>
    session.change(statement, values);
  await session.lockEpoch();
  await change(epoch.begin, { reason, nowMs });
  const [row] = await session.rows(epoch.current.sql);
  const began = row === undefined ? 0 : number(row, 'epoch');
  const fenced: Fenced = {
    epoch: began,
    signIns: await change(epoch.expireSignIns, {}),
    enrollments: await change(epoch.removeOpenEnrollments, {}),
    sessions: await change(epoch.endSessions, { nowMs }),
    oidcDocuments: await change(epoch.removeOidcDocuments, {}),
    authenticators: await change(epoch.raiseLastSteps, { lowWaterStep }),
    recoveryCodes: order.knowsUsedRecoveryCodes ? 0 : await change(epoch.useUpRecoveryCodes, { nowMs }),
  };
  await change(epoch.removeChallenges, {});
  await change(epoch.removePasswordResets, {});
  const leaf = leafOf({
    id: order.eventId,
    atMs: nowMs,
    event: 'store.fenced',
    companyId: undefined,
    accountId: undefined,
    facts: { ...order.facts, ...fenced, reason },
    personal: {},
  });
  await change(custody.appendLeaf, {
    ...{ id: order.eventId, atMs: nowMs, event: 'store.fenced', companyId: null, accountId: null },
    ...{ canonical: leaf.canonical, leafHash: leaf.hash },
  });
  return fenced;
}
