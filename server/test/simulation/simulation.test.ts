// Random histories in virtual time, a minute of them in `npm test` and an hour in `npm run test:long`. A history that
// breaks a rule is printed with its seed; SECONDRING_TEST_SEED plays it again, exactly.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstSeed, isLong } from '../support/chance.ts';
import { playHistory } from './history.ts';

const playForMs = (isLong ? 60 : 1) * 60 * 1000;
const hourMs = 60 * 60 * 1000;

test('one seed is one history', async () => {
  const seed = firstSeed();
  const [first, second] = [await playHistory(seed), await playHistory(seed)];
  assert.deepEqual(second, first);
  assert.notEqual((await playHistory(seed + 1)).digest, first.digest);
});

test('no history breaks a rule', { timeout: playForMs + hourMs }, async (context) => {
  const untilMs = performance.now() + playForMs;
  let histories = 0;
  const sum = { signIns: 0, faults: 0, virtualMs: 0 };
  for (let seed = firstSeed(); performance.now() < untilMs; seed += 1) {
    const played = await playHistory(seed);
    histories += 1;
    for (const name of ['signIns', 'faults', 'virtualMs'] as const) sum[name] += played[name];
  }
  const virtualHours = Math.round(sum.virtualMs / hourMs);
  context.diagnostic(
    `${histories} histories: ${sum.signIns} sign-ins, ${sum.faults} faults, ${virtualHours} hours`,
  );
  assert.ok(sum.signIns > histories && sum.faults > histories, 'histories in which something happens');
});
