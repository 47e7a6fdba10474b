// Examples of the changes of passwords after the first, and of the outbox.
import type { Change } from '#core/changes.ts';
import type { OutboxItem } from '#core/outbox.ts';
import type { PasswordReset } from '#core/password-reset.ts';
import { commitAll, newHash, newId, type SeededStore } from '../seeded-store.ts';
import { type Examples, hex } from './example.ts';

type Of<Name extends Change['change']> = Extract<Change, { readonly change: Name }>;

const hour = 3_600_000;

async function aReset(
  world: SeededStore,
  fields: Partial<PasswordReset> = {},
): Promise<Of<'password-reset.begin'>> {
  const account = await world.newAccount();
  const nowMs = world.clock.nowMs();
  const reset = {
    id: newId(),
    accountId: account.id,
    companyId: account.companyId,
    state: 'mailed',
  } as const;
  return {
    change: 'password-reset.begin',
    reset: { ...reset, createdAtMs: nowMs, expiresAtMs: nowMs + hour, ...fields },
    tokenHash: newHash(),
  };
}

async function mailed(world: SeededStore): Promise<PasswordReset> {
  const begin = await aReset(world);
  await commitAll(world, begin);
  return begin.reset;
}

const choice = ({ id, accountId, createdAtMs, expiresAtMs }: PasswordReset): Of<'password-reset.choose'> => ({
  change: 'password-reset.choose',
  ...{ id, accountId, passwordHash: 'chosen', nowMs: createdAtMs, expiresAtMs: expiresAtMs + hour },
});

async function waiting(world: SeededStore): Promise<PasswordReset> {
  const reset = await mailed(world);
  await commitAll(world, choice(reset));
  return reset;
}

const consumption = ({ id, accountId, createdAtMs: nowMs }: PasswordReset): Of<'password-reset.consume'> => ({
  change: 'password-reset.consume',
  ...{ id, accountId, nowMs },
});

const replacement = (accountId: string, expectedRevision = 0): Of<'password.replace'> => ({
  change: 'password.replace',
  ...{ accountId, passwordHash: 'another hash', expectedRevision },
});

const anItem = (world: SeededStore): OutboxItem => ({
  ...{ id: newId(), kind: 'mail', createdAtMs: world.clock.nowMs(), expiresAtMs: world.clock.nowMs() + hour },
  payload: {
    ...{ letter: 'password-changed', address: 'ann@demo.test', language: 'nl', username: 'ann', atMs: 1 },
  },
});

async function added(world: SeededStore): Promise<OutboxItem> {
  const item = anItem(world);
  await commitAll(world, { change: 'outbox.add', item });
  return item;
}

const claiming = ({ id, createdAtMs: nowMs }: OutboxItem, attempts = 0): Of<'outbox.claim'> => ({
  change: 'outbox.claim',
  ...{ id, attempts, nowMs, leaseUntilMs: nowMs + 90_000 },
});

export const passwordExamples: Examples<
  | 'password.replace'
  | 'password-reset.begin'
  | 'password-reset.choose'
  | 'password-reset.consume'
  | 'password-reset.clear'
  | 'outbox.add'
  | 'outbox.claim'
  | 'outbox.postpone'
  | 'outbox.remove'
> = {
  'password.replace': {
    applied: {
      'and the demand for another one with it': async (world) => {
        const { id } = await world.newAccount();
        await world.raw.run(
          'update accounts set must_change_password = 1, password_revision = 6 where id = $1',
          id,
        );
        const columns = { password_hash: 'another hash', must_change_password: 0, password_revision: 7 };
        return {
          changes: [replacement(id, 6)],
          does: [{ table: 'accounts', row: 'changed', columns }],
        };
      },
    },
    refused: {
      'it was replaced meanwhile': async (world) => {
        const { id } = await world.newAccount();
        await commitAll(world, replacement(id));
        return replacement(id);
      },
      'it was disabled': async (world) => {
        const { id } = await world.newAccount();
        await world.raw.run(`update accounts set status = 'disabled' where id = $1`, id);
        return replacement(id);
      },
      'there is no such account': async () => replacement('nobody'),
    },
  },
  'password-reset.begin': {
    applied: {
      'known by the hash of its link': async (world) => {
        const change = await aReset(world);
        const { id, companyId, accountId, createdAtMs, expiresAtMs } = change.reset;
        const columns = {
          ...{ id, company_id: companyId, account_id: accountId, state: 'mailed' },
          ...{ token_hash: hex(change.tokenHash), created_at_ms: createdAtMs, expires_at_ms: expiresAtMs },
        };
        return { changes: [change], does: [{ table: 'password_resets', row: 'inserted', columns }] };
      },
    },
    refused: {
      'it is there: a request that is delivered twice mails once': async (world) => {
        const change = await aReset(world);
        await commitAll(world, change);
        return { ...change, tokenHash: newHash() };
      },
    },
    faults: {
      'of an account of another company': async (world) =>
        aReset(world, { companyId: (await world.newCompany()).id }),
    },
  },
  'password-reset.choose': {
    applied: {
      'in the last millisecond of its link': async (world) => {
        const reset = await mailed(world);
        const change = { ...choice(reset), nowMs: reset.expiresAtMs - 1 };
        const columns = { state: 'waiting', password_hash: 'chosen', expires_at_ms: change.expiresAtMs };
        return { changes: [change], does: [{ table: 'password_resets', row: 'changed', columns }] };
      },
    },
    refused: {
      'the link was used': async (world) => choice(await waiting(world)),
      'the link is over': async (world) => {
        const reset = await mailed(world);
        return { ...choice(reset), nowMs: reset.expiresAtMs };
      },
      'it is another account’s': async (world) => ({
        ...choice(await mailed(world)),
        accountId: (await world.newAccount()).id,
      }),
      'there is no such link': async (world) => ({ ...choice(await mailed(world)), id: 'none' }),
    },
  },
  'password-reset.consume': {
    applied: {
      'by its proof': async (world) => {
        const reset = await waiting(world);
        const columns = { id: reset.id };
        return {
          changes: [consumption(reset)],
          does: [{ table: 'password_resets', row: 'removed', columns }],
        };
      },
    },
    refused: {
      'it was consumed': async (world) => {
        const reset = await waiting(world);
        await commitAll(world, consumption(reset));
        return consumption(reset);
      },
      'nothing was chosen yet': async (world) => consumption(await mailed(world)),
      'its day is over': async (world) => {
        const reset = await waiting(world);
        return { ...consumption(reset), nowMs: reset.expiresAtMs + hour };
      },
      'it is another account’s': async (world) => ({
        ...consumption(await waiting(world)),
        accountId: (await world.newAccount()).id,
      }),
    },
  },
  'password-reset.clear': {
    applied: {
      'all of an account but one': async (world) => {
        const kept = await mailed(world);
        const { accountId, companyId } = kept;
        const other = await aReset(world, { accountId, companyId });
        await commitAll(world, other);
        await mailed(world);
        return {
          changes: [{ change: 'password-reset.clear', accountId, exceptId: kept.id }],
          does: [{ table: 'password_resets', row: 'removed', columns: { id: other.reset.id } }],
        };
      },
      'all of an account': async (world) => {
        const { id, accountId } = await waiting(world);
        return {
          changes: [{ change: 'password-reset.clear', accountId, exceptId: undefined }],
          does: [{ table: 'password_resets', row: 'removed', columns: { id } }],
        };
      },
      'none where there is none': async () => ({
        changes: [{ change: 'password-reset.clear', accountId: 'nobody', exceptId: undefined }],
        does: [],
      }),
    },
    refused: {},
  },
  'outbox.add': {
    applied: {
      'sealed, and due at once': async (world) => {
        const item = anItem(world);
        const { id, kind, createdAtMs, expiresAtMs } = item;
        const columns = {
          ...{ id, kind, sealed_payload: 'sealed', attempts: 0, due_at_ms: createdAtMs },
          ...{ created_at_ms: createdAtMs, expires_at_ms: expiresAtMs },
        };
        return {
          changes: [{ change: 'outbox.add', item }],
          does: [{ table: 'outbox', row: 'inserted', columns }],
        };
      },
    },
    refused: {},
    faults: {
      'it is there': async (world) => ({ change: 'outbox.add', item: await added(world) }),
    },
  },
  'outbox.claim': {
    applied: {
      'for the time of a lease': async (world) => {
        const change = claiming(await added(world));
        const columns = { attempts: 1, due_at_ms: change.leaseUntilMs };
        return { changes: [change], does: [{ table: 'outbox', row: 'changed', columns }] };
      },
      'again when the lease is over': async (world) => {
        const item = await added(world);
        const first = claiming(item);
        await commitAll(world, first);
        const again = {
          ...claiming(item, 1),
          nowMs: first.leaseUntilMs,
          leaseUntilMs: first.leaseUntilMs + 5,
        };
        const columns = { attempts: 2, due_at_ms: again.leaseUntilMs };
        return { changes: [again], does: [{ table: 'outbox', row: 'changed', columns }] };
      },
    },
    refused: {
      'another has it': async (world) => {
        const item = await added(world);
        await commitAll(world, claiming(item));
        return claiming(item);
      },
      'its lease is not over': async (world) => {
        const item = await added(world);
        const first = claiming(item);
        await commitAll(world, first);
        return { ...claiming(item, 1), nowMs: first.leaseUntilMs - 1 };
      },
      'it is not due': async (world) => {
        const item = await added(world);
        return { ...claiming(item), nowMs: item.createdAtMs - 1 };
      },
    },
  },
  'outbox.postpone': {
    applied: {
      'by who has it': async (world) => {
        const item = await added(world);
        await commitAll(world, claiming(item));
        return {
          changes: [{ change: 'outbox.postpone', id: item.id, attempts: 1, dueAtMs: 7 }],
          does: [{ table: 'outbox', row: 'changed', columns: { due_at_ms: 7 } }],
        };
      },
    },
    refused: {
      'another has it by now': async (world) => {
        const item = await added(world);
        await commitAll(world, claiming(item));
        return { change: 'outbox.postpone', id: item.id, attempts: 0, dueAtMs: 7 };
      },
    },
  },
  'outbox.remove': {
    applied: {
      'by who has it': async (world) => {
        const item = await added(world);
        await commitAll(world, claiming(item));
        return {
          changes: [{ change: 'outbox.remove', id: item.id, attempts: 1 }],
          does: [{ table: 'outbox', row: 'removed', columns: { id: item.id } }],
        };
      },
    },
    refused: {
      'another has it by now': async (world) => {
        const item = await added(world);
        await commitAll(world, claiming(item));
        return { change: 'outbox.remove', id: item.id, attempts: 0 };
      },
      'it was delivered': async () => ({ change: 'outbox.remove', id: 'none', attempts: 1 }),
    },
  },
};
