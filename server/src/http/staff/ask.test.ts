// What the main process sends to the staff process, and what it takes for an answer: nothing of the browser goes
// there, and whatever does not come as it must is a fault, after which that process is given up.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import type { StaffDoor } from '#core/ports.ts';
import { createStatementReader } from '#flows/staff-statement.ts';
import { temporaryFolder } from '#test/support/each-engine.ts';
import { askStaffProcess, type StaffQuestion } from './ask.ts';

const ports = { random: (length: number) => randomBytes(length), nowMs: () => 7 };
const statementKey = randomBytes(32);
const grant = { accountId: 'staff', role: 'administrator', companyId: 'company' } as const;
const question: StaffQuestion = { method: 'POST', path: '/company', username: 'ann', language: 'nl', grant };

type Answering = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** Asks a staff process of the test's own making. */
async function askWith(answering: Answering, asked: StaffQuestion = question) {
  const folder = temporaryFolder();
  const socketPath = join(folder.path, 'socket');
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => answering(request, response, body));
  }).listen(socketPath);
  await once(server, 'listening');
  let givenUp = 0;
  const door: StaffDoor = { socketPath, statementKey, tickMs: () => 1, giveUp: () => void givenUp++ };
  try {
    const answer = await askStaffProcess(ports, door, asked).catch((error: unknown) => error);
    return { answer, givenUp };
  } finally {
    server.closeAllConnections();
    server.close();
    folder.remove();
  }
}

const found = { 'secondring-found': 'account' };

test('it sends the name and a statement that is right, and nothing else', async () => {
  let seen: Readonly<Record<string, unknown>> = {};
  const { answer, givenUp } = await askWith((request, response, body) => {
    const sent = String(request.headers['secondring-statement']);
    const read = createStatementReader(statementKey, () => 1);
    const arrival = { method: request.method, path: request.url, body };
    seen = { body, headers: Object.keys(request.headers).toSorted(), statement: read(sent, arrival) };
    response.writeHead(200, found).end('a page');
  });
  assert.deepEqual(answer, { status: 200, body: 'a page', foundId: 'account' });
  assert.equal(givenUp, 0);
  assert.equal(seen['body'], 'username=ann');
  assert.deepEqual(seen['headers'], [
    ...['connection', 'content-length', 'content-type', 'host', 'secondring-statement'],
  ]);
  const { id, bodyHash, ...statement } = seen['statement'] as Record<string, unknown>;
  assert.ok(id !== undefined && bodyHash !== undefined);
  assert.deepEqual(statement, {
    ...{ method: 'POST', path: '/company', accountId: 'staff', role: 'administrator', companyId: 'company' },
    ...{ language: 'nl', nowMs: 7, tickMs: 1 },
  });
});

test('nobody found is nobody', async () => {
  const { answer } = await askWith((_, response) =>
    response.writeHead(404, { 'secondring-found': 'nobody' }).end('none'),
  );
  assert.deepEqual(answer, { status: 404, body: 'none', foundId: undefined });
});

const wrong: Readonly<Record<string, Answering>> = {
  'a page that says not whose it is': (_, response) => response.writeHead(200).end('a page'),
  'a refusal': (_, response) => response.writeHead(403, found).end(),
  'a redirect': (_, response) =>
    response.writeHead(303, { ...found, location: 'https://evil.example/' }).end(),
  'a page without end': (_, response) => {
    response.writeHead(200, found);
    const more = () => response.write('x'.repeat(65_536), (error) => error ?? more());
    more();
  },
  'a connection that breaks': (_, response) => response.destroy(),
  'a page that breaks off': (_, response) => {
    response.writeHead(200, { ...found, 'content-length': 100 });
    response.write('half', () => response.destroy());
  },
};

for (const [what, answering] of Object.entries(wrong)) {
  test(`${what} is no answer`, async () => {
    const { answer, givenUp } = await askWith(answering);
    assert.equal((answer as { code?: unknown }).code, 'staff-unavailable', String(answer));
    assert.equal(givenUp, 1);
  });
}

test('nor is a socket that is not there', async () => {
  let givenUp = 0;
  const door = { socketPath: '/nowhere/socket', statementKey, tickMs: () => 1, giveUp: () => void givenUp++ };
  await assert.rejects(askStaffProcess(ports, door, question), { code: 'staff-unavailable' });
  assert.equal(givenUp, 1);
});
