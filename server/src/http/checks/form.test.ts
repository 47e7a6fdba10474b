// Attacks B8 and B23: forms that say a thing twice, say too much, or are no forms.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ErrorCode, isFault } from '#core/errors.ts';
import { parseForm, readBody } from './form.ts';

const type = 'application/x-www-form-urlencoded';
const is = (code: ErrorCode) => (error: unknown) => isFault(error, code);
const fieldsOf = (body: string, contentType: string | undefined = type) => [...parseForm(contentType, body)];

/** A request whose body comes in these pieces. */
function arriving(...pieces: readonly (string | Buffer)[]): IncomingMessage {
  return Readable.from(pieces.map((piece) => Buffer.from(piece))) as unknown as IncomingMessage;
}

test('fields are read as browsers write them', () => {
  assert.deepEqual(fieldsOf('username=ann%40demo.test&password=a+b%2Bc%26d&empty='), [
    ['username', 'ann@demo.test'],
    ['password', 'a b+c&d'],
    ['empty', ''],
  ]);
  assert.deepEqual(fieldsOf(''), []);
  assert.deepEqual(fieldsOf('code=%F0%9F%94%91'), [['code', '🔑']]);
});

test('the type may be spelled and continued as types may', () => {
  for (const contentType of [`${type}; charset=utf-8`, type.toUpperCase(), ` ${type} ;x`]) {
    assert.deepEqual(fieldsOf('a=1', contentType), [['a', '1']]);
  }
});

for (const contentType of [
  undefined,
  '',
  'text/plain',
  'application/json',
  'multipart/form-data; boundary=x',
  `text/plain, ${type}`,
  `${type}2`,
  `text/plain; ${type}`,
]) {
  test(`not a form: ${contentType}`, () => {
    assert.throws(() => parseForm(contentType, 'a=1'), is('malformed-request'));
  });
}

test('a field that comes twice is nobody’s to choose from', () => {
  for (const body of ['a=1&a=2', 'a=1&a=1', 'a=&a=', 'a=1&b=2&%61=3', 'a&a']) {
    assert.throws(() => parseForm(type, body), is('malformed-request'), body);
  }
});

test('twenty fields and no more', () => {
  const body = (count: number) => Array.from({ length: count }, (_, index) => `f${index}=1`).join('&');
  assert.equal(fieldsOf(body(20)).length, 20);
  assert.throws(() => parseForm(type, body(21)), is('malformed-request'));
});

test('escapes that are none are taken for what they are, and names that mean something elsewhere are names', () => {
  assert.deepEqual(fieldsOf('a=%&b=%zz&c=%4&%=1'), [
    ['a', '%'],
    ['b', '%zz'],
    ['c', '%4'],
    ['%', '1'],
  ]);
  // Bytes that are not UTF-8 become the replacement character, and stay within their field.
  assert.deepEqual(fieldsOf('a=%ff%fe&b=%ed%a0%80'), [
    ['a', '\ufffd\ufffd'],
    ['b', '\ufffd\ufffd\ufffd'],
  ]);
  const form = parseForm(type, '__proto__=1&constructor=2&toString=3');
  assert.deepEqual(
    [form.get('__proto__'), form.get('constructor'), form.get('valueOf')],
    ['1', '2', undefined],
  );
});

test('whatever the body is, it is a form with each field once, or refused as malformed', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab=&%+4é;'), maxLength: 60 }), (body) => {
      try {
        for (const [name, value] of parseForm(type, body))
          assert.equal(typeof name + typeof value, 'stringstring');
      } catch (error) {
        assert.ok(isFault(error, 'malformed-request'), String(error));
      }
    }),
  );
});

test('a body is put together from its pieces, also where a letter is cut in two', async () => {
  const bytes = Buffer.from('name=Renée');
  assert.equal(await readBody(arriving(bytes.subarray(0, 9), bytes.subarray(9))), 'name=Renée');
  assert.equal(await readBody(arriving()), '');
});

test('16 KiB are read and not one byte more, however they come and whatever was announced', async () => {
  const most = 16 * 1024;
  assert.equal((await readBody(arriving('x'.repeat(most)))).length, most);
  assert.equal(
    (await readBody(arriving(...Array.from({ length: 16 }, () => 'x'.repeat(1024))))).length,
    most,
  );
  await assert.rejects(readBody(arriving('x'.repeat(most + 1))), is('too-large'));
  await assert.rejects(readBody(arriving('x'.repeat(most), 'x')), is('too-large'));
  // Letters of two bytes each.
  await assert.rejects(readBody(arriving('é'.repeat(most / 2), 'é')), is('too-large'));
});

test('what is too large is not read to its end', async () => {
  let given = 0;
  const endless = Readable.from(
    (async function* () {
      for (;;) {
        given += 1;
        yield Buffer.alloc(8 * 1024);
      }
    })(),
  );
  await assert.rejects(readBody(endless as unknown as IncomingMessage), is('too-large'));
  assert.ok(given < 40, `${given} pieces were taken`);
  endless.destroy();
});
