// Examples of the changes that say who is staff.
import type { StaffGrant } from '#core/staff.ts';
import type { SeededStore } from '../seeded-store.ts';
import type { Examples } from './example.ts';

const nowMs = 1_900_000_000_000;

async function anAgent(world: SeededStore): Promise<StaffGrant> {
  return { accountId: (await world.newAccount()).id, role: 'agent', companyId: undefined };
}

async function anAdministrator(world: SeededStore): Promise<StaffGrant> {
  return { accountId: (await world.newAccount()).id, role: 'administrator', companyId: world.company.id };
}

const columnsOf = ({ accountId, role, companyId }: StaffGrant) => ({
  ...{ account_id: accountId, role, granted_at_ms: nowMs, row_mac: 'sealed' },
  ...(companyId !== undefined && { company_id: companyId }),
});

export const staffExamples: Examples<'staff-role.grant' | 'staff-role.revoke'> = {
  'staff-role.grant': {
    applied: {
      'to an agent': async (world) => {
        const grant = await anAgent(world);
        return {
          changes: [{ change: 'staff-role.grant', grant, nowMs }],
          does: [{ table: 'staff_roles', row: 'inserted', columns: columnsOf(grant) }],
        };
      },
      'to an administrator, of their own company': async (world) => {
        const grant = await anAdministrator(world);
        return {
          changes: [{ change: 'staff-role.grant', grant, nowMs }],
          does: [{ table: 'staff_roles', row: 'inserted', columns: columnsOf(grant) }],
        };
      },
    },
    refused: {
      'the account has it': async (world) => {
        const grant = await anAgent(world);
        await world.store.commit([{ change: 'staff-role.grant', grant, nowMs }]);
        return { change: 'staff-role.grant', grant, nowMs };
      },
    },
    faults: {
      'to an administrator of another company': async (world) => {
        const { id } = await world.newCompany();
        return {
          change: 'staff-role.grant',
          grant: { ...(await anAdministrator(world)), companyId: id },
          nowMs,
        };
      },
      'to an administrator of no company': async (world) => ({
        change: 'staff-role.grant',
        grant: { ...(await anAdministrator(world)), companyId: undefined },
        nowMs,
      }),
      'to an agent of one company': async (world) => ({
        change: 'staff-role.grant',
        grant: { ...(await anAgent(world)), companyId: world.company.id },
        nowMs,
      }),
      'to nobody': async () => ({
        change: 'staff-role.grant',
        grant: { accountId: 'nobody', role: 'agent', companyId: undefined },
        nowMs,
      }),
    },
  },
  'staff-role.revoke': {
    applied: {
      'and leaves the other role': async (world) => {
        const grant = await anAdministrator(world);
        const other: StaffGrant = { ...grant, role: 'agent', companyId: undefined };
        await world.store.commit([
          { change: 'staff-role.grant', grant, nowMs },
          { change: 'staff-role.grant', grant: other, nowMs },
        ]);
        return {
          changes: [{ change: 'staff-role.revoke', accountId: grant.accountId, role: 'administrator' }],
          does: [{ table: 'staff_roles', row: 'removed', columns: columnsOf(grant) }],
        };
      },
    },
    refused: {
      'the account has another': async (world) => {
        const grant = await anAgent(world);
        await world.store.commit([{ change: 'staff-role.grant', grant, nowMs }]);
        return { change: 'staff-role.revoke', accountId: grant.accountId, role: 'administrator' };
      },
      'nobody has it': async (world) => ({
        change: 'staff-role.revoke',
        accountId: world.account.id,
        role: 'agent',
      }),
    },
  },
};
