// Who asks: the network that an address stands for in counters, and identifiers and tokens that nobody guesses.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Ports } from '#core/ports.ts';
import { circumstancesOf, hashOfToken, networkOf, newId, newToken } from './visitor.ts';

const nowMs = 1_700_000_000_000;
const ports = { random: (length: number) => randomBytes(length), nowMs: () => nowMs };

const networks: readonly (readonly [string, string])[] = [
  ['192.0.2.1', '192.0.2.1'],
  ['unknown', 'unknown'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:0:0:ffff::1', '2001:db8:0:0::/64'],
  ['2001:db8::a:b:c:d:e', '2001:db8:0:a::/64'],
  ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
  ['::1:2:3:4:5:6:7', '0:1:2:3::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['FE80::2%eth1', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
];

for (const [address, network] of networks) {
  test(`${address} counts as ${network}`, () => assert.equal(networkOf(address), network));
}

test('all addresses of one line are one network, in every spelling, and the next line is another', () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  const four = fc.tuple(group, group, group, group);
  const spelled = (groups: readonly number[], width: number) =>
    groups.map((one) => one.toString(16).padStart(width, '0')).join(':');
  fc.assert(
    fc.property(four, four, four, (line, one, other) => {
      const network = networkOf(`${spelled(line, 1)}:${spelled(one, 1)}`);
      assert.equal(networkOf(`${spelled(line, 4)}:${spelled(other, 4)}`.toUpperCase()), network);
      const next = [line[0], line[1], line[2], line[3] ^ 1] as const;
      assert.notEqual(networkOf(`${spelled(next, 1)}:${spelled(one, 1)}`), network);
    }),
  );
});

test('whatever stands for an address, there is a network and no fault', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.ipV6(), fc.ipV4()),
      (address) => typeof networkOf(address) === 'string',
    ),
  );
});

test('a token is 256 random bits, and is known by its hash', () => {
  const bytes = Buffer.from(newToken(ports), 'base64url');
  assert.equal(bytes.length, 32);
  const fixed = newToken({ random: (length) => new Uint8Array(length).fill(0xab) });
  assert.equal(fixed, Buffer.alloc(32, 0xab).toString('base64url'));
  assert.deepEqual(hashOfToken('token'), createHash('sha256').update('token').digest());
});

test('an identifier begins with its time, so that identifiers sort by when they were made', () => {
  const at = (ms: number) => newId({ ...ports, nowMs: () => ms });
  const times = [0, 1, 31, 32, nowMs - 1, nowMs, nowMs + 1, 2 ** 48 - 1];
  const made = times.map(at);
  assert.deepEqual(made, made.toSorted());
  assert.equal(at(0).slice(0, 10), '0000000000');
  assert.equal(at(2 ** 48 - 1).slice(0, 10), '7zzzzzzzzz');
  // 1,700,000,000,000 in Crockford's base32, worked out with another program.
  assert.equal(at(nowMs).slice(0, 10), '01hf7yat00');
});

test('the rest of an identifier is 80 random bits, every symbol as likely as any other', () => {
  assert.match(newId(ports), /^[0-9a-hjkmnp-tv-z]{26}$/);
  const counts = new Map<string, number>();
  for (let byte = 0; byte < 256; byte += 1) {
    const id = newId({ ...ports, random: (length) => new Uint8Array(length).fill(byte) });
    const symbols = new Set(id.slice(10));
    assert.equal(symbols.size, 1);
    for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  }
  assert.equal(counts.size, 32);
  assert.deepEqual(new Set(counts.values()), new Set([8]));
  assert.equal(new Set(Array.from({ length: 1000 }, () => newId(ports))).size, 1000);
});

test('what a decision is told of the request: the time, fresh identifiers, and no more than is needed', () => {
  const visitor = {
    browserKey: 'key',
    address: '192.0.2.1',
    userAgent: 'x'.repeat(300),
    sessionToken: 'token',
    language: 'nl',
  } as const;
  const circumstances = circumstancesOf(ports as unknown as Ports, visitor);
  assert.equal(circumstances.nowMs, nowMs);
  assert.deepEqual(circumstances.personal, { address: '192.0.2.1', userAgent: 'x'.repeat(256) });
  assert.notEqual(circumstances.mint(), circumstances.mint());
});
