// A9, B25 again at the page for forgotten passwords: it says who has an account, by its words or by the time it takes,
// or it is made to flood somebody's mailbox. The request does the same for every name, down to each call of the store:
// it counts and leaves a note in the outbox. Who is behind the name is looked up only there.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '#core/changes.ts';
import type { Ports, Store } from '#core/ports.ts';
import { askForReset } from '#flows/forget-password.ts';
import type { Visitor } from '#flows/visitor.ts';
import { enrolledPerson, newPerson } from '../support/person.ts';
import { onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import { WebClient } from '../support/web-client.ts';
import { askForLink, chosenByMail } from './reset-link.ts';

const hour = 3_600_000;

onEachEngine('A9 who has an account, asked at the page for forgotten passwords', (running) => {
  test('every name gets the same answer, by the same calls of the store', async () => {
    const service = running();
    const seen = [];
    for (const username of await names(service)) {
      const answer = await askForLink(service, username);
      const page = await new WebClient().get(answer.location ?? '');
      const headers = [...answer.headers].filter(([name]) => name !== 'date');
      seen.push({
        status: answer.status,
        headers,
        text: page.text,
        calls: await callsFor(service, username),
      });
    }
    for (const one of seen) assert.deepEqual(one, seen[0]);
    assert.equal(seen[0]?.status, 303);
    assert.deepEqual(seen[0]?.calls, [
      'tries',
      'commit try.count try.count try.count outbox.add',
      '0 hashes',
    ]);
  });

  test('what is left in the outbox is of one size, sealed, and gone in the end', async () => {
    const service = running();
    const sizes = new Set<number>();
    const ports = { ...service.ports, store: { ...service.ports.store, commit: recordSizes(sizes) } };
    for (const username of ['never@proef.test', (await enrolledPerson(service, 'sizes')).username]) {
      await askForReset(ports, stranger, username.padStart(30, 'x'));
    }
    assert.equal(sizes.size, 1);
    await service.outboxEmptied();
  });

  test('beyond the limit of a name nothing shows, and an unknown name has the same limit', async () => {
    const service = running();
    const known = await enrolledPerson(service, 'beyond');
    const answers = [];
    for (const username of [known.username, 'never-beyond@proef.test']) {
      const seen = [];
      for (let times = 0; times < 6; times += 1) {
        const { status, location } = await askForLink(service, username);
        seen.push([status, location]);
      }
      answers.push(seen);
    }
    assert.deepEqual(answers[0], answers[1]);
  });

  test('a password that waits does not show in what a wrong one costs', async () => {
    const service = running();
    const waiting = await enrolledPerson(service, 'waits');
    await chosenByMail(service, waiting, 'Twelve ducks on a slow train');
    const costs = [];
    for (const username of [waiting.username, 'never-waits@proef.test']) {
      const browser = new WebClient();
      const page = await browser.follow(await browser.get(`${service.origin}/sign-in`));
      const before = service.comparisons();
      await browser.post(`${page.url}/password`, { username, password: 'wrong' });
      costs.push(service.comparisons() - before);
    }
    assert.deepEqual(costs, [2, 2]);
  });
});

onEachEngine('B25 a flood of mails', (running) => {
  test('a hundred requests for one name, from a hundred networks: three mails an hour', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'flooded');
    const from = service.letters.length;
    for (let count = 0; count < 100; count += 1) {
      const asked = await askForReset(
        service.ports,
        { ...stranger, address: `203.0.113.${count}` },
        person.username,
      );
      assert.equal(asked.outcome, 'asked');
    }
    await service.outboxEmptied();
    assert.equal(mailsTo(service, person.username, from), 3);
    service.clock.advance(hour);
    await askForLink(service, person.username);
    await service.outboxEmptied();
    assert.equal(mailsTo(service, person.username, from), 4);
  });

  test('a hundred at once: three mails', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'at-once');
    const from = service.letters.length;
    await Promise.all(
      Array.from({ length: 100 }, (_, count) =>
        askForReset(service.ports, { ...stranger, address: `198.51.100.${count}` }, person.username).catch(
          () => undefined,
        ),
      ),
    );
    await service.outboxEmptied();
    assert.ok(mailsTo(service, person.username, from) <= 3);
  });

  test('the name spelled otherwise is the same name', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'spellings');
    const from = service.letters.length;
    for (const spelling of [
      person.username.toUpperCase(),
      ` ${person.username}`,
      person.username,
      `${person.username} `,
    ]) {
      await askForLink(service, spelling);
    }
    await service.outboxEmptied();
    assert.equal(mailsTo(service, person.username, from), 3);
  });

  test('one network that asks for many names is told to wait', async () => {
    const service = running();
    const visitor = { ...stranger, address: '192.0.2.77' };
    const outcomes = [];
    for (let count = 0; count < 31; count += 1) {
      outcomes.push((await askForReset(service.ports, visitor, `name-${count}@proef.test`)).outcome);
    }
    assert.deepEqual(
      [outcomes.slice(0, 30).every((one) => one === 'asked'), outcomes.at(-1)],
      [true, 'wait'],
    );
    await service.outboxEmptied();
  });
});

onEachEngine(
  'a provider without mail',
  (running) => {
    test('says so, and keeps nothing of a request', async () => {
      const service = running();
      const person = await enrolledPerson(service, 'no-mail');
      const before = await service.tables();
      const page = await new WebClient().get(`${service.origin}/forgot-password`);
      assert.match(page.text, /has not set up mail/);
      assert.match((await askForLink(service, person.username)).text, /has not set up mail/);
      assert.deepEqual(await service.tables(), before);
    });
  },
  { hasNoMail: true },
);

const stranger: Visitor = {
  ...{ browserKey: undefined, sessionToken: undefined, userAgent: 'test', language: 'en' },
  address: '192.0.2.1',
};

/** Every kind of name there is: with a method, without, switched off, without an address, and none at all. */
async function names(service: ServiceUnderTest): Promise<readonly string[]> {
  const known = await enrolledPerson(service, 'asked-known');
  const fresh = await newPerson(service, 'asked-fresh');
  const disabled = await newPerson(service, 'asked-off');
  await service.write(`update accounts set status = 'disabled' where id = '${disabled.accountId}'`);
  const silent = await newPerson(service, 'asked-silent');
  await service.write(`update accounts set address = null where id = '${silent.accountId}'`);
  return [known, fresh, disabled, silent].map(({ username }) => username).concat('asked-never@proef.test');
}

/** What the request asks of the store and of the hash, apart from the job that comes after it. */
async function callsFor(service: ServiceUnderTest, username: string): Promise<readonly string[]> {
  const calls: string[] = [];
  const store = new Proxy(service.ports.store, {
    get(target, name: keyof Store) {
      const method = target[name] as (...values: unknown[]) => unknown;
      return (...values: unknown[]) => {
        const changes = name === 'commit' ? (values[0] as readonly Change[]).map(({ change }) => change) : [];
        calls.push([name, ...changes].join(' '));
        return method.apply(target, values);
      };
    },
  });
  const before = service.comparisons();
  const ports: Ports = { ...service.ports, store };
  await askForReset(ports, stranger, username);
  return [...calls, `${service.comparisons() - before} hashes`];
}

function recordSizes(sizes: Set<number>): Store['commit'] {
  return async (changes) => {
    for (const one of changes) {
      if (one.change === 'outbox.add') sizes.add(JSON.stringify(one.item.payload).length);
    }
    return { committed: true };
  };
}

function mailsTo(service: ServiceUnderTest, address: string, from: number): number {
  return service.letters.slice(from).filter((letter) => letter.address === address).length;
}
