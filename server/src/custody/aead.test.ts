import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { isFault } from '#core/errors.ts';
import { bindTo } from './additional-data.ts';
import { decryptAesGcm, encryptAesGcm, keyVersionOf, open, seal } from './aead.ts';

const newKey = () => createSecretKey(randomBytes(32));
const bytes = (text: string) => Buffer.from(text, 'hex');
const unreadable = (error: unknown) => isFault(error, 'sealed-value-unreadable');

interface WycheproofGroup {
  readonly ivSize: number;
  readonly keySize: number;
  readonly tagSize: number;
  readonly tests: readonly {
    tcId: number;
    key: string;
    iv: string;
    aad: string;
    msg: string;
    ct: string;
    tag: string;
    result: 'valid' | 'invalid';
  }[];
}

const wycheproof: { readonly testGroups: readonly WycheproofGroup[] } = JSON.parse(
  readFileSync(new URL('../../test/vectors/wycheproof/aes_gcm_test.json', import.meta.url), 'utf8'),
);

test('Wycheproof AES-GCM: 256-bit keys and 96-bit nonces', () => {
  let ran = 0;
  for (const group of wycheproof.testGroups) {
    if (group.keySize !== 256 || group.ivSize !== 96 || group.tagSize !== 128) continue;
    for (const vector of group.tests) {
      const key = createSecretKey(bytes(vector.key));
      const [nonce, additionalData] = [bytes(vector.iv), bytes(vector.aad)];
      const plaintext = decryptAesGcm(key, nonce, bytes(vector.ct), bytes(vector.tag), additionalData);
      const encrypted = encryptAesGcm(key, nonce, bytes(vector.msg), additionalData);
      const isSame =
        encrypted.ciphertext.toString('hex') === vector.ct && encrypted.tag.toString('hex') === vector.tag;
      assert.equal(
        plaintext?.toString('hex'),
        vector.result === 'valid' ? vector.msg : undefined,
        `tcId ${vector.tcId}`,
      );
      assert.equal(isSame, vector.result === 'valid', `tcId ${vector.tcId}`);
      ran += 1;
    }
  }
  assert.equal(ran, 66);
});

test('Wycheproof AES-GCM: other keys and nonces, the over-long ones included, are refused before any use', () => {
  let ran = 0;
  for (const group of wycheproof.testGroups) {
    if (group.keySize === 256 && group.ivSize === 96) continue;
    for (const vector of group.tests) {
      const key = createSecretKey(bytes(vector.key));
      const [nonce, additionalData] = [bytes(vector.iv), bytes(vector.aad)];
      assert.throws(() => encryptAesGcm(key, nonce, bytes(vector.msg), additionalData), RangeError);
      assert.throws(
        () => decryptAesGcm(key, nonce, bytes(vector.ct), bytes(vector.tag), additionalData),
        RangeError,
      );
      ran += 1;
    }
  }
  assert.equal(ran, 250);
});

test('what was sealed opens under the same key and place', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.string()),
      fc.nat(0xffffffff),
      (plaintext, place, version) => {
        const key = newKey();
        const sealed = seal(key, version, plaintext, bindTo(...place));
        assert.equal(sealed.length, 33 + plaintext.length);
        assert.equal(keyVersionOf(sealed), version);
        assert.deepEqual(new Uint8Array(open(key, sealed, bindTo(...place))), plaintext);
        // A store may hand back a plain Uint8Array that starts in the middle of something else.
        const within = new Uint8Array([9, 9, 9, ...sealed]).subarray(3);
        assert.equal(keyVersionOf(within), version);
        assert.deepEqual(new Uint8Array(open(key, within, bindTo(...place))), plaintext);
      },
    ),
  );
});

test('a value that was sealed long ago still opens', () => {
  const key = createSecretKey(Buffer.alloc(32, 0x42));
  const sealed = bytes(
    '0100000007d941402d0ba7c69dec66181b7db3fe2e385f8b4d6fdd8ca13b215a100ad0bf07098a24343cb1ffa50456e35f49',
  );
  assert.equal(keyVersionOf(sealed), 7);
  assert.equal(open(key, sealed, bindTo('authenticators', 'secret', '1')).toString(), 'a key of long ago');
});

test('every flipped bit, every truncation and every added byte is noticed', () => {
  const key = newKey();
  const place = bindTo('authenticators', 'secret', 'company', 'account');
  const sealed = seal(key, 1, randomBytes(20), place);
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const flipped = Buffer.from(sealed);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    assert.throws(() => open(key, flipped, place), unreadable, `bit ${bit}`);
  }
  for (let length = 0; length < sealed.length; length += 1) {
    assert.throws(() => open(key, sealed.subarray(0, length), place), unreadable, `length ${length}`);
  }
  assert.throws(() => open(key, Buffer.concat([sealed, Buffer.of(0)]), place), unreadable);
});

test('another row, another key and another version do not open it', () => {
  const key = newKey();
  const place = bindTo('authenticators', 'secret', 'company', 'account', 'id', 'totp');
  const sealed = seal(key, 1, Buffer.from('secret'), place);
  const otherPlaces = [
    bindTo('authenticators', 'secret', 'company', 'other', 'id', 'totp'),
    bindTo('authenticators', 'secret', 'companya', 'ccount', 'id', 'totp'),
    Buffer.alloc(0),
  ];
  for (const other of otherPlaces) assert.throws(() => open(key, sealed, other), unreadable);
  assert.throws(() => open(newKey(), sealed, place), unreadable);
  // The version stands in clear but is authenticated: it cannot be made to point at another key.
  const renamed = Buffer.from(sealed);
  renamed.writeUInt32BE(2, 1);
  assert.throws(() => open(key, renamed, place), unreadable);
});

test('another suite is refused, however well it was sealed', () => {
  const key = newKey();
  const sealed = seal(key, 1, Buffer.from('secret'), Buffer.alloc(0));
  sealed.writeUInt8(2, 0);
  const header = sealed.subarray(0, 5);
  const made = encryptAesGcm(key, sealed.subarray(5, 17), Buffer.from('secret'), header);
  const genuine = Buffer.concat([sealed.subarray(0, 17), made.ciphertext, made.tag]);
  assert.throws(() => keyVersionOf(genuine), unreadable);
  assert.throws(() => open(key, genuine, Buffer.alloc(0)), unreadable);
});

test('no nonce comes twice', () => {
  const key = newKey();
  const nonces = new Set<string>();
  for (let round = 0; round < 5000; round += 1) {
    nonces.add(seal(key, 1, Buffer.of(1), Buffer.alloc(0)).subarray(5, 17).toString('hex'));
  }
  assert.equal(nonces.size, 5000);
});

test('a version that is no unsigned 32-bit number cannot seal', () => {
  for (const version of [-1, 2 ** 32]) {
    assert.throws(() => seal(newKey(), version, Buffer.of(1), Buffer.alloc(0)), RangeError);
  }
});
