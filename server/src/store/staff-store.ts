// The reads that need no key, over an engine: the whole of what a process without the master key can have of the
// store, and a part of what the main process has (store.ts). Nothing here imports what knows keys; a test says so.

import type { StaffStore } from '#core/ports.ts';
import type { Engine } from './engine.ts';
import * as authenticators from './queries/authenticators.ts';
import * as people from './queries/people.ts';
import * as signIns from './queries/sign-ins.ts';
import * as staff from './queries/staff.ts';
import * as rows from './rows.ts';

/** Puts the reads on an engine whose schema is up to date. */
export function createStaffStore(engine: Engine): StaffStore {
  return {
    async providerName() {
      const [row] = await engine.read(people.providerName, {});
      return row && rows.text(row, 'name');
    },
    async person(usernameKey, companyId) {
      const [row] = await engine.read(staff.person, { usernameKey, companyId: companyId ?? null });
      return row && rows.personViewOf(row);
    },
    async authenticators(accountId) {
      return (await engine.read(authenticators.authenticators, { accountId })).map(rows.authenticatorOf);
    },
    async tries(wanted) {
      if (wanted.length === 0) return new Map();
      const found = (await engine.read(signIns.tries, { keys: JSON.stringify(wanted) })).map(rows.triesOf);
      return new Map(found.map((one) => [one.key, one]));
    },
    async countSessions(accountId, nowMs) {
      const [row] = await engine.read(staff.countSessions, { accountId, nowMs });
      return row === undefined ? 0 : rows.number(row, 'live');
    },
    async auditLines(accountId, limit) {
      return (await engine.read(staff.auditLines, { accountId, limit })).map(rows.auditLineOf);
    },
    close: () => engine.close(),
  };
}
