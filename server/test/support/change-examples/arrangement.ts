// Examples of the changes that say who there is and what is protected.
import type { Change } from '#core/changes.ts';
import { newId, type SeededStore } from '../seeded-store.ts';
import type { Examples } from './example.ts';

type Of<Name extends Change['change']> = Extract<Change, { readonly change: Name }>;

const aCompany = (world: SeededStore): Of<'company.create'> => ({
  change: 'company.create',
  id: newId(),
  name: 'Bakery',
  authenticatorAppsPerAccount: 3,
  nowMs: world.clock.nowMs(),
});

const anAccount = (world: SeededStore): Of<'account.create'> => {
  const id = newId();
  return {
    change: 'account.create',
    ...{ id, companyId: world.company.id, username: `A-${id}`, usernameKey: `a-${id}` },
    passwordHash: 'a hash',
    mustChangePassword: true,
    address: 'ann@demo.test',
    nowMs: world.clock.nowMs(),
  };
};

const anApplication = (world: SeededStore): Of<'application.create'> => ({
  change: 'application.create',
  ...{ id: newId(), name: 'Panel', secondFactor: 'optional', homeUrl: 'https://panel.test/' },
  client: {
    clientId: `client ${newId()}`,
    secretHash: 'hash of a secret',
    redirectUris: ['https://panel.test/a', 'https://panel.test/b'],
    postLogoutRedirectUris: ['https://panel.test/out'],
    backchannelLogoutUri: 'https://panel.test/ended',
  },
  nowMs: world.clock.nowMs(),
});

export const arrangementExamples: Examples<
  | 'provider.create'
  | 'provider.rename'
  | 'company.create'
  | 'account.create'
  | 'account.rearrange'
  | 'application.create'
> = {
  'provider.create': {
    applied: {
      'in a store without one': async (world) => {
        await world.raw.run('delete from providers');
        const nowMs = world.clock.nowMs();
        const columns = { id: 'p', name: 'Telecom', only_one: 1, created_at_ms: nowMs };
        return {
          changes: [{ change: 'provider.create', id: 'p', name: 'Telecom', nowMs }],
          does: [{ table: 'providers', row: 'inserted', columns }],
        };
      },
    },
    refused: {
      'there is one': async () => ({ change: 'provider.create', id: newId(), name: 'Second', nowMs: 1 }),
    },
  },
  'provider.rename': {
    applied: {
      'the one there is': async () => {
        const name = `Telecom ${newId()}`;
        return {
          changes: [{ change: 'provider.rename', name }],
          does: [{ table: 'providers', row: 'changed', columns: { name } }],
        };
      },
    },
    refused: {},
  },
  'company.create': {
    applied: {
      'with its data key': async (world) => {
        const change = aCompany(world);
        const [check] = await world.raw.rows('select master_key_id from master_key_checks');
        const key = {
          scope: change.id,
          version: 1,
          master_key_id: check?.master_key_id,
          wrapped: 'sealed',
        };
        const company = { id: change.id, name: 'Bakery', authenticator_apps_per_account: 3 };
        return {
          changes: [change],
          does: [
            { table: 'companies', row: 'inserted', columns: { ...company, created_at_ms: change.nowMs } },
            { table: 'data_keys', row: 'inserted', columns: { ...key, created_at_ms: change.nowMs } },
          ],
        };
      },
    },
    refused: {
      'it is there': async (world) => ({ ...aCompany(world), id: world.company.id }),
      'it has the name of the provider’s data key': async (world) => ({ ...aCompany(world), id: 'provider' }),
    },
    faults: {
      'no authenticator app at all': async (world) => ({
        ...aCompany(world),
        authenticatorAppsPerAccount: 0,
      }),
      'too many authenticator apps': async (world) => ({
        ...aCompany(world),
        authenticatorAppsPerAccount: 11,
      }),
    },
  },
  'account.create': {
    applied: {
      'active and without authenticators': async (world) => {
        const change = anAccount(world);
        const columns = {
          ...{ id: change.id, company_id: change.companyId, username: change.username },
          ...{ username_key: change.usernameKey, password_hash: 'a hash', status: 'active', arrangement: 0 },
          ...{ must_change_password: 1, password_revision: 0, address: 'sealed' },
          address_mask: 'a•••@demo.test',
          created_at_ms: change.nowMs,
        };
        return { changes: [change], does: [{ table: 'accounts', row: 'inserted', columns }] };
      },
    },
    refused: {
      'it is there': async (world) => ({ ...anAccount(world), id: world.account.id }),
      'its user name is taken': async (world) => ({
        ...anAccount(world),
        usernameKey: world.account.username.toLowerCase(),
      }),
    },
    faults: {
      'of a company that is not there': async (world) => ({
        ...anAccount(world),
        ...{ companyId: 'nowhere', address: undefined },
      }),
    },
  },
  'account.rearrange': {
    applied: {
      'from the arrangement it was decided on': async (world) => {
        const { id } = await world.newAccount();
        await world.raw.run('update accounts set arrangement = 7 where id = $1', id);
        return {
          changes: [{ change: 'account.rearrange', id, expectedArrangement: 7 }],
          does: [{ table: 'accounts', row: 'changed', columns: { arrangement: 8 } }],
        };
      },
    },
    refused: {
      'it was rearranged meanwhile': async (world) => {
        const { id } = await world.newAccount();
        await world.raw.run('update accounts set arrangement = 1 where id = $1', id);
        return { change: 'account.rearrange', id, expectedArrangement: 0 };
      },
      'it is not as far as that': async (world) => {
        const { id } = await world.newAccount();
        return { change: 'account.rearrange', id, expectedArrangement: 1 };
      },
      'it was disabled': async (world) => {
        const { id } = await world.newAccount();
        await world.raw.run(`update accounts set status = 'disabled' where id = $1`, id);
        return { change: 'account.rearrange', id, expectedArrangement: 0 };
      },
      'it is not there': async () => ({ change: 'account.rearrange', id: 'nobody', expectedArrangement: 0 }),
    },
  },
  'application.create': {
    applied: {
      'as an OIDC client': async (world) => {
        const change = anApplication(world);
        const columns = {
          ...{ id: change.id, name: 'Panel', second_factor: 'optional', home_url: 'https://panel.test/' },
          ...{ client_id: change.client?.clientId, client_secret_hash: 'hash of a secret' },
          redirect_uris: '["https://panel.test/a","https://panel.test/b"]',
          post_logout_redirect_uris: '["https://panel.test/out"]',
          backchannel_logout_uri: 'https://panel.test/ended',
          created_at_ms: change.nowMs,
        };
        return { changes: [change], does: [{ table: 'applications', row: 'inserted', columns }] };
      },
      'without client or home': async (world) => {
        const change = { ...anApplication(world), client: undefined, homeUrl: undefined };
        const columns = {
          ...{ id: change.id, name: 'Panel', second_factor: 'optional', created_at_ms: change.nowMs },
          ...{ redirect_uris: '[]', post_logout_redirect_uris: '[]' },
        };
        return { changes: [change], does: [{ table: 'applications', row: 'inserted', columns }] };
      },
    },
    refused: {
      'it is there': async (world) => ({ ...anApplication(world), id: world.application.id }),
      'its client id is taken': async (world) => {
        const first = anApplication(world);
        await world.store.commit([first]);
        return { ...first, id: newId() };
      },
    },
  },
};
