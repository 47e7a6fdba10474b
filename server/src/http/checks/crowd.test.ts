// A network has so many beginnings at once and so many more a second; other networks do not notice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '#core/errors.ts';
import { burst, createCrowdCheck, perSecond } from './crowd.ts';

function crowd() {
  let nowMs = 1_000_000;
  const check = createCrowdCheck(() => nowMs);
  const passes = (address: string) => {
    try {
      check(address);
      return true;
    } catch (error) {
      assert.ok(isFault(error, 'busy'));
      assert.equal(error.retryAfterSeconds, 1);
      return false;
    }
  };
  return { passes, advance: (ms: number) => (nowMs += ms) };
}

test('a burst at once, then so many a second, never more than a burst', () => {
  const { passes, advance } = crowd();
  const admitted = (tries: number) =>
    Array.from({ length: tries }, () => passes('192.0.2.1')).filter(Boolean).length;
  assert.equal(admitted(2 * burst), burst);
  advance(1000);
  assert.equal(admitted(burst), perSecond);
  advance(60 * 60_000);
  assert.equal(admitted(2 * burst), burst);
});

test('a network is a line of its own: the first 64 bits of IPv6, an address of IPv4', () => {
  const { passes } = crowd();
  for (let times = 0; times < burst; times += 1) passes(`2001:db8::${times.toString(16)}`);
  assert.equal(passes('2001:db8::ffff'), false);
  assert.equal(passes('2001:db8:0:1::1'), true);
  assert.equal(passes('192.0.2.1'), true);
});

test('a clock that goes back gives nothing and takes nothing', () => {
  const { passes, advance } = crowd();
  for (let times = 0; times < burst; times += 1) passes('192.0.2.1');
  advance(-3_600_000);
  assert.equal(passes('192.0.2.1'), false);
  advance(1000);
  assert.equal(passes('192.0.2.1'), true);
});

test('of very many networks the one seen longest ago is forgotten', () => {
  const { passes } = crowd();
  for (let times = 0; times <= burst; times += 1) passes('192.0.2.1');
  for (let network = 0; network < 10_000; network += 1) passes(`10.0.${network >> 8}.${network & 255}`);
  assert.equal(passes('192.0.2.1'), true);
});
