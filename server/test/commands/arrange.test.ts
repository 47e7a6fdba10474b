// From an empty place to an account and an application, by the commands an operator types, on both engines: what they
// print, what programs get with --json, and the exit status.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { newOperator, type Operator } from '#test/support/command-line.ts';
import { engines } from '#test/support/each-engine.ts';
import { openRawDatabase } from '#test/support/raw-database.ts';

const password = 'Seven geese & a ladder';

for (const engine of engines) {
  describe(`arranging, on ${engine}`, () => {
    let operator: Operator;
    before(async () => {
      operator = await newOperator(engine);
    });
    after(() => operator.close());

    test('migrate says what it did, and the second time that there was nothing to do', async () => {
      const first = await operator.run(['migrate', '--json']);
      assert.equal(first.status, 0, first.errors);
      assert.ok((first.json().applied as string[]).includes('0001-foundation'));
      const second = await operator.run(['migrate']);
      assert.deepEqual([second.status, second.errors], [0, '']);
      assert.match(second.output, /up to date/);
    });

    test('provider, company, account and application come to be, in this order', async () => {
      const named = await operator.run(['provider', 'set-name', 'Proef Telecom']);
      assert.equal(named.status, 0, named.errors);
      assert.equal((await operator.run(['provider', 'set-name', 'Proef Telecom B.V.'])).status, 0);
      const made = await operator.run(['company', 'add', '--name', 'Bakkerij', '--json']);
      const { id: companyId } = made.json().company as { id: string };

      const words = ['account', 'add', '--company', 'Bakkerij', '--username', 'Ann@proef.test'];
      const account = await operator.run([...words, '--password-stdin', '--json'], `${password}\n`);
      assert.equal(account.status, 0, account.errors);
      assert.equal(account.output.includes(password), false);
      const listed = (await operator.run(['account', 'list', '--company', 'Bakkerij', '--json'])).json();
      const { id } = account.json().account as { id: string };
      assert.deepEqual(listed, {
        company: { id: companyId, name: 'Bakkerij' },
        accounts: [{ id, username: 'Ann@proef.test', status: 'active', everHadMethod: false }],
      });

      const application = await operator.run([
        ...['application', 'add', '--json', '--name', 'UC Panel', '--second-factor', 'optional'],
        ...['--redirect-uri', 'https://panel.test/a', '--redirect-uri', 'https://panel.test/b'],
        ...['--post-logout-redirect-uri', 'https://panel.test/', '--home-url', 'https://panel.test/'],
      ]);
      assert.equal(application.status, 0, application.errors);
      const { clientId, clientSecret } = application.json().application as Record<string, string>;
      assert.equal(clientId, 'uc-panel');
      const raw = await openRawDatabase(operator.databaseUrl);
      const rows = await raw.rows(
        `select client_secret_hash, redirect_uris, second_factor from applications where client_id = 'uc-panel'`,
      );
      const provider = await raw.rows('select name from providers');
      await raw.close();
      assert.deepEqual(
        rows.map((row) => ({ ...row })),
        [
          {
            client_secret_hash: createHash('sha256').update(String(clientSecret)).digest('base64url'),
            redirect_uris: '["https://panel.test/a","https://panel.test/b"]',
            second_factor: 'optional',
          },
        ],
      );
      assert.deepEqual(
        provider.map((row) => ({ ...row })),
        [{ name: 'Proef Telecom B.V.' }],
      );
      const shown = await operator.run(['application', 'list']);
      assert.match(shown.output, /^uc-panel +UC Panel +optional +https:\/\/panel\.test\/a/m);
      assert.equal(shown.output.includes(String(clientSecret)), false);
    });

    test('what exists is not made twice, and what is not there is not found', async () => {
      const again = await operator.run(['company', 'add', '--name', 'Bakkerij', '--json']);
      assert.deepEqual([again.status, (again.json().error as { code: string }).code], [1, 'already-exists']);
      const words = ['account', 'add', '--username', 'ann@PROEF.test', '--password-stdin', '--company'];
      const taken = await operator.run([...words, 'Bakkerij'], password);
      assert.deepEqual([taken.status, taken.output], [1, '']);
      assert.match(taken.errors, /exists already/);
      const nowhere = await operator.run([...words, 'Slagerij'], password);
      assert.equal(nowhere.status, 1);
      assert.match(nowhere.errors, /no company Slagerij[\s\S]*company add --name/);
    });
  });
}
