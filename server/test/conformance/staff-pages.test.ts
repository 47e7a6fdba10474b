// The staff pages from outside: who gets in, what is asked first, what is shown and to whom, and what is written down
// of it. The pages are made by the staff process, which really runs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccount, createCompany, grantRole, revokeRole } from '#flows/arrange.ts';
import { enrolledPerson, newPerson, type Person, questionOn } from '../support/person.ts';
import { onEachEngine, password, type ServiceUnderTest } from '../support/service-under-test.ts';

const minuteMs = 60 * 1000;
const hourMs = 60 * minuteMs;

onEachEngine('staff pages', (running) => {
  const at = (path: string) => `${running().origin}${path}`;
  const look = (staff: Person, path: string, username: string) => staff.browser.post(at(path), { username });

  test('who comes with nothing signs in with two factors and is led to the page', async () => {
    const agent = await newStaff(running(), 'first-agent', 'agent');
    const asked = await agent.open(at('/helpdesk'));
    assert.equal(questionOn(asked), 'password');
    const page = await agent.finish(asked);
    assert.equal(page.url, at('/helpdesk'));
    assert.match(page.text, /<h1>Helpdesk<\/h1>/);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  });

  test('a person is shown with what helps and with nothing secret', async () => {
    const service = running();
    const agent = await staffAtWork(service, 'agent-who-looks', 'agent', '/helpdesk');
    const employee = await enrolledPerson(service, 'looked-at');
    const question = await employee.givePassword(await employee.open());
    await employee.giveCode(question, employee.wrongCode());
    const { status, text } = await look(agent, '/helpdesk', ` ${employee.username.toUpperCase()} `);
    assert.equal(status, 200);
    for (const shown of [
      employee.username,
      'Bakkerij Proef',
      'In use',
      'In one browser',
      'Wrong once',
      'Authenticator app',
      '10 left',
      'Code wrong',
      'Sign-in method set up',
    ]) {
      assert.ok(text.includes(shown), `${shown}:\n${text}`);
    }
    const secrets = await secretsOf(service, employee);
    assert.ok(secrets.length > 14);
    for (const secret of secrets) assert.ok(!text.includes(secret), secret);
    assert.ok(!text.includes(Buffer.from(employee.totpKey ?? []).toString('hex')));
  });

  test('counters that are locked or wait are said to be so', async () => {
    const service = running();
    const agent = await staffAtWork(service, 'agent-of-locks', 'agent', '/helpdesk');
    const locked = await newPerson(service, 'locked');
    const nowMs = service.clock.nowMs();
    await service.write(
      `insert into tries (key, count, started_at_ms, not_before_ms) values ('otp:${locked.accountId}', 20, ${nowMs}, ${nowMs})`,
    );
    assert.match((await look(agent, '/helpdesk', locked.username)).text, /Locked after 20 wrong tries/);
    const waiting = await newPerson(service, 'waiting');
    await service.write(
      `insert into tries (key, count, started_at_ms, not_before_ms)
       values ('otp:${waiting.accountId}', 8, ${nowMs}, ${nowMs + 2 * minuteMs})`,
    );
    assert.match(
      (await look(agent, '/helpdesk', waiting.username)).text,
      /Wrong 8 times: has to wait 2 minutes/,
    );
  });

  test('an administrator sees their own company, and of any other not even that somebody is there', async () => {
    const service = running();
    const administrator = await staffAtWork(service, 'administrator', 'administrator', '/company');
    const colleague = await newPerson(service, 'colleague');
    assert.equal((await look(administrator, '/company', colleague.username)).status, 200);

    const other = await createCompany(service.ports, { name: 'Slagerij Elders' });
    const username = 'somebody@elders.test';
    const before = await look(administrator, '/company', username);
    await createAccount(service.ports, { companyId: other, username, password });
    const after = await look(administrator, '/company', username);
    assert.equal(before.status, 404);
    assert.equal(after.status, 404);
    assert.equal(after.text, before.text);
    const headersOf = ({ headers }: typeof before) =>
      JSON.stringify([...headers].filter(([name]) => name !== 'date'));
    assert.equal(headersOf(after), headersOf(before));

    const agent = await staffAtWork(service, 'agent-of-all', 'agent', '/helpdesk');
    assert.match((await look(agent, '/helpdesk', username)).text, /Slagerij Elders/);
  });

  test('every look is written down before the page goes out, also when nobody was found', async () => {
    const service = running();
    const agent = await staffAtWork(service, 'watched-agent', 'agent', '/helpdesk');
    const employee = await newPerson(service, 'watched');
    await look(agent, '/helpdesk', employee.username);
    service.clock.advance(1);
    await look(agent, '/helpdesk', 'nobody@proef.test');
    const rows = await service.rows(
      `select account_id, company_id, canonical from audit_leaves
       where event = 'staff.looked' and canonical like '%${agent.accountId}%' order by at_ms, id`,
    );
    assert.deepEqual(
      rows.map((row) => [row['account_id'], row['company_id']]),
      [
        [employee.accountId, service.companyId],
        [null, null],
      ],
    );
    assert.match(String(rows[0]?.['canonical']), /\["isFound",true\],\["role","agent"\]/);
  });

  test('no role, the other role, and a role that was just taken away do not open it', async () => {
    const service = running();
    const employee = await enrolledPerson(service, 'no-staff');
    await employee.signIn();
    const agent = await staffAtWork(service, 'only-agent', 'agent', '/helpdesk');
    for (const [who, path] of [
      [employee, '/helpdesk'],
      [employee, '/company'],
      [agent, '/company'],
    ] as const) {
      assert.equal((await who.browser.get(at(path))).status, 403);
      assert.equal((await look(who, path, employee.username)).status, 403);
    }
    await revokeRole(service.ports, { username: agent.username, role: 'agent' });
    assert.equal((await look(agent, '/helpdesk', employee.username)).status, 403);
    // Nor does one that was copied within the table by hand.
    await newStaff(service, 'genuine-agent', 'agent');
    await service.write(
      `insert into staff_roles (account_id, role, granted_at_ms, row_mac)
       select '${employee.accountId}', role, granted_at_ms, row_mac from staff_roles where role = 'agent' limit 1`,
    );
    const [mine] = await service.rows(
      `select role from staff_roles where account_id = '${employee.accountId}'`,
    );
    assert.equal(mine?.['role'], 'agent');
    assert.equal((await look(employee, '/helpdesk', employee.username)).status, 403);
  });

  test('after a quarter of an hour without work, and after eight hours with it, both factors are asked anew', async () => {
    const service = running();
    const agent = await staffAtWork(service, 'idle-agent', 'agent', '/helpdesk');
    service.clock.advance(15 * minuteMs - 1);
    assert.equal((await agent.browser.get(at('/helpdesk'))).status, 200);
    service.clock.advance(15 * minuteMs);
    const asked = await agent.open(at('/helpdesk'));
    assert.equal(questionOn(asked), 'password');
    assert.equal(questionOn(await agent.givePassword(asked)), 'code');
    assert.equal(
      (await agent.open(at('/helpdesk'))).url.includes('/sign-in/'),
      true,
      'the password alone is not enough',
    );
    assert.equal((await agent.signIn(at('/helpdesk'))).url, at('/helpdesk'));
    const begunMs = service.clock.nowMs();
    while (service.clock.nowMs() - begunMs < 8 * hourMs - 10 * minuteMs) {
      service.clock.advance(10 * minuteMs - 1000);
      assert.equal((await agent.browser.get(at('/helpdesk'))).status, 200);
    }
    service.clock.advance(10 * minuteMs);
    assert.equal(questionOn(await agent.open(at('/helpdesk'))), 'password');
  });

  test('a dead staff process is replaced at the next request, an idle one is ended', async () => {
    const service = running();
    const agent = await staffAtWork(service, 'patient-agent', 'agent', '/helpdesk');
    assert.equal(service.pending().length, 1);
    assert.equal(service.pending()[0]?.ms, 5 * minuteMs);
    service.pending()[0]?.work();
    assert.equal((await agent.browser.get(at('/helpdesk'))).status, 200);
  });
});

async function newStaff(
  service: ServiceUnderTest,
  name: string,
  role: 'agent' | 'administrator',
): Promise<Person> {
  const person = await newPerson(service, name);
  await grantRole(service.ports, { username: person.username, role });
  return person;
}

async function staffAtWork(
  service: ServiceUnderTest,
  name: string,
  role: 'agent' | 'administrator',
  path: string,
): Promise<Person> {
  const person = await newStaff(service, name, role);
  const page = await person.signIn(`${service.origin}${path}`);
  assert.equal(page.url, `${service.origin}${path}`, page.text);
  return person;
}

/** Everything of a person that would help somebody to be them, as text. */
async function secretsOf(service: ServiceUnderTest, person: Person): Promise<readonly string[]> {
  const found: string[] = [...person.recoveryCodes];
  for (const [table, columns] of [
    ['accounts', 'password_hash'],
    ['authenticators', 'secret, binding_mac'],
    ['sessions', 'token_hash, row_mac'],
  ]) {
    const key = table === 'accounts' ? 'id' : 'account_id';
    for (const row of await service.rows(
      `select ${columns} from ${table} where ${key} = '${person.accountId}'`,
    )) {
      for (const value of Object.values(row)) {
        if (value === null) continue;
        if (!(value instanceof Uint8Array)) found.push(String(value));
        else
          for (const as of ['hex', 'base64', 'base64url'] as const)
            found.push(Buffer.from(value).toString(as));
      }
    }
  }
  return found;
}
