// Signed notes against the reference implementation's own note, byte for byte, and every way of bending it; and what
// a checkpoint is besides.
import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { openCheckpoint, signCheckpoint } from './audit-checkpoint.ts';
import { isNoteKeyName, noteKey, openNote, signNote, verifierKeyOf } from './signed-note.ts';

interface Vectors {
  readonly name: string;
  readonly seed: string;
  readonly verifierKey: string;
  readonly text: string;
  readonly signature: string;
  readonly refused: readonly { readonly why: string; readonly replace: string; readonly by: string }[];
}
const vectors: Vectors = JSON.parse(
  readFileSync(new URL('./signed-note.vectors.json', import.meta.url), 'utf8'),
);

/** PKCS #8 before the 32 bytes of an Ed25519 key (RFC 8410 section 7). */
const pkcs8Head = '302e020100300506032b657004220420';
const key = noteKey(
  vectors.name,
  createPrivateKey({
    key: Buffer.concat([Buffer.from(pkcs8Head, 'hex'), Buffer.from(vectors.seed, 'base64')]),
    format: 'der',
    type: 'pkcs8',
  }),
);
const note = `${vectors.text}\n${vectors.signature}`;
const otherKey = noteKey('other.test/audit', generateKeyPairSync('ed25519').privateKey);

test('vector: the key id, the public half as others take it, and the note', () => {
  assert.equal(verifierKeyOf(key), vectors.verifierKey);
  assert.equal(signNote(vectors.text, key), note);
  assert.equal(openNote(note, [otherKey, key]), vectors.text);
});

for (const { why, replace, by } of vectors.refused) {
  test(`vector, refused: ${why}`, () => {
    assert.ok(note.includes(replace));
    assert.equal(openNote(note.replace(replace, by), [key]), undefined);
  });
}

test('a note of somebody else is none, also one under our name', () => {
  const impostor = noteKey(vectors.name, generateKeyPairSync('ed25519').privateKey);
  assert.equal(openNote(note, [otherKey]), undefined);
  assert.equal(openNote(signNote(vectors.text, impostor), [key]), undefined);
});

test('signatures of witnesses below ours are none of our business', () => {
  const witnessed = note + signNote('x\n', otherKey).slice('x\n\n'.length);
  assert.equal(openNote(witnessed, [key]), vectors.text);
});

test('names that a signature line could not hold', () => {
  for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\u2003b', 'a\u0000'])
    assert.equal(isNoteKeyName(name), false);
  for (const name of ['localhost:8080/audit', 'a.test/audit', '[::1]:8080/audit']) {
    assert.equal(isNoteKeyName(name), true);
  }
});

const root = Buffer.alloc(32, 7);
const checkpoint = signCheckpoint({ size: 20_852_163, root }, otherKey);

test('a checkpoint is origin, size and root, a line each', () => {
  const [origin, size, encoded, empty, signature, end] = checkpoint.split('\n');
  assert.deepEqual([origin, size, encoded], ['other.test/audit', '20852163', root.toString('base64')]);
  assert.deepEqual([empty, end], ['', '']);
  assert.match(signature ?? '', /^— other\.test\/audit /);
  const opened = openCheckpoint(checkpoint, [key, otherKey]);
  assert.deepEqual(opened, { origin: 'other.test/audit', size: 20_852_163, root });
});

test('signed, and yet no checkpoint of this log', () => {
  const body = (origin: string, size: string, encoded: string, more = '') =>
    `${origin}\n${size}\n${encoded}\n${more}`;
  const right = root.toString('base64');
  const name = otherKey.name;
  for (const text of [
    body('elsewhere.test/audit', '1', right),
    body(name, '01', right),
    body(name, '-1', right),
    body(name, '9007199254740993', right),
    body(name, '1e3', right),
    body(name, '1', right.slice(0, -4)),
    body(name, '1', `${right.slice(0, -2)}d=`),
    body(name, '1', right, 'extension\n'),
    `${name}\n1\n`,
  ]) {
    assert.equal(openCheckpoint(signNote(text, otherKey), [otherKey]), undefined, text);
  }
  assert.ok(openCheckpoint(signNote(body(name, '0', right), otherKey), [otherKey]));
});

test('no other letter anywhere opens', () => {
  fc.assert(
    fc.property(fc.nat(checkpoint.length - 1), fc.integer({ min: 1, max: 127 }), (place, letter) => {
      const changed = checkpoint.slice(0, place) + String.fromCharCode(letter) + checkpoint.slice(place + 1);
      if (changed !== checkpoint) assert.equal(openCheckpoint(changed, [otherKey]), undefined);
    }),
  );
});
