import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase32 } from './base32.ts';
import { keyAsText, keyUri } from './key-uri.ts';
import { defaultTotpParameters } from './totp.ts';

const key = Buffer.from('12345678901234567890');

/** Reads a key URI the way the apps do: decode the label first, then split it at the first colon. */
function readAsApp(uri: string) {
  const url = new URL(uri);
  const label = decodeURIComponent(url.pathname.replace(/^\/+totp\/|^\/+/, ''));
  const colon = label.indexOf(':');
  return {
    label,
    issuer: label.slice(0, colon),
    accountName: label.slice(colon + 1),
    query: url.searchParams,
  };
}

test('the URI of an ordinary account', () => {
  assert.equal(
    keyUri({
      issuer: 'Voys & Co',
      accountName: 'jan+1@bedrijf.example',
      key,
      parameters: defaultTotpParameters,
    }),
    'otpauth://totp/Voys%20%26%20Co:jan%2B1%40bedrijf.example' +
      '?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Voys%20%26%20Co&algorithm=SHA1&digits=6&period=30',
  );
});

test('other parameters are named as the format names them', () => {
  const uri = keyUri({
    issuer: 'A',
    accountName: 'b',
    key,
    parameters: { algorithm: 'SHA-256', digits: 8, periodSeconds: 60 },
  });
  const { query } = readAsApp(uri);
  assert.deepEqual([query.get('algorithm'), query.get('digits'), query.get('period')], ['SHA256', '8', '60']);
});

test('no name moves the border between issuer and account, or adds a parameter', () => {
  const name = fc.string({
    unit: fc.oneof(fc.constantFrom(...':%/?&=#+ \ud800\u0000é漢'), fc.string()),
    maxLength: 12,
  });
  fc.assert(
    fc.property(name, name, (issuer, accountName) => {
      const uri = keyUri({ issuer, accountName, key, parameters: defaultTotpParameters });
      assert.match(uri, /^otpauth:\/\/totp\/[^:?#/]*:[^:?#/]*\?[^?#]*$/);
      const read = readAsApp(uri);
      assert.equal(read.label.split(':').length, 2);
      const shown = (text: string) => text.trim().toWellFormed().replaceAll(':', '∶');
      assert.equal(read.issuer, shown(issuer));
      assert.equal(read.accountName, shown(accountName));
      assert.equal(read.query.get('issuer'), read.issuer);
      assert.deepEqual([...read.query.keys()], ['secret', 'issuer', 'algorithm', 'digits', 'period']);
    }),
  );
});

test('the key in the URI and the key to type are the key', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (bytes) => {
      const uri = keyUri({ issuer: 'A', accountName: 'b', key: bytes, parameters: defaultTotpParameters });
      assert.deepEqual(decodeBase32(readAsApp(uri).query.get('secret') ?? ''), bytes);
      assert.deepEqual(decodeBase32(keyAsText(bytes)), bytes);
    }),
  );
});

test('the key to type comes in groups of four', () => {
  assert.equal(keyAsText(key), 'GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ');
  assert.equal(keyAsText(Buffer.from('foobar')), 'MZXW 6YTB OI');
});
