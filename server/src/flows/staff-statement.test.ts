// What is taken for a statement of the main process, and everything that is not.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bodyHashOf,
  createStatementReader,
  type StaffArrival,
  type StaffStatement,
  signStatement,
  statementLifeMs,
} from './staff-statement.ts';

const key = randomBytes(32);
const madeMs = 1_000_000;
const body = 'username=ann%40demo.test';
const arrival: StaffArrival = { method: 'POST', path: '/company', body };
let made = 0;

const aStatement = (fields: Partial<StaffStatement> = {}): StaffStatement => ({
  ...{ id: `statement ${++made}`, method: 'POST', path: '/company', bodyHash: bodyHashOf(body) },
  ...{ accountId: 'a', role: 'administrator', companyId: 'c', language: 'nl', nowMs: 5, tickMs: madeMs },
  ...fields,
});

test('a statement is taken for its own request, once', () => {
  const read = createStatementReader(key, () => madeMs + 1);
  const statement = aStatement();
  const sent = signStatement(key, statement);
  assert.deepEqual(read(sent, arrival), statement);
  assert.equal(read(sent, arrival), undefined);
  assert.notEqual(read(signStatement(key, aStatement()), arrival), undefined);
});

test('for another path, method or body it is not', () => {
  const read = createStatementReader(key, () => madeMs);
  for (const other of [
    { path: '/helpdesk' },
    { path: '/company?x' },
    { path: undefined },
    { method: 'GET' },
    { body: `${body}&username=x` },
    { body: '' },
  ]) {
    assert.equal(
      read(signStatement(key, aStatement()), { ...arrival, ...other }),
      undefined,
      JSON.stringify(other),
    );
  }
});

test('it is taken for five seconds, not before it was made, and never twice in them', () => {
  let now = madeMs;
  const read = createStatementReader(key, () => now);
  const sent = signStatement(key, aStatement());
  assert.notEqual(read(sent, arrival), undefined);
  for (now = madeMs; now < madeMs + 3 * statementLifeMs; now += 250) {
    assert.equal(read(sent, arrival), undefined, `${now - madeMs} ms later`);
  }
  const at = (ageMs: number) => {
    now = madeMs + ageMs;
    return read(signStatement(key, aStatement()), arrival) !== undefined;
  };
  assert.deepEqual([-1, 0, statementLifeMs - 1, statementLifeMs].map(at), [false, true, true, false]);
});

test('with one character changed, or under another key, it is none', () => {
  const sent = signStatement(key, aStatement());
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=';
  fc.assert(
    fc.property(
      fc.nat(sent.length - 1),
      fc.constantFrom(...alphabet),
      fc.boolean(),
      (place, character, isInserted) => {
        const forged = sent.slice(0, place) + character + sent.slice(place + (isInserted ? 0 : 1));
        const read = createStatementReader(key, () => madeMs);
        // The last character of base64url has bits that mean nothing.
        const isSame = Buffer.from(forged, 'base64url').equals(Buffer.from(sent, 'base64url'));
        if (!isSame || !forged.includes('.')) assert.equal(read(forged, arrival), undefined, forged);
      },
    ),
    { numRuns: 2000 },
  );
  const read = createStatementReader(key, () => madeMs);
  assert.equal(read(signStatement(randomBytes(32), aStatement()), arrival), undefined);
  for (const nothing of [undefined, '', '.', 'a.b', `${sent}.`, sent.split('.')[0]]) {
    assert.equal(read(nothing, arrival), undefined);
  }
});
