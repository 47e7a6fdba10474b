// C-01. Keys are replaced while people sign in: nobody is turned away, nothing is left under the old key once it may
// go, and what an attacker put into the database by hand does not become genuine by being sealed anew.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createKeyring, providerScope } from '#custody/keyring.ts';
import { parseMasterKeys } from '#custody/master-key.ts';
import { rotateSigningKey } from '#flows/signing-keys.ts';
import { openEngine } from '#store/open-engine.ts';
import { openStore } from '#store/open-store.ts';
import { rotateDataKey } from '#store/rotate-data-key.ts';
import { rotateMasterKey } from '#store/rotate-master-key.ts';
import { connectPanel } from '../conformance/panel.ts';
import { askedElsewhere, enrolledPerson, type Person, questionOn } from '../support/person.ts';
import { onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import { WebClient } from '../support/web-client.ts';

const minute = 60_000;
const hour = 60 * minute;
const nothing = () => undefined;

async function rotateData(service: ServiceUnderTest, scope: string, mayCreate = true) {
  const engine = await openEngine(service.databaseUrl);
  try {
    const keyring = createKeyring(parseMasterKeys(service.masterKey));
    return await rotateDataKey(engine, keyring, scope, service.clock.nowMs(), mayCreate, nothing);
  } finally {
    await engine.close();
  }
}

async function onPaper(person: Person) {
  const page = await askedElsewhere(person);
  const authenticator = /name="authenticator" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  return person.submit(page, '/method', { authenticator });
}

onEachEngine('C-01 data keys rotated', (running) => {
  test('apps, sessions and codes on paper go on, and the old keys go when nothing needs them', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'rotated');
    const last = await person.signIn();
    const session = person.browser;

    const company = await rotateData(service, service.companyId);
    assert.deepEqual(
      [company.version, company.isNew, company.resealed, company.unreadable],
      [2, true, 3, []],
    );
    assert.equal(company.kept[0]?.neededBy['recovery_codes'], 10);
    const provider = await rotateData(service, providerScope);
    assert.deepEqual([provider.version, provider.resealed], [2, 1]);

    // This process still has the old keys in memory, and reads the new ones later: both are good.
    const isAlive = async () => questionOn(await session.get(last.url)) === 'done';
    assert.ok(await isAlive());
    assert.equal(questionOn(await person.giveCode(await askedElsewhere(person))), 'done');
    await service.restart();
    assert.ok(await isAlive(), 'a session of before is one afterwards');
    assert.equal(questionOn(await person.giveCode(await askedElsewhere(person))), 'done');
    assert.equal(questionOn(await person.giveCode(await onPaper(person), person.nextRecoveryCode())), 'done');

    // The sessions that may have needed the first key have ended by now; codes on paper still need theirs.
    service.clock.advance(13 * hour);
    const finished = await rotateData(service, providerScope, false);
    assert.deepEqual([finished.version, finished.isNew, finished.removedVersions], [2, false, [1]]);
    const paper = await rotateData(service, service.companyId, false);
    assert.deepEqual(paper.kept, [{ version: 1, neededBy: { recovery_codes: 9 } }]);
    assert.equal((await rotateData(service, providerScope)).version, 3);
    service.clock.advance(13 * hour);
    assert.deepEqual((await rotateData(service, providerScope)).removedVersions, [2]);
    person.browser = new WebClient();
    assert.equal(questionOn(await person.signIn()), 'done');
  });

  test('a row that was made by hand is not sealed anew', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'forged');
    await service.write(
      `update authenticators set bound_at_ms = bound_at_ms + 1 where account_id = '${person.accountId}' and kind = 'totp'`,
    );
    const { unreadable, kept } = await rotateData(service, service.companyId);
    assert.equal(unreadable.length, 1);
    assert.ok(
      kept.some(({ neededBy }) => neededBy['methods'] === 1),
      'its key is kept',
    );
    assert.notEqual(questionOn(await person.giveCode(await askedElsewhere(person))), 'done');
  });
});

onEachEngine('C-01 the master key rotated', (running) => {
  test('while people sign in: no fault, nothing left on the old key, and without it all goes on', async () => {
    const service = running();
    const people = [await enrolledPerson(service, 'one'), await enrolledPerson(service, 'two')];
    const fresh = randomBytes(32).toString('base64');
    const engine = await openEngine(service.databaseUrl);
    const keys = parseMasterKeys(`${fresh},${service.masterKey}`);
    const [rotation, ...pages] = await Promise.all([
      rotateMasterKey(engine, keys, service.clock.nowMs(), nothing),
      ...people.map((person) => person.signIn()),
    ]);
    for (const page of pages) assert.equal(questionOn(page), 'done');
    assert.deepEqual([rotation.left, rotation.rewrapped], [0, 2]);
    const again = await rotateMasterKey(engine, keys, service.clock.nowMs(), nothing);
    assert.deepEqual([again.left, again.rewrapped], [0, 0]);
    await engine.close();
    assert.equal((await service.rows('select master_key_id from master_key_checks')).length, 1);

    const open = (masterKey: string) =>
      openStore({
        databaseUrl: service.databaseUrl,
        loadKeys: () => ({ keys: parseMasterKeys(masterKey), source: 'value' }),
        nowMs: service.clock.nowMs,
      });
    await assert.rejects(open(service.masterKey), { code: 'master-key-wrong' });
    const { store } = await open(fresh);
    assert.ok((await store.signingKeys()).length > 0);
    await store.recoveryPepper(service.companyId, Buffer.from('x'));
    await store.close();
  });
});

onEachEngine('C-01 the signing key rotated', (running) => {
  test('is published before it signs, and panels accept tokens of either key', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'tokens');
    const panel = await connectPanel(service, 'rotating');
    const kidOf = async () => {
      person.browser = new WebClient();
      const { id_token: token = '' } = await panel.signIn(person);
      return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid as string;
    };
    const published = async () => {
      const answer = await fetch(`${service.origin}/oidc/jwks`);
      const { keys } = (await answer.json()) as { keys: { kid: string; d?: string }[] };
      assert.ok(keys.every((key) => key.d === undefined));
      return keys.map(({ kid }) => kid).toSorted();
    };
    const first = await kidOf();
    const made = await rotateSigningKey(service.ports);
    assert.equal(made.isNew, true);
    assert.deepEqual(await rotateSigningKey(service.ports), { ...made, isNew: false });
    await service.refreshSigningKeys();
    assert.deepEqual(await published(), [first, made.keyId].toSorted());
    assert.equal(await kidOf(), first);
    service.clock.set(made.signsFromMs);
    await service.refreshSigningKeys();
    assert.equal(await kidOf(), made.keyId);
    assert.deepEqual(await published(), [first, made.keyId].toSorted());
    service.clock.advance(13 * hour);
    await service.refreshSigningKeys();
    assert.deepEqual(await published(), [made.keyId]);
    assert.equal(await kidOf(), made.keyId);
  });
});
