// A5. One name, many counters. Authelia (CVE-2025-24806) counted wrong passwords by the name as typed while the
// directory found the same person under several spellings: with each spelling the attacker had a fresh allowance.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passwordRule } from '#core/throttle.ts';
import { newPerson, questionOn } from '../support/person.ts';
import { onEachEngine, password } from '../support/service-under-test.ts';

/** All of them are one name after NFKC, trimming and lower case. */
const spellings = [
  'spelled@proef.test',
  'Spelled@Proef.Test',
  'SPELLED@PROEF.TEST',
  '  spelled@proef.test',
  'spelled@proef.test \u3000',
  'ｓｐｅｌｌｅｄ＠ｐｒｏｅｆ．ｔｅｓｔ',
  '𝘀𝗽𝗲𝗹𝗹𝗲𝗱@proef.test',
  'ſpelled@proef.teſt',
];

onEachEngine('A5 a name spelled otherwise', (running) => {
  test('the tries at all spellings are counted together, and each spelling is the person', async () => {
    const service = running();
    const person = await newPerson(service, 'spelled');
    for (const username of spellings) {
      const page = await person.submit(await person.open(), '/password', { username, password });
      assert.equal(questionOn(page), 'set-up', `${username} is not known`);
    }

    const comparisons = service.comparisons();
    const page = await person.open();
    const statuses: number[] = [];
    for (const username of [...spellings, ...spellings]) {
      statuses.push((await person.submit(page, '/password', { username, password: 'wrong' })).status);
    }
    const compared = statuses.filter((status) => status === 422).length;
    const [freeTries, waitsAfter] = [5, 6];
    assert.equal(passwordRule.waitAfterMs(freeTries), 0);
    assert.equal(compared, waitsAfter);
    assert.deepEqual(new Set(statuses.slice(waitsAfter)), new Set([429]));
    // With the password in force, and with one that may wait.
    assert.equal(service.comparisons() - comparisons, 2 * compared);
    const counters = await service.rows(`select key from tries where key like 'password:%'`);
    assert.equal(counters.length, 1);
  });

  test('the code counter is the account’s, whatever name it was asked for by', async () => {
    const service = running();
    const person = await newPerson(service, 'counted');
    await person.signIn();
    service.clock.toNextStep();
    for (const username of ['counted@proef.test', 'COUNTED@proef.test', ' Counted@PROEF.test']) {
      const page = await person.submit(await person.open(), '/password', { username, password });
      assert.equal((await person.giveCode(page, person.wrongCode())).status, 422);
    }
    const counters = await service.rows(`select key, count from tries where key like 'otp:%'`);
    assert.deepEqual(
      counters.map((row) => [row['key'], Number(row['count'])]),
      [[`otp:${person.accountId}`, 3]],
    );
  });
});
