// Statements about who there is: provider, companies, accounts, applications.
import { one, read } from '../statement.ts';

export const createProvider = one(
  'provider.create',
  `insert into providers (id, name, created_at_ms) values (:id, :name, :nowMs)
   on conflict do nothing`,
);

export const renameProvider = one('provider.rename', 'update providers set name = :name where only_one = 1');

export const createCompany = one(
  'company.create',
  `insert into companies (id, name, authenticator_apps_per_account, created_at_ms)
   values (:id, :name, :authenticatorAppsPerAccount, :nowMs)
   on conflict do nothing`,
);

export const createAccount = one(
  'account.create',
  `insert into accounts (id, company_id, username, username_key, password_hash,
     must_change_password, address, address_mask, created_at_ms)
   values (:id, :companyId, :username, :usernameKey, :passwordHash, :mustChangePassword, :address,
     :addressMask, :nowMs)
   on conflict do nothing`,
);

export const rearrangeAccount = one(
  'account.rearrange',
  `update accounts set arrangement = arrangement + 1
   where id = :id and arrangement = :expectedArrangement and status = 'active'`,
);

export const createApplication = one(
  'application.create',
  `insert into applications (id, name, second_factor, home_url, client_id, client_secret_hash, redirect_uris,
     post_logout_redirect_uris, backchannel_logout_uri, created_at_ms)
   values (:id, :name, :secondFactor, :homeUrl, :clientId, :clientSecretHash, :redirectUris,
     :postLogoutRedirectUris, :backchannelLogoutUri, :nowMs)
   on conflict do nothing`,
);

export const providerName = read('provider-name', 'select name from providers');

const applicationColumns = `applications.id as application_id, applications.name as application_name,
  second_factor, home_url, client_id, client_secret_hash, redirect_uris, post_logout_redirect_uris,
  backchannel_logout_uri`;

export const application = read(
  'application',
  `select ${applicationColumns} from applications where id = :id`,
);
export const applications = read(
  'applications',
  `select ${applicationColumns} from applications order by name, id`,
);
export const companies = read(
  'companies',
  'select id, name, authenticator_apps_per_account from companies order by name, id',
);
export const accounts = read(
  'accounts',
  'select accounts.*, accounts.status as account_status from accounts where company_id = :companyId order by username_key',
);
export const client = read(
  'client',
  `select ${applicationColumns} from applications where client_id = :clientId`,
);

const accountAndCompany = `select accounts.*, accounts.status as account_status,
    accounts.password_revision as account_password_revision, companies.name as company_name,
    companies.authenticator_apps_per_account, password_resets.id as waiting_id,
    password_resets.password_hash as waiting_hash, password_resets.expires_at_ms as waiting_until_ms
  from accounts join companies on companies.id = accounts.company_id
  left join password_resets on password_resets.account_id = accounts.id and password_resets.state = 'waiting'`;

export const accountByUsernameKey = read(
  'account-by-username-key',
  `${accountAndCompany} where username_key = :usernameKey`,
);
export const account = read('account', `${accountAndCompany} where accounts.id = :id`);
