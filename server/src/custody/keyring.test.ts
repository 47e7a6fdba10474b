import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { isFault } from '#core/errors.ts';
import { createKeyring, type DataKey, type DataKeyRow, type KeyPurpose } from './keyring.ts';
import { parseMasterKeys } from './master-key.ts';

const purposes: readonly KeyPurpose[] = [
  'seal',
  'binding-mac',
  'pepper-code',
  'pepper-recovery',
  'blind-index',
];
const newMasterKey = () => parseMasterKeys(randomBytes(32).toString('base64'))[0];
const hexOf = (dataKey: DataKey, purpose: KeyPurpose) => dataKey.subkey(purpose).export().toString('hex');
const unreadable = (error: unknown) => isFault(error, 'sealed-value-unreadable');

test('a data key of long ago opens, and gives the same subkeys', () => {
  // Made once; the subkeys were checked against another implementation of HKDF.
  const [masterKey] = parseMasterKeys('AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=');
  const row: DataKeyRow = {
    scope: 'provider',
    version: 3,
    masterKeyId: 'f554c3205f2a2053',
    wrapped: Buffer.from(
      '01f554c320111ee3fde8afa008951c67f8a6f37ec8c96fead4f18e1b66fb9b07c80740dca064ae248e6fb66e1cd06a6a000e6b7137586080df7f3b09b3b498c590',
      'hex',
    ),
  };
  const dataKey = createKeyring([masterKey]).openDataKey(row);
  assert.deepEqual([dataKey.scope, dataKey.version], ['provider', 3]);
  assert.deepEqual(
    purposes.map((purpose) => hexOf(dataKey, purpose)),
    [
      '6b0a8462c072dde27ea34422f7d2f172daadde2cedfc166dc62bce12ef88cb5d',
      'b201350ab6218c11b73fcd2fca4e6d01c03b146ef35c8f7dd0e6fdf9782b876d',
      '70808f447afa73f1ce43d7cb46e4fa22b6588088a3920849136d50a39fabc7f3',
      'fbede435fe27240c856b99383140208c0748fd1ec23b5a213e3f25286e537d2f',
      '563accbf9d45cca9da62740fc94a6c20e73f8f772b03a5aa4619f651fd7f5f3f',
    ],
  );
});

test('every scope, version and purpose has a key of its own', () => {
  const keyring = createKeyring([newMasterKey()]);
  const dataKeys = [
    keyring.openDataKey(keyring.newDataKey('provider', 1)),
    keyring.openDataKey(keyring.newDataKey('provider', 2)),
    keyring.openDataKey(keyring.newDataKey('company-a', 1)),
    keyring.openDataKey(keyring.newDataKey('company-b', 1)),
  ];
  const ofCompanies = purposes.filter((purpose) => purpose !== 'blind-index');
  const keys = dataKeys.flatMap((dataKey) =>
    (dataKey.scope === 'provider' ? purposes : ofCompanies).map((purpose) => hexOf(dataKey, purpose)),
  );
  assert.equal(keys.length, 18);
  assert.equal(new Set(keys).size, 18);
  assert.ok(keys.every((key) => key.length === 64));
});

test('the row of a data key does not show the key', () => {
  const keyring = createKeyring([newMasterKey()]);
  const one = keyring.newDataKey('company', 1);
  const two = keyring.newDataKey('company', 1);
  assert.equal(one.wrapped.length, 65);
  assert.notDeepEqual(one.wrapped, two.wrapped);
  assert.notEqual(hexOf(keyring.openDataKey(one), 'seal'), hexOf(keyring.openDataKey(two), 'seal'));
});

test('a subkey is derived once', () => {
  const keyring = createKeyring([newMasterKey()]);
  const dataKey = keyring.openDataKey(keyring.newDataKey('company', 1));
  assert.equal(dataKey.subkey('seal'), dataKey.subkey('seal'));
});

test('there is one blind index: a company has none', () => {
  const keyring = createKeyring([newMasterKey()]);
  const ofCompany = keyring.openDataKey(keyring.newDataKey('company', 1));
  assert.throws(() => ofCompany.subkey('blind-index'), RangeError);
});

test('a data key moved to another company or version, or changed, does not open', () => {
  const masterKey = newMasterKey();
  const keyring = createKeyring([masterKey]);
  const row = keyring.newDataKey('company-a', 1);
  const damaged = Buffer.from(row.wrapped);
  damaged.writeUInt8(damaged.readUInt8(30) ^ 1, 30);
  assert.throws(() => keyring.openDataKey({ ...row, scope: 'company-b' }), unreadable);
  assert.throws(() => keyring.openDataKey({ ...row, version: 2 }), unreadable);
  assert.throws(() => keyring.openDataKey({ ...row, wrapped: damaged }), unreadable);
  assert.throws(() => keyring.openDataKey({ ...row, wrapped: new Uint8Array() }), unreadable);
  // Another master key under the right name is still another key.
  const impostor = createKeyring([{ ...newMasterKey(), id: masterKey.id }]);
  assert.throws(() => impostor.openDataKey(row), unreadable);
});

test('replacing the master key: rewrapped rows open with the new one alone and keep their keys', () => {
  const [old, fresh] = [newMasterKey(), newMasterKey()];
  const before = createKeyring([old]);
  const during = createKeyring([fresh, old]);
  const after = createKeyring([fresh]);
  const row = before.newDataKey('company', 4);
  const isMissing = (error: unknown) => isFault(error, 'master-key-missing');

  assert.throws(() => after.openDataKey(row), isMissing);
  assert.throws(() => after.rewrap(row), isMissing);
  assert.equal(hexOf(during.openDataKey(row), 'seal'), hexOf(before.openDataKey(row), 'seal'));
  assert.equal(during.newDataKey('other', 1).masterKeyId, fresh.id);

  const rewrapped = during.rewrap(row);
  assert.deepEqual([rewrapped.scope, rewrapped.version, rewrapped.masterKeyId], ['company', 4, fresh.id]);
  assert.equal(hexOf(after.openDataKey(rewrapped), 'seal'), hexOf(before.openDataKey(row), 'seal'));
  // Done already: an interrupted rotation can simply be run again.
  assert.equal(during.rewrap(rewrapped), rewrapped);
});

test('key bytes are zeroed once they are imported', (t) => {
  const filled: Buffer[] = [];
  const { fill } = Buffer.prototype;
  t.mock.method(Buffer.prototype, 'fill', function (this: Buffer, ...args: Parameters<typeof fill>) {
    filled.push(this);
    return fill.apply(this, args);
  });
  const [masterKey] = parseMasterKeys(randomBytes(32).toString('base64'));
  const keyring = createKeyring([masterKey]);
  const row = keyring.newDataKey('company', 1);
  keyring.openDataKey(row).subkey('seal');
  // The master key, the new data key, the opened data key, the subkey.
  assert.equal(filled.filter((bytes) => bytes.length === 32).length, 4);
  assert.ok(filled.every((bytes) => bytes.every((byte) => byte === 0)));
});
