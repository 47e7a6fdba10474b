// Our cookies: how they are written, and that nothing in a Cookie header confuses the reading of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createCookies, parseCookies } from './cookies.ts';

const secure = createCookies(true);
const local = createCookies(false);

test('under https every cookie of ours is for this host only', () => {
  assert.equal(
    secure.write({ cookie: 'browser', value: 'abc' }),
    '__Host-secondring-browser=abc; Path=/; HttpOnly; SameSite=Lax; Secure',
  );
  assert.equal(
    secure.write({ cookie: 'session', value: 'abc' }),
    '__Host-secondring-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=43200',
  );
  assert.equal(
    secure.write({ cookie: 'language', value: 'nl' }),
    '__Host-secondring-language=nl; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=34560000',
  );
});

test('so is the OIDC library’s session cookie', () => {
  assert.equal(
    secure.write({ cookie: 'oidcSession', value: 'abc' }),
    '__Host-secondring-oidc-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=43200',
  );
});

test('on http://localhost they have their plain names', () => {
  assert.equal(
    local.write({ cookie: 'session', value: 'abc' }),
    'secondring-session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200',
  );
});

test('an empty value takes the cookie away, also one that ends with the browser', () => {
  for (const cookie of ['browser', 'session', 'oidcSession', 'language'] as const) {
    assert.match(secure.write({ cookie, value: '' }), /=; Path=\/; .*; Max-Age=0$/);
  }
});

const token = `${'Az09-_'.repeat(7)}x`;

test('what was written is what is read', () => {
  for (const cookies of [secure, local]) {
    for (const cookie of ['browser', 'session', 'oidcSession', 'language'] as const) {
      const header = cookies.write({ cookie, value: token }).split(';')[0];
      assert.equal(cookies.read(parseCookies(`other=1; ${header}; last=2`), cookie), token);
      assert.equal(cookies.read(parseCookies('other=1'), cookie), undefined);
    }
  }
});

test('a key or token that we cannot have given out is none: one that anybody would guess could be shared', () => {
  const values = [
    '',
    'a',
    token.slice(1),
    `${token}x`,
    `${token.slice(1)}.`,
    `${token.slice(1)}é`,
    `"${token}"`,
  ];
  for (const value of values) {
    for (const cookie of ['browser', 'session', 'oidcSession'] as const) {
      assert.equal(local.read(parseCookies(`${local.nameOf(cookie)}=${value}`), cookie), undefined, value);
    }
  }
  assert.equal(local.read(parseCookies('secondring-language=nl'), 'language'), 'nl');
});

test('under https a cookie of the plain name is not ours: a neighbour host could have set it', () => {
  const planted = parseCookies(`secondring-session=${token}; secondring-browser=${token}`);
  assert.equal(secure.read(planted, 'session'), undefined);
  assert.equal(secure.read(planted, 'browser'), undefined);
  assert.equal(local.read(planted, 'session'), token);
  assert.equal(local.read(parseCookies(`__Host-secondring-session=${token}`), 'session'), undefined);
});

test('odd headers', () => {
  const read = (header: string | undefined) => Object.fromEntries(parseCookies(header));
  assert.deepEqual(read(undefined), {});
  assert.deepEqual(read(''), {});
  assert.deepEqual(read('a=1;b=2;  c = 3 '), { a: '1', b: '2', c: '3' });
  assert.deepEqual(read('a=first; a=second'), { a: 'first' });
  assert.deepEqual(read('a=b=c=='), { a: 'b=c==' });
  assert.deepEqual(read('a;=b; ; ;;c=1'), { c: '1' });
  assert.deepEqual(read('a="quoted"; b=%41'), { a: '"quoted"', b: '%41' });
  assert.equal(parseCookies('__proto__=1').get('__proto__'), '1');
  assert.equal(parseCookies('a=1').get('constructor'), undefined);
});

test('a header of more than 16 KiB is not read', () => {
  const filled = (length: number) => `a=1; b=${'x'.repeat(length - 7)}`;
  assert.equal(filled(16 * 1024).length, 16 * 1024);
  assert.equal(parseCookies(filled(16 * 1024)).get('a'), '1');
  assert.equal(parseCookies(filled(16 * 1024 + 1)).size, 0);
});

test('whatever the header is, reading it never throws, and what it gives stood in it', () => {
  const header = fc.string({ unit: fc.constantFrom(...'ab=; "%\t\u0000é🔑'), maxLength: 80 });
  fc.assert(
    fc.property(header, (text) => {
      for (const [name, value] of parseCookies(text)) {
        assert.ok(text.includes(name) && text.includes(value));
        assert.ok(!`${name}${value}`.includes(';') && !name.includes('='));
        assert.equal(name, name.trim());
      }
    }),
    { numRuns: 2000 },
  );
});
