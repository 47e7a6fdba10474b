// D6. A backup is restored, or a replica promoted that lacks the last seconds. The store has then forgotten what was
// used, ended or removed since: whoever kept a code, a session or a removed method tries it again. Everything is kept
// here by somebody who saw it: codes of an app, recovery codes, a session, an authorization code, a removed app, an
// old password.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { SecondringError } from '#core/errors.ts';
import { parseMasterKeys } from '#custody/master-key.ts';
import { fenceOrder, raiseFence } from '#flows/fence.ts';
import { newId } from '#flows/visitor.ts';
import { readBackup, writeBackup } from '#store/backup.ts';
import { openEngine } from '#store/open-engine.ts';
import { restoreBackup } from '#store/restore.ts';
import { connectPanel, leftFor, type Panel } from '../conformance/panel.ts';
import { exchange } from '../conformance/token-request.ts';
import { type Engine, engines } from '../support/each-engine.ts';
import { placeFor } from '../support/open-test-store.ts';
import { askedElsewhere, enrolledPerson, type Person, questionOn } from '../support/person.ts';
import { onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import { type WebAnswer, WebClient } from '../support/web-client.ts';

const second = 1000;
const places: { remove: () => Promise<void> }[] = [];
after(async () => {
  for (const { remove } of places) await remove();
});

async function backupOf(service: ServiceUnderTest): Promise<readonly string[]> {
  const lines: string[] = [];
  const engine = await openEngine(service.databaseUrl);
  const write = async (line: string) => void lines.push(line);
  await writeBackup(engine, parseMasterKeys(service.masterKey)[0], service.clock.nowMs(), write);
  await engine.close();
  return lines;
}

/** Restores into an empty place of that engine, and has the service go on there. */
async function restore(
  service: ServiceUnderTest,
  lines: readonly string[],
  into: Engine,
  revocationsFrom?: string,
): Promise<void> {
  const place = await placeFor(into);
  places.push(place);
  const engine = await openEngine(place.url);
  const old = revocationsFrom === undefined ? undefined : await openEngine(revocationsFrom);
  const keys = parseMasterKeys(service.masterKey);
  const why = { reason: 'restored', knowsUsedRecoveryCodes: false, facts: {} } as const;
  const order = fenceOrder({ nowMs: service.clock.nowMs, random: randomBytes }, why);
  async function* all() {
    yield* lines;
  }
  await restoreBackup(engine, keys, order, (reader) => readBackup(all(), keys, reader), old);
  await engine.close();
  await old?.close();
  await service.moveTo(place.url);
}

/** Whether a panel gets the person from their browser's session, without anything asked. */
async function isLetIn(person: Person, panel: Panel): Promise<boolean> {
  const page = await person.open((await panel.begin()).url);
  return page.location?.startsWith(panel.redirectUri) === true && page.location.includes('code=');
}

async function atPaper(person: Person): Promise<WebAnswer> {
  const page = await askedElsewhere(person);
  if (questionOn(page) === 'recovery-code') return page;
  const authenticator = /name="authenticator" value="([^"]+)"/.exec(page.text)?.[1];
  return authenticator === undefined ? page : person.submit(page, '/method', { authenticator });
}

/** The person's app is removed, as a change of their own would do it. */
async function removeApp(service: ServiceUnderTest, person: Person): Promise<void> {
  const { store } = service.ports;
  const app = (await store.authenticators(person.accountId)).find(({ kind }) => kind === 'totp');
  const account = (await store.accounts(service.companyId)).find(({ id }) => id === person.accountId);
  const nowMs = service.clock.nowMs();
  const { committed } = await store.commit([
    { change: 'authenticator.remove', id: app?.id ?? '', accountId: person.accountId, nowMs },
    {
      change: 'account.rearrange',
      id: person.accountId,
      expectedArrangement: account?.arrangement ?? -1,
    },
  ]);
  assert.ok(committed);
}

for (const into of engines) {
  onEachEngine(`D6 a backup restored into ${into}, the old store lost`, (running) => {
    test('codes, recovery codes, sessions and authorization codes from before do not work', async () => {
      const service = running();
      const person = await enrolledPerson(service, 'lost');
      const panel = await connectPanel(service, 'lost-panel');
      const elsewhere = await enrolledPerson(service, 'lost-too');
      // A session and a code from before the backup, too: the one is ended afterwards, the other used.
      await person.signIn();
      const session = person.browser;
      const begun = await panel.begin();
      const answered = await leftFor(await person.finish(await person.open(begun.url)));
      assert.equal(await isLetIn(person, panel), true, 'there is a session to lose');
      service.clock.toNextStep();

      const lines = await backupOf(service);
      const code = person.freshCode();
      assert.equal(questionOn(await person.giveCode(await askedElsewhere(person), code)), 'done');
      const onPaper = person.nextRecoveryCode();
      const onPaperUnused = person.nextRecoveryCode();
      assert.equal(questionOn(await person.giveCode(await atPaper(person), onPaper)), 'done');
      const underWay = await askedElsewhere(elsewhere);

      await restore(service, lines, into);

      // Typed by somebody whose clock runs ahead as well: no step that was open before the fence is.
      for (const digits of [code, person.code(), person.code(1), person.code(2)]) {
        assert.equal((await person.giveCode(await askedElsewhere(person), digits)).status, 422, digits);
      }
      const asked = await askedElsewhere(person);
      assert.equal(asked.text.includes('name="authenticator"'), false, 'no recovery code is offered');
      for (const text of [onPaper, onPaperUnused]) {
        assert.notEqual(questionOn(await person.giveCode(asked, text)), 'done');
      }
      person.browser = session;
      assert.equal(await isLetIn(person, panel), false);
      const tokens = await exchange(panel, answered, { code_verifier: begun.codeVerifier });
      assert.equal(tokens.body['error'], 'invalid_grant');
      assert.notEqual((await elsewhere.giveCode(underWay)).status, 200);

      // The owner gets in after the low water has passed, and is given new codes on the way.
      service.clock.advance(60 * 60 * second);
      const page = await person.giveCode(await askedElsewhere(person));
      assert.equal(questionOn(page), 'backup');
      assert.equal(questionOn(await person.finish(page)), 'done');
      assert.equal(person.recoveryCodes.length, 10);
      assert.equal(
        questionOn(await person.giveCode(await atPaper(person), person.nextRecoveryCode())),
        'done',
      );
    });
  });

  onEachEngine(`D6 a backup restored into ${into}, the old store at hand`, (running) => {
    test('removed methods, used codes, changed passwords and disabled accounts are taken over', async () => {
      const service = running();
      const removed = await enrolledPerson(service, 'removed');
      const paper = await enrolledPerson(service, 'paper');
      const changed = await enrolledPerson(service, 'changed');
      const disabled = await enrolledPerson(service, 'disabled');
      const late = await enrolledPerson(service, 'late');
      const lines = await backupOf(service);
      service.clock.advance(60 * second);

      await removeApp(service, removed);
      const used = paper.nextRecoveryCode();
      assert.equal(questionOn(await paper.giveCode(await atPaper(paper), used)), 'done');
      await service.write(`update accounts set status = 'disabled' where id = '${disabled.accountId}'`);
      await service.write(
        `update accounts set password_hash = 'quick$a$b' where id = '${changed.accountId}'`,
      );
      const added = await enrolledPerson(service, 'added');
      const afterwards = late.freshCode();
      assert.equal(questionOn(await late.giveCode(await askedElsewhere(late), afterwards)), 'done');

      await restore(service, lines, into, service.databaseUrl);
      service.clock.advance(60 * second * 3);

      const withoutApp = await askedElsewhere(removed);
      assert.equal(questionOn(withoutApp), 'recovery-code', 'the removed app is not asked for');
      assert.equal((await removed.giveCode(withoutApp, removed.code())).status, 422);
      assert.equal((await paper.giveCode(await atPaper(paper), used)).status, 422);
      const unused = await paper.giveCode(await atPaper(paper), paper.nextRecoveryCode());
      assert.equal(questionOn(unused), 'done', 'a code known to be unused still works');
      for (const person of [changed, disabled, added]) {
        const refused = await askedElsewhere(person);
        assert.equal(refused.status, 422, `${person.username} did not get past the password`);
      }
    });
  });
}

onEachEngine('D6 a promoted replica that lacks the last seconds', (running) => {
  test('is fenced under the running service, which goes on without a restart', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'promoted');
    const code = person.freshCode();
    assert.equal(questionOn(await person.giveCode(await askedElsewhere(person), code)), 'done');
    const session = person.browser;
    const panel = await connectPanel(service, 'promoted-panel');
    assert.equal(await isLetIn(person, panel), true);
    const onPaper = person.nextRecoveryCode();
    // What the replica had not got: the step of the code.
    await service.write(`update authenticators set last_step = 0 where kind = 'totp'`);
    const underWay = await askedElsewhere(person);

    const other = await openSecond(service);
    const fenced = await raiseFence(other);
    await other.store.close();
    assert.equal(fenced.epoch, 2);

    // The service finds out at its next commit, which fails; what comes after that goes on.
    await service.ports.store
      .commit([{ change: 'try.reset', key: newId(other) }])
      .then(() => assert.fail('it was committed in a past epoch'), assertFenced);
    assert.notEqual(questionOn(await person.giveCode(underWay, code)), 'done');
    assert.equal((await person.giveCode(await askedElsewhere(person), code)).status, 422);
    assert.notEqual(questionOn(await person.giveCode(await atPaper(person), onPaper)), 'done');
    person.browser = session;
    assert.equal(await isLetIn(person, panel), false);
    service.clock.advance(60 * 60 * second);
    person.browser = new WebClient();
    assert.equal(questionOn(await person.signIn()), 'done');
  });

  test('a process whose database went back to an older epoch does nothing any more', async () => {
    const service = running();
    const other = await openSecond(service);
    await service.write('update store_epoch set epoch = epoch - 1');
    const change = { change: 'try.reset', key: newId(other) } as const;
    try {
      await assert.rejects(other.store.commit([change]), assertFenced);
      await assert.rejects(other.store.commit([change]), assertFenced);
      await assert.rejects(other.store.providerName(), assertFenced);
    } finally {
      await service.write('update store_epoch set epoch = epoch + 1');
      await other.store.close();
    }
  });
});

function assertFenced(error: unknown): true {
  assert.ok(error instanceof SecondringError && error.code === 'store-fenced', String(error));
  return true;
}

/** One more process on the same database. */
async function openSecond(service: ServiceUnderTest) {
  const { openStore } = await import('#store/open-store.ts');
  const { store } = await openStore({
    databaseUrl: service.databaseUrl,
    loadKeys: () => ({ keys: parseMasterKeys(service.masterKey), source: 'value' }),
    nowMs: service.clock.nowMs,
  });
  return { ...service.ports, store };
}
