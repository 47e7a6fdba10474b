// The role of the staff process, as the script of the manual makes it: what the pages read it reads, every write and
// every secret is refused by the database itself, and a role that could do more is not accepted.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { isFault } from '#core/errors.ts';
import { engines } from '#test/support/each-engine.ts';
import { openSeededStore, type SeededStore } from '#test/support/seeded-store.ts';
import { makeStaffRole, type StaffRole } from '#test/support/staff-role.ts';
import { openStaffStore } from './open-staff-store.ts';
import { checkStaffRole } from './staff-role.ts';

/** What PostgreSQL says when a right is missing (Appendix A, 42501). */
const isRefusedRight = (error: unknown) => (error as { code?: unknown }).code === '42501';

describe('the staff role', { skip: engines.includes('postgres') ? false : 'without PostgreSQL' }, () => {
  let world: SeededStore;
  let role: StaffRole;
  let client: pg.Client;
  before(async () => {
    world = await openSeededStore('postgres');
    role = await makeStaffRole(world.databaseUrl);
    client = new pg.Client({ connectionString: role.url });
    await client.connect();
    // The role's own setting would refuse writes before its rights do; whoever has the role can switch it off.
    await client.query('set default_transaction_read_only = off');
  });
  after(async () => {
    await client?.end();
    await world.raw.run(`drop owned by ${role.name}`);
    await world.raw.run(`drop role ${role.name}`);
    await world.close();
  });

  test('reads everything that the pages show', async () => {
    const { account } = await world.newTotp(await world.newAccount());
    await world.newRecoveryCodes(['AA'], account);
    await world.newSession(account);
    const store = await openStaffStore(role.url);
    try {
      const found = await store.person(account.username.toLowerCase(), undefined);
      assert.equal(found?.account.id, account.id);
      assert.equal(await store.person(account.username.toLowerCase(), 'elsewhere'), undefined);
      assert.equal((await store.authenticators(account.id)).length, 2);
      assert.equal(await store.countSessions(account.id, world.clock.nowMs()), 1);
      assert.ok((await store.auditLines(account.id, 5)).length > 0);
      assert.deepEqual(await store.tries(['otp:nobody']), new Map());
    } finally {
      await store.close();
    }
  });

  test('writes no column of any table, and deletes nothing', async () => {
    const { rows } = await client.query<{ table: string; column: string }>(
      `select table_name as table, column_name as column from information_schema.columns
       where table_schema = 'public'
       union select relname, attname from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0
       where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    );
    const named = rows.map(({ table, column }) => `${table}.${column}`);
    for (const key of [
      ...['authenticators.secret', 'enrollments.secret', 'recovery_codes.hash', 'data_keys.wrapped'],
      ...['signing_keys.private_key', 'accounts.password_hash', 'sessions.token_hash', 'staff_roles.role'],
    ]) {
      assert.ok(named.includes(key), `${key} was not tried`);
    }
    for (const { table, column } of rows) {
      await assert.rejects(
        client.query(`update ${table} set ${column} = null`),
        isRefusedRight,
        `${table}.${column}`,
      );
      await assert.rejects(client.query(`insert into ${table} (${column}) values (null)`), isRefusedRight);
    }
    for (const table of new Set(rows.map((row) => row.table))) {
      await assert.rejects(client.query(`delete from ${table}`), isRefusedRight, table);
      await assert.rejects(client.query(`truncate ${table}`), isRefusedRight, table);
    }
  });

  test('reads no secret', async () => {
    for (const [table, column] of [
      ['accounts', 'password_hash'],
      ['authenticators', 'secret'],
      ['recovery_codes', 'hash'],
      ['sessions', 'token_hash'],
      ['data_keys', 'wrapped'],
      ['signing_keys', 'private_key'],
      ['audit_personal', 'fields'],
      ['sign_ins', 'browser_key_hash'],
    ]) {
      await assert.rejects(
        client.query(`select ${column} from ${table}`),
        isRefusedRight,
        `${table}.${column}`,
      );
    }
  });

  test('is accepted as the script makes it', () => checkStaffRole(role.url));

  test('is refused with any right to write a key column or to read a secret', async () => {
    for (const [right, named] of [
      ['update (secret) on authenticators', /write to authenticators/],
      ['insert (secret) on enrollments', /write to enrollments/],
      ['update (hash) on recovery_codes', /write to recovery_codes/],
      ['insert on data_keys', /write to data_keys/],
      ['update (private_key) on signing_keys', /write to signing_keys/],
      ['update (password_hash) on accounts', /write to accounts/],
      ['insert on sessions', /write to sessions/],
      ['delete on staff_roles', /write to staff_roles/],
      ['select (password_hash) on accounts', /read accounts.password_hash/],
      ['select on authenticators', /read authenticators.binding_mac, authenticators.secret/],
    ] as const) {
      await world.raw.run(`grant ${right} to ${role.name}`);
      await assert.rejects(checkStaffRole(role.url), (error: unknown) => {
        assert.ok(isFault(error, 'configuration-invalid'), String(error));
        assert.match(error.message, named);
        return true;
      });
      await assert.rejects(openStaffStore(role.url), { code: 'configuration-invalid' });
      await world.raw.run(`revoke ${right} from ${role.name}`);
      if (right.startsWith('select on'))
        await world.raw.run(`revoke select on authenticators from ${role.name}`);
    }
  });

  test('is refused when it may become a role that can, although it does not inherit its rights', async () => {
    const other = `${role.name}_other`;
    await world.raw.run(`create role ${other}`);
    await world.raw.run(`grant update (secret) on authenticators to ${other}`);
    await world.raw.run(`grant ${other} to ${role.name}`);
    try {
      await assert.rejects(checkStaffRole(role.url), /write to authenticators/);
    } finally {
      await world.raw.run(`drop owned by ${other}`);
      await world.raw.run(`drop role ${other}`);
    }
  });

  test('and so is the owner of the tables', async () => {
    await assert.rejects(checkStaffRole(world.databaseUrl), { code: 'configuration-invalid' });
  });
});
