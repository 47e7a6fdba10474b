// Examples of the changes of enrollments, authenticators and recovery codes.
import { randomBytes } from 'node:crypto';
import type { Change } from '#core/changes.ts';
import type { Enrollment } from '#core/enrollment.ts';
import { anEvent, bindingOf, commitAll, newId, type SeededStore } from '../seeded-store.ts';
import type { Examples } from './example.ts';

async function enrollmentWith(world: SeededStore, column: string, value: number | string) {
  const enrollment = await world.newEnrollment();
  await world.raw.run(`update enrollments set ${column} = $1 where id = $2`, value, enrollment.id);
  return enrollment;
}

/** The binding of an enrollment that was changed on the way, with its audit event and without the conditions. */
async function forgedBinding(world: SeededStore, fields: Partial<Enrollment>): Promise<readonly Change[]> {
  const enrollment = { ...(await world.newEnrollment()), ...fields };
  return bindingOf(enrollment, newId(), 0).slice(2);
}

const used = (authenticatorId: string, selector: string): Change => ({
  change: 'recovery-code.consume',
  ...{ authenticatorId, selector, nowMs: 77 },
});

export const authenticatorExamples: Examples<
  | 'enrollment.begin'
  | 'enrollment.count'
  | 'enrollment.consume'
  | 'authenticator.bind'
  | 'authenticator.advance'
  | 'authenticator.remove'
  | 'recovery-codes.keep'
  | 'recovery-code.issue'
  | 'recovery-code.consume'
> = {
  'enrollment.begin': {
    applied: {
      'open, its secret sealed': async (world) => {
        const made = await world.newEnrollment();
        const enrollment = {
          ...made,
          id: newId(),
          secret: randomBytes(20),
          tries: 4,
          state: 'bound' as const,
        };
        const columns = {
          ...{ id: enrollment.id, company_id: made.companyId, account_id: made.accountId },
          ...{ sign_in_id: made.signInId, kind: 'totp', begun_by: 'person', state: 'open' },
          ...{ secret: 'sealed', tries: 0 },
          ...{ created_at_ms: made.createdAtMs, expires_at_ms: made.expiresAtMs },
        };
        return {
          changes: [{ change: 'enrollment.begin', enrollment }],
          does: [{ table: 'enrollments', row: 'inserted', columns }],
        };
      },
    },
    refused: {},
    faults: {
      'it is there': async (world) => ({
        change: 'enrollment.begin',
        enrollment: await world.newEnrollment(),
      }),
      'of an account that is not there': async (world) => {
        const made = await world.newEnrollment();
        return { change: 'enrollment.begin', enrollment: { ...made, id: newId(), accountId: 'nobody' } };
      },
      'of an account of another company': async (world) => {
        const made = await world.newEnrollment();
        const { id: companyId } = await world.newCompany();
        return { change: 'enrollment.begin', enrollment: { ...made, id: newId(), companyId } };
      },
    },
  },
  'enrollment.count': {
    applied: {
      'the last try in the last millisecond': async (world) => {
        const { id, expiresAtMs } = await enrollmentWith(world, 'tries', 4);
        return {
          changes: [{ change: 'enrollment.count', id, limit: 5, nowMs: expiresAtMs - 1 }],
          does: [{ table: 'enrollments', row: 'changed', columns: { tries: 5 } }],
        };
      },
    },
    refused: {
      'its tries are used up': async (world) => {
        const { id } = await enrollmentWith(world, 'tries', 5);
        return { change: 'enrollment.count', id, limit: 5, nowMs: world.clock.nowMs() };
      },
      'it is bound': async (world) => {
        const { id } = await enrollmentWith(world, 'state', 'bound');
        return { change: 'enrollment.count', id, limit: 5, nowMs: world.clock.nowMs() };
      },
      'its time is over': async (world) => {
        const { id, expiresAtMs } = await world.newEnrollment();
        return { change: 'enrollment.count', id, limit: 5, nowMs: expiresAtMs };
      },
      'it is not there': async () => ({ change: 'enrollment.count', id: 'none', limit: 5, nowMs: 1 }),
    },
  },
  'enrollment.consume': {
    applied: {
      'in its last millisecond, and its secret is gone': async (world) => {
        const { id, expiresAtMs } = await world.newEnrollment();
        return {
          changes: [{ change: 'enrollment.consume', id, nowMs: expiresAtMs - 1 }],
          does: [{ table: 'enrollments', row: 'changed', columns: { state: 'bound', secret: null } }],
        };
      },
    },
    refused: {
      'it is bound': async (world) => {
        const { id } = await enrollmentWith(world, 'state', 'bound');
        return { change: 'enrollment.consume', id, nowMs: world.clock.nowMs() };
      },
      'its time is over': async (world) => {
        const { id, expiresAtMs } = await world.newEnrollment();
        return { change: 'enrollment.consume', id, nowMs: expiresAtMs };
      },
      'it is not there': async () => ({ change: 'enrollment.consume', id: 'none', nowMs: 1 }),
    },
  },
  'authenticator.bind': {
    applied: {
      'with its audit event, to the account of the enrollment': async (world) => {
        const account = await world.newAccount();
        const enrollment = await world.newEnrollment('totp', account);
        const event = anEvent({ event: 'authenticator.bound', personal: {} });
        const [, , bind] = bindingOf(enrollment, newId(), 0);
        if (bind?.change !== 'authenticator.bind') throw new Error('a binding binds');
        const change = { ...bind, label: 'Phone', position: 6, lastStep: 8, driftSteps: -1 };
        const columns = {
          ...{ id: bind.id, company_id: account.companyId, account_id: account.id },
          ...{ enrollment_id: enrollment.id, kind: 'totp', label: 'Phone', position: 6, state: 'active' },
          ...{ secret: 'sealed', last_step: 8, drift_steps: -1, bound_at_ms: enrollment.createdAtMs },
          binding_mac: 'sealed',
        };
        // The audit leaf is known by its own test; here it is the companion that the binding asks for.
        return {
          changes: [
            { ...change, auditEventId: event.id },
            { change: 'audit.append', event },
          ],
          does: [
            {
              table: 'audit_leaves',
              row: 'inserted',
              columns: { id: event.id, at_ms: event.atMs, event: event.event },
            },
            { table: 'authenticators', row: 'inserted', columns },
          ],
        };
      },
    },
    refused: {},
  },
  'authenticator.advance': {
    applied: {
      'to a later step': async (world) => {
        const { id } = await world.newTotp();
        return {
          changes: [{ change: 'authenticator.advance', id, lastStep: 1, driftSteps: -1, nowMs: 55 }],
          does: [
            {
              table: 'authenticators',
              row: 'changed',
              columns: { last_step: 1, drift_steps: -1, last_used_at_ms: 55 },
            },
          ],
        };
      },
    },
    refused: {
      'it stands at that very step': async (world) => {
        const { id } = await world.newTotp();
        return { change: 'authenticator.advance', id, lastStep: 0, driftSteps: 0, nowMs: 55 };
      },
      'it stands at a later step': async (world) => {
        const { id } = await world.newTotp();
        await commitAll(world, { change: 'authenticator.advance', id, lastStep: 9, driftSteps: 0, nowMs: 5 });
        return { change: 'authenticator.advance', id, lastStep: 8, driftSteps: 0, nowMs: 55 };
      },
      'it was removed': async (world) => {
        const { id, account } = await world.newTotp();
        await commitAll(world, { change: 'authenticator.remove', id, accountId: account.id, nowMs: 5 });
        return { change: 'authenticator.advance', id, lastStep: 8, driftSteps: 0, nowMs: 55 };
      },
      'it knows no steps': async (world) => {
        const { id } = await world.newRecoveryCodes([]);
        return { change: 'authenticator.advance', id, lastStep: 8, driftSteps: 0, nowMs: 55 };
      },
      'it is not there': async () => ({
        change: 'authenticator.advance',
        ...{ id: 'none', lastStep: 8, driftSteps: 0, nowMs: 55 },
      }),
    },
    faults: {
      'more drift than the window holds': async (world) => {
        const { id } = await world.newTotp();
        return { change: 'authenticator.advance', id, lastStep: 8, driftSteps: 2, nowMs: 55 };
      },
    },
  },
  'authenticator.remove': {
    applied: {
      'and its secret is gone': async (world) => {
        const { id, account } = await world.newTotp();
        const columns = { state: 'removed', secret: null, removed_at_ms: 66 };
        return {
          changes: [{ change: 'authenticator.remove', id, accountId: account.id, nowMs: 66 }],
          does: [{ table: 'authenticators', row: 'changed', columns }],
        };
      },
    },
    refused: {
      'it is another account’s': async (world) => {
        const { id } = await world.newTotp();
        const other = await world.newAccount();
        return { change: 'authenticator.remove', id, accountId: other.id, nowMs: 66 };
      },
      'it was removed': async (world) => {
        const { id, account } = await world.newTotp();
        const change: Change = { change: 'authenticator.remove', id, accountId: account.id, nowMs: 66 };
        await commitAll(world, change);
        return { ...change, nowMs: 67 };
      },
      'it is not there': async (world) => ({
        change: 'authenticator.remove',
        ...{ id: 'none', accountId: world.account.id, nowMs: 66 },
      }),
    },
  },
  'recovery-codes.keep': {
    applied: {
      'shown and not kept before': async (world) => {
        const { id } = await world.newRecoveryCodes(['K7']);
        const columns = { kept_at_ms: 9 };
        return {
          changes: [{ change: 'recovery-codes.keep', id, nowMs: 9 }],
          does: [{ table: 'authenticators', row: 'changed', columns }],
        };
      },
    },
    refused: {
      'they are kept': async (world) => {
        const { id } = await world.newRecoveryCodes(['K7']);
        await commitAll(world, { change: 'recovery-codes.keep', id, nowMs: 8 });
        return { change: 'recovery-codes.keep', id, nowMs: 9 };
      },
      'it is an app': async (world) => ({
        change: 'recovery-codes.keep',
        ...{ id: (await world.newTotp()).id, nowMs: 9 },
      }),
      'the set was replaced': async (world) => {
        const { id } = await world.newRecoveryCodes(['K7']);
        await commitAll(world, { change: 'authenticator.remove', id, accountId: world.account.id, nowMs: 8 });
        return { change: 'recovery-codes.keep', id, nowMs: 9 };
      },
    },
  },
  'recovery-code.issue': {
    applied: {
      unused: async (world) => {
        const { id } = await world.newRecoveryCodes([]);
        const columns = { authenticator_id: id, selector: 'K7', hash: 'slow', pepper_version: 1 };
        return {
          changes: [
            {
              change: 'recovery-code.issue',
              authenticatorId: id,
              selector: 'K7',
              hash: 'slow',
              pepperVersion: 1,
            },
          ],
          does: [{ table: 'recovery_codes', row: 'inserted', columns }],
        };
      },
    },
    refused: {},
    faults: {
      'its selector is taken': async (world) => {
        const { id } = await world.newRecoveryCodes(['K7']);
        return {
          change: 'recovery-code.issue',
          authenticatorId: id,
          selector: 'K7',
          hash: 'slow',
          pepperVersion: 1,
        };
      },
      'of a set that is not there': async () => ({
        change: 'recovery-code.issue',
        ...{ authenticatorId: 'none', selector: 'K7', hash: 'slow', pepperVersion: 1 },
      }),
    },
  },
  'recovery-code.consume': {
    applied: {
      'and no other one': async (world) => {
        const { id } = await world.newRecoveryCodes(['K7', 'K8']);
        await world.newRecoveryCodes(['K7']);
        return {
          changes: [used(id, 'K7')],
          does: [{ table: 'recovery_codes', row: 'changed', columns: { used_at_ms: 77 } }],
        };
      },
    },
    refused: {
      'it was used': async (world) => {
        const { id } = await world.newRecoveryCodes(['K7', 'K8']);
        await commitAll(world, used(id, 'K7'));
        return used(id, 'K7');
      },
      'it was never given out': async (world) => {
        const { id } = await world.newRecoveryCodes(['K7']);
        return used(id, 'K9');
      },
      'it is of another set': async (world) => {
        await world.newRecoveryCodes(['K9']);
        const { id } = await world.newRecoveryCodes(['K7']);
        return used(id, 'K9');
      },
      'its set was replaced meanwhile': async (world) => {
        const { id, account } = await world.newRecoveryCodes(['K7']);
        await commitAll(world, { change: 'authenticator.remove', id, accountId: account.id, nowMs: 5 });
        return used(id, 'K7');
      },
    },
  },
};

/** Bindings that contradict the rows they stand on, each with its audit event: only the row itself can fail. */
export const impossibleBindings: Readonly<
  Record<string, (world: SeededStore) => Promise<readonly Change[]>>
> = {
  'an enrollment of somebody else': async (world) =>
    forgedBinding(world, { accountId: (await world.newAccount()).id }),
  'an enrollment that was never begun': (world) => forgedBinding(world, { id: newId() }),
  'an account of another company': async (world) =>
    forgedBinding(world, { companyId: (await world.newCompany()).id }),
  'one enrollment for two authenticators': async (world) => {
    const { enrollment } = await world.newTotp();
    return bindingOf(enrollment, newId(), 0).slice(2);
  },
};
