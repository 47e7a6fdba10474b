// The staff process answers what the main process says, and nobody else: not who forged a statement, sent one to
// another page, or kept one for later.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Log, StaffStore } from '#core/ports.ts';
import { bodyHashOf, type StaffStatement, signStatement, statementLifeMs } from '#flows/staff-statement.ts';
import { temporaryFolder } from '#test/support/each-engine.ts';
import { createStaffListener } from './staff-listener.ts';

const key = randomBytes(32);
const body = 'username=ann';
const folder = temporaryFolder();
const socketPath = join(folder.path, 'socket');
let tick = 1_000_000;
/** Which companies were looked in. */
const looked: (string | undefined)[] = [];

const silent = () => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
const store = {
  async person(_key: string, companyId: string | undefined) {
    looked.push(companyId);
    return undefined;
  },
} as Partial<StaffStore> as StaffStore;
const server = createServer(
  createStaffListener({
    ...{ store, statementKey: key, tickMs: () => tick, providerName: 'Test Telecom', log },
    assets: { css: '/c', script: '/s', icon: '/i' },
  }),
);

before(async () => {
  server.listen(socketPath);
  await once(server, 'listening');
});
after(() => {
  server.closeAllConnections();
  server.close();
  folder.remove();
});

let made = 0;
const statementOf = (fields: Partial<StaffStatement> = {}): StaffStatement => ({
  ...{ id: String(++made), method: 'POST', path: '/company', bodyHash: bodyHashOf(body) },
  ...{ accountId: 'a', role: 'administrator', companyId: 'c', language: 'en', nowMs: 5, tickMs: tick },
  ...fields,
});

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send(statement: string | undefined, sent: Sent = {}) {
  const asking = request({
    ...{ socketPath, method: sent.method ?? 'POST', path: sent.path ?? '/company', agent: false },
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(statement !== undefined && { 'secondring-statement': statement }),
      ...sent.headers,
    },
  });
  asking.end(sent.body ?? body);
  const [response] = await once(asking, 'response');
  let text = '';
  for await (const part of response) text += String(part);
  return {
    status: response.statusCode as number,
    text,
    found: response.headers['secondring-found'] as unknown,
  };
}

test('a statement of the main process is answered, in the company that it names', async () => {
  looked.length = 0;
  const { status, text, found } = await send(signStatement(key, statementOf()));
  assert.deepEqual([status, found], [404, 'nobody']);
  assert.match(text, /Nobody in your company/);
  assert.deepEqual(looked, ['c']);
});

test('nothing else is answered, and nothing is read for it', async () => {
  looked.length = 0;
  const genuine = signStatement(key, statementOf());
  const forgedText = Buffer.from(JSON.stringify(statementOf({ role: 'agent', companyId: null }))).toString(
    'base64url',
  );
  const refused: Readonly<Record<string, readonly [string | undefined, Sent?]>> = {
    'no statement': [undefined],
    'one under another key': [signStatement(randomBytes(32), statementOf())],
    'one with another text under the MAC of a genuine one': [`${forgedText}.${genuine.split('.')[1]}`],
    'one for another page': [signStatement(key, statementOf()), { path: '/helpdesk' }],
    'one with a query': [signStatement(key, statementOf()), { path: '/company?company=x' }],
    'one for another method': [signStatement(key, statementOf({ method: 'GET' }))],
    'one for another name': [signStatement(key, statementOf()), { body: 'username=bob' }],
    'one from before': [signStatement(key, statementOf({ tickMs: tick - statementLifeMs }))],
    'one from after': [signStatement(key, statementOf({ tickMs: tick + 1 }))],
    'what a browser could send': [
      undefined,
      { headers: { 'x-forwarded-for': '127.0.0.1', 'remote-user': 'agent', cookie: 'secondring-session=x' } },
    ],
  };
  for (const [what, [statement, sent]] of Object.entries(refused)) {
    assert.deepEqual(await send(statement, sent), { status: 403, text: '', found: undefined }, what);
  }
  assert.deepEqual(looked, []);
});

test('a statement is good for one request', async () => {
  const statement = signStatement(key, statementOf());
  assert.equal((await send(statement)).status, 404);
  assert.equal((await send(statement)).status, 403);
  tick += statementLifeMs;
  assert.equal((await send(statement)).status, 403);
});

test('a body beyond all measure ends there', async () => {
  const large = `username=${'x'.repeat(64 * 1024)}`;
  const statement = signStatement(key, statementOf({ bodyHash: bodyHashOf(large) }));
  assert.equal((await send(statement, { body: large })).status, 500);
});
