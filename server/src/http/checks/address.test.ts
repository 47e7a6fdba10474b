// The address a request counts for. Whoever can choose it has as many counters as they like, so only proxies that we
// were told of may speak for others, and of what they pass on only what they saw themselves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createAddressReader } from './address.ts';

const trusting = (...proxies: readonly string[]) => createAddressReader(proxies);

test('without trusted proxies it is the peer’s, whatever the header says', () => {
  const addressOf = trusting();
  assert.equal(addressOf('192.0.2.1', undefined), '192.0.2.1');
  assert.equal(addressOf('192.0.2.1', '198.51.100.7'), '192.0.2.1');
  assert.equal(addressOf('127.0.0.1', '198.51.100.7'), '127.0.0.1');
  assert.equal(addressOf('2001:db8::1', '198.51.100.7'), '2001:db8::1');
  assert.equal(addressOf(undefined, '198.51.100.7'), 'unknown');
});

test('an IPv4 address that comes in over IPv6 is that IPv4 address', () => {
  assert.equal(trusting()('::ffff:192.0.2.1', undefined), '192.0.2.1');
  assert.equal(trusting('10.0.0.1')('::ffff:10.0.0.1', '::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(trusting('10.0.0.0/8')('::ffff:10.9.9.9', '192.0.2.1'), '192.0.2.1');
});

test('a peer that is not trusted cannot speak for others', () => {
  const addressOf = trusting('10.0.0.0/8', '2001:db8:1::/48');
  for (const peer of ['11.0.0.1', '192.0.2.1', '2001:db8:2::1', '::1']) {
    assert.equal(addressOf(peer, '198.51.100.7'), peer);
  }
});

test('behind a trusted proxy it is what the proxy saw; what stands before it anybody may have written', () => {
  const addressOf = trusting('10.0.0.0/8', '2001:db8:1::/48');
  const seen: readonly (readonly [string, string])[] = [
    ['198.51.100.7', '198.51.100.7'],
    ['1.2.3.4, 198.51.100.7', '198.51.100.7'],
    ['1.2.3.4,5.6.7.8,198.51.100.7', '198.51.100.7'],
    ['10.0.0.9, 198.51.100.7', '198.51.100.7'],
    ['127.0.0.1, 198.51.100.7', '198.51.100.7'],
    ['  198.51.100.7  ', '198.51.100.7'],
    ['1.2.3.4, 2001:db8:2::7', '2001:db8:2::7'],
  ];
  for (const peer of ['10.0.0.1', '::ffff:10.0.0.1', '2001:db8:1::5']) {
    for (const [header, expected] of seen) assert.equal(addressOf(peer, header), expected, header);
  }
});

test('through several trusted proxies it is the last address that is none of them', () => {
  const addressOf = trusting('10.0.0.0/8');
  assert.equal(addressOf('10.0.0.1', '1.2.3.4, 198.51.100.7, 10.0.0.2'), '198.51.100.7');
  assert.equal(addressOf('10.0.0.1', '198.51.100.7, 10.0.0.3, 10.0.0.2'), '198.51.100.7');
  assert.equal(addressOf('10.0.0.1', '10.0.0.3, 10.0.0.2'), '10.0.0.3');
});

test('a proxy that passes on nothing, or nonsense, counts for itself', () => {
  const addressOf = trusting('10.0.0.1', '10.0.0.2');
  for (const header of [
    undefined,
    '',
    ',',
    'unknown',
    '198.51.100.7, nonsense',
    '1.2.3',
    '1.2.3.4:80',
    '<x>',
  ]) {
    assert.equal(addressOf('10.0.0.1', header), '10.0.0.1', header);
  }
  assert.equal(addressOf('10.0.0.1', '198.51.100.7, nonsense, 10.0.0.2'), '10.0.0.2');
});

test('single addresses and networks of both kinds, to their very edges', () => {
  const addressOf = trusting('10.1.0.0/16', '192.0.2.7', '2001:db8::/33', '2001:db8:ffff::1');
  const isTrusted = (peer: string) => addressOf(peer, '198.51.100.9') === '198.51.100.9';
  for (const peer of ['10.1.0.0', '10.1.255.255', '192.0.2.7', '2001:db8:7fff::1', '2001:db8:ffff::1']) {
    assert.equal(isTrusted(peer), true, peer);
  }
  for (const peer of ['10.0.255.255', '10.2.0.0', '192.0.2.6', '2001:db8:8000::1', '2001:db8:ffff::2']) {
    assert.equal(isTrusted(peer), false, peer);
  }
});

test('an address with a zone, as a neighbour on the same link has it, is no reason to fail', () => {
  assert.equal(trusting('10.0.0.1')('fe80::1%eth0', '198.51.100.7'), 'fe80::1%eth0');
  assert.equal(trusting('10.0.0.1')('10.0.0.1', 'fe80::1%eth0'), 'fe80::1%eth0');
});

test('whatever the header says, it never throws, and gives the peer or an address', () => {
  const addressOf = trusting('10.0.0.0/8');
  const hop = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string(),
    fc.constantFrom('10.0.0.2', '::ffff:10.0.0.2', ' '),
  );
  fc.assert(
    fc.property(fc.constantFrom('10.0.0.1', '192.0.2.1'), fc.array(hop, { maxLength: 6 }), (peer, hops) => {
      const address = addressOf(peer, hops.join(','));
      if (peer === '192.0.2.1') assert.equal(address, peer);
      else assert.match(address, /^[0-9a-f.:]+(%.*)?$/i);
    }),
  );
});
