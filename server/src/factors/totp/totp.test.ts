// Published vectors, our own verdicts as data, the window by exhaustion, and an implementation by others.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import crypto, { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Verdict } from '#core/verdict.ts';
import {
  defaultTotpParameters,
  generateTotpKey,
  initialTotpState,
  stepAt,
  type TotpAlgorithm,
  type TotpParameters,
  type TotpState,
  totpCode,
  totpMac,
  verifyTotp,
} from './totp.ts';

interface VerifyVector {
  readonly name: string;
  readonly lastStep: number;
  readonly driftSteps: number;
  readonly timeSeconds: number;
  readonly strict?: boolean;
  readonly response: unknown;
  readonly expect: Verdict<TotpState>;
}

const vectors: {
  readonly keys: Record<TotpAlgorithm, string>;
  readonly rfc6238: readonly { algorithm: TotpAlgorithm; timeSeconds: number; code: string }[];
  readonly rfc4226: readonly { counter: number; mac: string; code: string }[];
  readonly verify: readonly VerifyVector[];
} = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8'));

const key = createSecretKey(Buffer.from(vectors.keys['SHA-1'], 'ascii'));
const nowMs = 1_700_000_000_000;
const current = stepAt(nowMs, defaultTotpParameters);

test('RFC 6238 appendix B', () => {
  assert.equal(vectors.rfc6238.length, 18);
  for (const { algorithm, timeSeconds, code } of vectors.rfc6238) {
    const parameters: TotpParameters = { algorithm, digits: 8, periodSeconds: 30 };
    const bytes = Buffer.from(vectors.keys[algorithm], 'ascii');
    const step = stepAt(timeSeconds * 1000, parameters);
    assert.equal(totpCode(bytes, step, parameters), code, `${algorithm} at ${timeSeconds}`);
    assert.equal(totpCode(createSecretKey(bytes), step, parameters), code, `${algorithm}, KeyObject`);
  }
});

test('RFC 4226 appendix D', () => {
  assert.equal(vectors.rfc4226.length, 10);
  for (const { counter, mac, code } of vectors.rfc4226) {
    const message = Buffer.alloc(8);
    message.writeBigUInt64BE(BigInt(counter));
    assert.equal(totpMac(key, 'SHA-1', message).toString('hex'), mac);
    assert.equal(totpCode(key, counter, defaultTotpParameters), code);
  }
});

test('Wycheproof HMAC-SHA-1', () => {
  const file = new URL('../../../test/vectors/wycheproof/hmac_sha1_test.json', import.meta.url);
  const wycheproof: {
    testGroups: readonly {
      tagSize: number;
      tests: readonly { tcId: number; key: string; msg: string; tag: string; result: string }[];
    }[];
  } = JSON.parse(readFileSync(file, 'utf8'));
  let ran = 0;
  for (const group of wycheproof.testGroups) {
    for (const vector of group.tests) {
      const mac = totpMac(Buffer.from(vector.key, 'hex'), 'SHA-1', Buffer.from(vector.msg, 'hex'));
      const isEqual = mac.subarray(0, group.tagSize / 8).toString('hex') === vector.tag;
      assert.equal(isEqual, vector.result === 'valid', `tcId ${vector.tcId}`);
      ran += 1;
    }
  }
  assert.equal(ran, 170);
});

for (const vector of vectors.verify) {
  test(`verdict: ${vector.name}`, () => {
    const { lastStep, driftSteps, timeSeconds, strict = false, response, expect } = vector;
    const verdict = verifyTotp({
      key,
      parameters: defaultTotpParameters,
      state: { lastStep, driftSteps },
      response,
      nowMs: timeSeconds * 1000,
      strict,
    });
    assert.deepEqual(verdict, expect);
  });
}

test('a step starts and ends with its first and last millisecond', () => {
  assert.equal(stepAt(0, defaultTotpParameters), 0);
  assert.equal(stepAt(29_999, defaultTotpParameters), 0);
  assert.equal(stepAt(30_000, defaultTotpParameters), 1);
  assert.equal(stepAt(59_999, { ...defaultTotpParameters, periodSeconds: 60 }), 0);
});

test('there is no code for a step that is no whole number', () => {
  for (const step of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    assert.throws(() => totpCode(key, step, defaultTotpParameters), RangeError);
  }
});

test('the first steps of time have no older neighbor and need none', () => {
  const verdict = verifyTotp({
    key,
    parameters: defaultTotpParameters,
    state: { ...initialTotpState, driftSteps: -1 },
    response: '755224',
    nowMs: 31_000,
  });
  assert.deepEqual(verdict, { verdict: 'accepted', next: { lastStep: 0, driftSteps: -1 } });
});

test('offsets of ten steps either way: the accepted set is the documented one, for each drift', () => {
  for (const strict of [false, true]) {
    for (let driftSteps = -1; driftSteps <= 1; driftSteps += 1) {
      const accepted: number[] = [];
      for (let offset = -10; offset <= 10; offset += 1) {
        const response = totpCode(key, current + offset, defaultTotpParameters);
        const state = { lastStep: current - 100, driftSteps };
        const verdict = verifyTotp({
          key,
          parameters: defaultTotpParameters,
          state,
          response,
          nowMs,
          strict,
        });
        if (verdict.verdict === 'refused') continue;
        accepted.push(offset);
        assert.equal(verdict.next.lastStep, current + offset);
        assert.ok(Math.abs(verdict.next.driftSteps - driftSteps) <= 1);
        assert.ok(Math.abs(verdict.next.driftSteps) <= 1);
      }
      const documented = strict ? [driftSteps] : [driftSteps - 1, driftSteps, driftSteps + 1];
      assert.deepEqual(accepted, documented, `drift ${driftSteps}, ${strict ? 'strict' : 'ordinary'}`);
    }
  }
});

test('the same digits never pass twice, also where two steps share a code', () => {
  // Two neighboring steps share their six digits once in a million steps; of this key these are the first.
  const step = 910_737;
  assert.equal(totpCode(key, step, defaultTotpParameters), totpCode(key, step + 1, defaultTotpParameters));
  const response = totpCode(key, step, defaultTotpParameters);
  const attempt = { key, parameters: defaultTotpParameters, response, nowMs: step * 30_000 };
  const first = verifyTotp({ ...attempt, state: initialTotpState });
  assert.deepEqual(first, { verdict: 'accepted', next: { lastStep: step + 1, driftSteps: 1 } });
  for (const lastStep of [step, step + 1]) {
    const again = verifyTotp({ ...attempt, state: { lastStep, driftSteps: 0 } });
    assert.deepEqual(again, { verdict: 'refused', reason: 'used' });
  }
});

test('random histories: accepted steps only rise, inside the window of that moment', () => {
  const event = fc.record({
    passesSeconds: fc.integer({ min: -400, max: 90 }),
    offset: fc.integer({ min: -4, max: 4 }),
    strict: fc.boolean(),
  });
  const history = fc.tuple(
    fc.uint8Array({ minLength: 20, maxLength: 20 }),
    fc.array(event, { maxLength: 30 }),
  );
  fc.assert(
    fc.property(history, ([keyBytes, events]) => {
      let clockMs = nowMs;
      let state = initialTotpState;
      for (const { passesSeconds, offset, strict } of events) {
        clockMs += passesSeconds * 1000;
        const now = Math.floor(clockMs / 30_000);
        const response = totpCode(keyBytes, now + offset, defaultTotpParameters);
        const verdict = verifyTotp({
          key: keyBytes,
          parameters: defaultTotpParameters,
          state,
          response,
          nowMs: clockMs,
          strict,
        });
        const isInWindow = Math.abs(offset - state.driftSteps) <= (strict ? 0 : 1);
        const expected = !isInWindow ? 'wrong' : now + offset <= state.lastStep ? 'used' : 'accepted';
        assert.equal(verdict.verdict === 'accepted' ? 'accepted' : verdict.reason, expected);
        if (verdict.verdict === 'refused') continue;
        assert.ok(verdict.next.lastStep > state.lastStep);
        state = verdict.next;
      }
    }),
    // Fixed, because codes of six digits collide once in a million and would then fail for no reason.
    { seed: 6238, numRuns: 300 },
  );
});

test('right, used and wrong codes cost the same HMACs and comparisons', (t) => {
  const codes = {
    right: totpCode(key, current, defaultTotpParameters),
    first: totpCode(key, current - 1, defaultTotpParameters),
    wrong: totpCode(key, current + 5, defaultTotpParameters),
  };
  const createHmac = t.mock.method(crypto, 'createHmac');
  const timingSafeEqual = t.mock.method(crypto, 'timingSafeEqual');
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const work = (response: string, lastStep: number, strict: boolean) => {
    const before = [createHmac.mock.callCount(), timingSafeEqual.mock.callCount()] as const;
    verifyTotp({
      key,
      parameters: defaultTotpParameters,
      state: { lastStep, driftSteps: 0 },
      response,
      nowMs,
      strict,
    });
    return [createHmac.mock.callCount() - before[0], timingSafeEqual.mock.callCount() - before[1]];
  };
  for (const [response, lastStep] of [
    [codes.right, current - 100],
    [codes.right, current],
    [codes.first, current - 100],
    [codes.first, current],
    [codes.wrong, current - 100],
  ] as const) {
    assert.deepEqual(work(response, lastStep, false), [3, 3]);
    assert.deepEqual(work(response, lastStep, true), [1, 1]);
  }
});

test('a key is 160 bits straight from the random source', () => {
  const asked: number[] = [];
  const made = generateTotpKey((bytes) => {
    asked.push(bytes);
    return new Uint8Array(bytes).fill(7);
  });
  assert.deepEqual(asked, [20]);
  assert.deepEqual(made, new Uint8Array(20).fill(7));
  assert.throws(() => generateTotpKey(() => new Uint8Array(19)), RangeError);
});

const hasOathtool = spawnSync('oathtool', ['--version']).status === 0;
const absent = 'oathtool is not on this machine (Debian: apt-get install oathtool)';

test('600 random codes agree with oathtool', { skip: hasOathtool ? false : absent }, () => {
  const sample = fc.sample(
    fc.record({
      key: fc.uint8Array({ minLength: 10, maxLength: 64 }),
      algorithm: fc.constantFrom<TotpAlgorithm>('SHA-1', 'SHA-256', 'SHA-512'),
      digits: fc.constantFrom<6 | 8>(6, 8),
      periodSeconds: fc.constantFrom(30, 60),
      timeSeconds: fc.integer({ min: 0, max: 4_102_444_800 }),
    }),
    600,
  );
  const commands = sample.map(({ key: bytes, algorithm, digits, periodSeconds, timeSeconds }) => {
    const mode = `--totp=${algorithm.replace('-', '')} -d ${digits} --time-step-size=${periodSeconds}s`;
    return `oathtool ${mode} --now=@${timeSeconds} ${Buffer.from(bytes).toString('hex')}`;
  });
  // One shell for all of them: starting it 600 times would take most of the time.
  const shell = spawnSync('sh', ['-e'], { input: commands.join('\n'), encoding: 'utf8' });
  assert.equal(shell.status, 0, shell.stderr);
  const theirs = shell.stdout.trim().split('\n');
  const ours = sample.map(({ key: bytes, timeSeconds, ...parameters }) =>
    totpCode(bytes, stepAt(timeSeconds * 1000, parameters), parameters),
  );
  assert.equal(theirs.length, 600);
  for (const [index, code] of ours.entries()) assert.equal(code, theirs[index], commands[index]);
});
