import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { isFault, type SecondringError } from '#core/errors.ts';
import { checkMasterKeys, checkValueOf, masterKeyId, parseMasterKeys } from './master-key.ts';

const known = {
  base64: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
  id: 'f554c3205f2a2053',
  checkValue: '0ff7c83aaba7001339e8752ed46843060949d9c84973ce112fa88d8e595b3ba6',
};

const faultOf = (text: string): SecondringError => {
  try {
    parseMasterKeys(text);
  } catch (error) {
    if (isFault(error, 'master-key-malformed')) return error;
    throw error;
  }
  assert.fail(`accepted: ${text}`);
};

test('name and check value of a known key: changing them would lock every installation out', () => {
  const [masterKey] = parseMasterKeys(known.base64);
  assert.equal(masterKey.id, known.id);
  assert.equal(masterKeyId(Buffer.from(known.base64, 'base64')), known.id);
  assert.equal(Buffer.from(checkValueOf(masterKey)).toString('hex'), known.checkValue);
  assert.equal(masterKey.key.export().toString('base64'), known.base64);
});

test('several keys keep their order; padding may be missing and white space is dropped', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
        minLength: 1,
        maxLength: 4,
        selector: (bytes) => Buffer.from(bytes).toString('hex'),
      }),
      fc.constantFrom('', ' ', '\n', '\r\n'),
      fc.boolean(),
      (keys, blank, isPadded) => {
        fc.pre(keys.every((bytes) => new Set(bytes).size > 1));
        const spelled = keys.map((bytes) =>
          Buffer.from(bytes)
            .toString('base64')
            .slice(0, isPadded ? 44 : 43),
        );
        const parsed = parseMasterKeys(spelled.map((one) => blank + one + blank).join(','));
        assert.deepEqual(
          parsed.map(({ key }) => new Uint8Array(key.export())),
          keys,
        );
      },
    ),
  );
});

test('what is not 32 bytes in base64 is refused, and the fault does not repeat it', () => {
  const base64 = randomBytes(32).toString('base64');
  const refused = [
    '',
    ' ',
    ',',
    `${base64},`,
    `,${base64}`,
    base64.slice(0, 42),
    `${base64}A`,
    `${base64}=`,
    randomBytes(31).toString('base64'),
    randomBytes(33).toString('base64'),
    randomBytes(32).toString('hex'),
    `${base64.slice(0, 10)} ${base64.slice(10)}`,
    `${base64.slice(0, 42)}B=`,
    'b'.repeat(43),
    `-${base64.slice(1)}`,
    `${base64} ${base64}`,
  ];
  for (const text of refused) {
    const fault = faultOf(text);
    const told = `${fault.message} ${fault.hint}`;
    for (const piece of text.split(/[, ]/)) {
      assert.ok(piece.length < 4 || !told.includes(piece.slice(0, 8)), 'the fault repeats the key');
    }
  }
  assert.match(faultOf(`${base64},x`).message, /key 2\b/);
});

test('placeholders and repetitions are refused', () => {
  assert.match(faultOf(Buffer.alloc(32).toString('base64')).message, /placeholder/);
  assert.match(faultOf(Buffer.alloc(32, 0xff).toString('base64')).message, /placeholder/);
  assert.match(faultOf(`${known.base64},${known.base64}`).message, /twice/);
});

test('a store knows its keys again', () => {
  const [first, second, stranger] = [0, 1, 2].map(
    () => parseMasterKeys(randomBytes(32).toString('base64'))[0],
  );
  assert.ok(first && second && stranger);
  const checkOf = (masterKey: typeof first) => ({
    masterKeyId: masterKey.id,
    checkValue: checkValueOf(masterKey),
  });
  const wrong = (error: unknown) => isFault(error, 'master-key-wrong');

  checkMasterKeys([], [stranger]);
  checkMasterKeys([checkOf(first)], [first]);
  checkMasterKeys([checkOf(first), checkOf(second)], [second]);
  // While a key is being replaced the new one is not known yet.
  checkMasterKeys([checkOf(first)], [stranger, first]);

  assert.throws(() => checkMasterKeys([checkOf(first)], [stranger]), wrong);
  assert.throws(() => checkMasterKeys([checkOf(first), checkOf(second)], [stranger]), wrong);
  // The right name on another key's check value, or a shortened one.
  const { checkValue } = checkOf(first);
  assert.throws(() => checkMasterKeys([{ masterKeyId: stranger.id, checkValue }], [stranger]), wrong);
  assert.throws(() => checkMasterKeys([{ masterKeyId: second.id, checkValue }], [first]), wrong);
  const shortened = { masterKeyId: first.id, checkValue: checkValue.subarray(0, 0) };
  assert.throws(() => checkMasterKeys([shortened], [first]), wrong);
});
