// B8. Fields that nobody asked for. Where a form is turned into a row, whoever adds `phone_verified=true` has a
// verified phone (ZITADEL CVE-2026-27946). A whole sign-in is done with every column of every table sent along on every
// form, with values that would be worth having; it must come out as it does without them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newPerson, type Person, questionOn } from '../support/person.ts';
import { onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';

/** A form has twenty fields at most, and needs three of its own. */
const fieldsAtOnce = 17;

onEachEngine('B8 fields that nobody asked for', (running) => {
  test('every known column on every form of a sign-in changes nothing', async () => {
    const service = running();
    const victim = await newPerson(service, 'victim');
    await victim.signIn();
    const columns = await columnsOf(service);
    assert.ok(columns.length > 60, 'the columns were not read');
    const names = [...new Set(columns.flatMap((column) => [column, camelCase(column)]))];
    const worth = await worthHaving(service, victim);
    const usual = await outcomeOf(service, victim);
    assert.equal(usual.sessions, 1);

    for (let start = 0; start < names.length; start += fieldsAtOnce) {
      const extra = Object.fromEntries(
        names.slice(start, start + fieldsAtOnce).map((name) => [name, worth(name)]),
      );
      const person = await newPerson(service, `extra-${start}`);
      sendAlong(person, extra);
      const last = await person.signIn();
      assert.equal(questionOn(last), 'done', JSON.stringify(Object.keys(extra)));
      assert.deepEqual(await outcomeOf(service, person), usual);
    }
    const planted = Object.values(await service.tables())
      .flat()
      .filter((row) => row.includes('planted'));
    assert.deepEqual(planted, []);
    const theirs = await service.rows(`select id from sessions where account_id = '${victim.accountId}'`);
    assert.equal(theirs.length, 1);
  });

  test('in one step they do not stand in for what is missing', async () => {
    const service = running();
    const victim = await newPerson(service, 'victim-of-one-step');
    await victim.signIn();
    service.clock.toNextStep();
    const worth = await worthHaving(service, victim);
    const page = await victim.givePassword(await victim.open());
    const names = (await columnsOf(service)).filter((name) => name !== 'code');
    for (let start = 0; start < names.length; start += fieldsAtOnce) {
      const extra = names.slice(start, start + fieldsAtOnce).map((name) => [name, worth(name)]);
      const wrong = { ...Object.fromEntries(extra), code: '' };
      assert.equal((await victim.browser.post(`${page.url}/code`, wrong)).status, 422);
    }
    assert.equal(questionOn(await victim.open(page.url)), 'code');
  });
});

async function columnsOf(service: ServiceUnderTest): Promise<readonly string[]> {
  const columns = new Set<string>();
  for (const table of Object.keys(await service.tables())) {
    const sql =
      service.engine === 'sqlite'
        ? `select name from pragma_table_info('${table}')`
        : `select column_name as name from information_schema.columns where table_name = '${table}'`;
    for (const row of await service.rows(sql)) columns.add(String(row['name']));
  }
  return [...columns];
}

/** For each field the value an attacker would choose: the victim's identifiers, the last state, a far future. */
async function worthHaving(service: ServiceUnderTest, victim: Person): Promise<(name: string) => string> {
  const [session] = await service.rows(
    `select id, sign_in_id, company_id from sessions where account_id = '${victim.accountId}'`,
  );
  const chosen: Readonly<Record<string, unknown>> = {
    id: session?.['sign_in_id'],
    account_id: victim.accountId,
    company_id: session?.['company_id'],
    session_id: session?.['id'],
    sign_in_id: session?.['sign_in_id'],
    state: 'done',
    status: 'active',
    second_factor: 'none',
    proofs: JSON.stringify([{ kind: 'passkey', authenticatorId: 'planted', atMs: 1 }]),
    wants: '{}',
    kind: 'passkey',
    revision: '99',
    tries: '-99',
    count: '0',
    expires_at_ms: '9999999999999',
    begun_by: 'person',
  };
  const bySpelling = new Map(
    Object.entries(chosen).flatMap(([name, value]) => [
      [name, String(value)],
      [camelCase(name), String(value)],
    ]),
  );
  return (name) => bySpelling.get(name) ?? 'planted';
}

/** Whatever the person sends from now on has these fields, too; their own come first. */
function sendAlong(person: Person, extra: Readonly<Record<string, string>>): void {
  const { browser } = person;
  const post = browser.post.bind(browser);
  browser.post = (url, form = {}, headers = {}) => {
    // What the form itself is about is the person's: a field twice is refused.
    const others = Object.entries(extra).filter(([name]) => !['username', 'code', 'password'].includes(name));
    return post(url, { ...Object.fromEntries(others), ...form }, headers);
  };
}

/** What a sign-in left behind, without what is each person’s own. */
async function outcomeOf(
  service: ServiceUnderTest,
  { accountId }: Person,
): Promise<Readonly<Record<string, unknown>>> {
  const sessions = await service.rows(
    `select sessions.proofs, sessions.expires_at_ms - sessions.created_at_ms as life_ms, sign_ins.revision,
       sign_ins.state, sign_ins.expires_at_ms - sign_ins.created_at_ms as limit_ms
     from sessions join sign_ins on sign_ins.id = sessions.sign_in_id where sessions.account_id = '${accountId}'`,
  );
  const [session] = sessions;
  const proofs = JSON.parse(String(session?.['proofs'])) as readonly { readonly kind: string }[];
  return { ...session, sessions: sessions.length, proofs: proofs.map(({ kind }) => kind) };
}

function camelCase(column: string): string {
  return column.replaceAll(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
}
