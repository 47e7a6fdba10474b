// What the store gives back: what was committed, in the domain's own values, and nothing that is over.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Change } from '#core/changes.ts';
import type { SignIn } from '#core/sign-in.ts';
import { engines } from '#test/support/each-engine.ts';
import {
  aDocument,
  commitAll,
  newHash,
  newId,
  openSeededStore,
  type SeededStore,
} from '#test/support/seeded-store.ts';

for (const engine of engines) {
  describe(engine, () => {
    let world: SeededStore;
    before(async () => {
      world = await openSeededStore(engine);
    });
    after(() => world.close());

    async function newClient(name: string) {
      const client = {
        ...{
          clientId: `client ${newId()}`,
          secretHash: 'hash',
          redirectUris: ['https://p.test/a', 'https://p.test/b'],
        },
        postLogoutRedirectUris: ['https://p.test/out'],
        backchannelLogoutUri: 'https://p.test/ended',
      };
      const application = {
        id: newId(),
        name,
        secondFactor: 'optional',
        homeUrl: 'https://p.test/',
      } as const;
      await commitAll(world, { change: 'application.create', ...application, client, nowMs: 1 });
      return { application, client };
    }

    const counted = (key: string, count: number): Change => ({
      change: 'try.count',
      ...{
        key,
        expected: undefined,
        count,
        startedAtMs: count * 2,
        notBeforeMs: count * 3,
        expiresAtMs: undefined,
      },
    });

    test('the provider, applications by name, clients by their id', async () => {
      assert.equal(await world.store.providerName(), 'Provider');
      const [second, first] = [await newClient('B panel'), await newClient('A panel')];
      assert.deepEqual(await world.store.applications(), [
        first.application,
        second.application,
        world.application,
      ]);
      assert.deepEqual(await world.store.application(first.application.id), first.application);
      assert.deepEqual(await world.store.client(first.client.clientId), first);
      assert.deepEqual(world.application, {
        ...{ id: 'secondring', name: 'Secondring', secondFactor: 'required', homeUrl: undefined },
      });
    });

    test('an account by the key of its name, with its company and its password’s hash', async () => {
      const { account, company } = world;
      assert.deepEqual(await world.store.accountByUsernameKey(account.username.toLowerCase()), {
        ...{ account, company, passwordHash: 'no hash', waiting: undefined },
      });
      assert.equal(await world.store.accountByUsernameKey(account.username), undefined, 'a name is no key');
    });

    test('what is not there is undefined, and a list of nothing is empty', async () => {
      const { store } = world;
      const none = newId();
      const found = await Promise.all([
        ...[store.application(none), store.client(none), store.accountByUsernameKey(none)],
        ...[
          store.signIn(none),
          store.challenge(none),
          store.enrollment(none),
          store.recoveryCode(none, 'K7'),
        ],
        ...[store.session(newHash(), 1), store.sessionById(none, 1)],
        ...[store.oidcDocument('Grant', newHash(), 1), store.oidcDocumentByUid('Grant', newHash(), 1)],
      ]);
      assert.ok(found.every((one) => one === undefined));
      assert.deepEqual(await store.authenticators(none), []);
      assert.deepEqual([...(await store.tries([])), ...(await store.tries([none]))], []);
    });

    for (const [what, odd] of Object.entries({
      'a NUL': '\0',
      'half a letter': '\ud800',
      'much text': 'x'.repeat(100_000),
      'words of SQL': "' or '1'='1",
      nothing: '',
    })) {
      test(`an identifier that cannot be, made of ${what}, is one that is not there`, async () => {
        const { store } = world;
        for (const read of [store.signIn, store.client, store.accountByUsernameKey, store.challenge]) {
          assert.equal(await (read as (id: string) => Promise<unknown>).call(store, odd), undefined);
        }
        assert.equal(await store.oidcDocument(odd, newHash(), 1), undefined);
        assert.equal(await store.recoveryCode(odd, odd), undefined);
      });
    }

    test('counters by their keys, however many are asked for', async () => {
      const keys = [newId(), newId(), newId(), newId(), newId()];
      await commitAll(world, ...keys.map((key, place) => counted(key, place + 1)));
      const tries = await world.store.tries([...keys, newId()]);
      assert.deepEqual(
        keys.map((key) => tries.get(key)),
        keys.map((key, place) => {
          const count = place + 1;
          return { key, count, startedAtMs: count * 2, notBeforeMs: count * 3 };
        }),
      );
      assert.equal(tries.size, keys.length);
    });

    test('a sign-in with everything a request on it needs', async () => {
      const { application, client } = await newClient('Panel');
      const wants = { assurance: 'urn:secondring:acr:two-factor', freshSinceMs: 7 } as const;
      const bare = await world.newSignIn();
      const id = newId();
      const signIn: SignIn = { ...bare, id, applicationId: application.id, wants, interaction: 'asked' };
      const browserKeyHash = newHash();
      await commitAll(world, { change: 'sign-in.begin', signIn, browserKeyHash });
      const before = await world.store.signIn(id);
      assert.deepEqual(before && { ...before, browserKeyHash: Buffer.from(before.browserKeyHash) }, {
        ...{ signIn, browserKeyHash, application, client, account: undefined, company: undefined },
      });
      const next: SignIn = {
        ...{
          ...signIn,
          revision: 1,
          state: 'done',
          accountId: world.account.id,
          companyId: world.company.id,
        },
        ...{ challengeId: 'c', enrollmentId: 'e', sessionId: 's' },
        ...{ passwordRevision: 0, passwordResetId: 'r' },
        proofs: [{ kind: 'totp', authenticatorId: 'a', atMs: 9 }],
      };
      await commitAll(world, { change: 'sign-in.advance', next, nowMs: world.clock.nowMs() });
      const done = await world.store.signIn(id);
      assert.deepEqual(done?.signIn, next);
      assert.deepEqual([done?.account, done?.company], [world.account, world.company]);
    });

    test('authenticators of an account, without those that were removed, and how many codes are unused', async () => {
      const account = await world.newAccount();
      const totp = await world.newTotp(account);
      const removed = await world.newTotp(account);
      const codes = await world.newRecoveryCodes(['K7', 'K8', 'K9'], account);
      const use: Change = {
        change: 'recovery-code.consume',
        authenticatorId: codes.id,
        selector: 'K7',
        nowMs: 5,
      };
      await commitAll(world, use, {
        change: 'authenticator.advance',
        id: totp.id,
        lastStep: 4,
        driftSteps: 0,
        nowMs: 6,
      });
      const none = { accountId: account.id, companyId: account.companyId, label: 'Mine', position: 1 };
      await commitAll(world, {
        change: 'authenticator.remove',
        id: removed.id,
        accountId: account.id,
        nowMs: 6,
      });
      const found = await world.store.authenticators(account.id);
      assert.deepEqual(
        new Set(found),
        new Set([
          {
            ...{ ...none, id: totp.id, kind: 'totp', boundAtMs: totp.enrollment.createdAtMs },
            ...{ lastUsedAtMs: 6, unusedCodes: undefined, keptAtMs: undefined },
          },
          {
            ...{ ...none, id: codes.id, kind: 'recovery-code', boundAtMs: codes.enrollment.createdAtMs },
            ...{ lastUsedAtMs: undefined, unusedCodes: 2, keptAtMs: undefined },
          },
        ]),
      );
    });

    test('a recovery code until it is used, and as long as its set is there', async () => {
      const { id, account } = await world.newRecoveryCodes(['K7', 'K8']);
      assert.deepEqual(await world.store.recoveryCode(id, 'K7'), {
        selector: 'K7',
        hash: 'hash of K7',
        pepperVersion: 1,
      });
      await commitAll(world, {
        change: 'recovery-code.consume',
        authenticatorId: id,
        selector: 'K7',
        nowMs: 5,
      });
      assert.equal(await world.store.recoveryCode(id, 'K7'), undefined);
      await commitAll(world, { change: 'authenticator.remove', id, accountId: account.id, nowMs: 6 });
      assert.equal(await world.store.recoveryCode(id, 'K8'), undefined);
    });

    test('a challenge with its authenticator, opened only when it is wanted, and none of one that was removed', async () => {
      const totp = await world.newTotp();
      const challenge = await world.newChallenge(totp);
      const view = await world.store.challenge(challenge.id);
      assert.deepEqual(view?.challenge, challenge);
      assert.deepEqual(await view?.openTotp(), {
        ...{ authenticatorId: totp.id, key: Buffer.from(totp.enrollment.secret), lastStep: 0, driftSteps: 0 },
      });
      const { id, account } = totp;
      await commitAll(world, { change: 'authenticator.remove', id, accountId: account.id, nowMs: 6 });
      assert.equal(await world.store.challenge(challenge.id), undefined);
    });

    test('an enrollment with its secret while it is open, without it once it is bound', async () => {
      const open = await world.newEnrollment();
      assert.deepEqual(await world.store.enrollment(open.id), { ...open, secret: Buffer.from(open.secret) });
      const { enrollment } = await world.newTotp();
      const bound = await world.store.enrollment(enrollment.id);
      assert.deepEqual(bound, { ...enrollment, state: 'bound', secret: new Uint8Array() });
    });

    test('a session by its token and by its id, while it lives, and while its account does', async () => {
      const account = await world.newAccount();
      const { tokenHash, ...session } = await world.newSession(account);
      const view = {
        ...session,
        username: account.username,
        companyName: world.company.name,
        arrangement: 0,
        lastSeenAtMs: session.createdAtMs,
      };
      const read = (atMs: number) =>
        Promise.all([world.store.session(tokenHash, atMs), world.store.sessionById(session.id, atMs)]);
      assert.deepEqual(await read(session.expiresAtMs - 1), [view, view]);
      assert.deepEqual(await read(session.expiresAtMs), [undefined, undefined]);
      const setStatus = (status: string) =>
        world.raw.run('update accounts set status = $1 where id = $2', status, account.id);
      await setStatus('disabled');
      assert.deepEqual(await read(session.createdAtMs), [undefined, undefined]);
      await setStatus('active');
      await commitAll(world, { change: 'session.end', id: session.id, reason: 'signed-out', nowMs: 1 });
      assert.deepEqual(await read(session.createdAtMs), [undefined, undefined]);
    });

    test('a document of the OIDC library by its identifier and by its uid, and not under another model', async () => {
      const nowMs = world.clock.nowMs();
      const [uidHash, grantIdHash] = [newHash(), newHash()];
      const document = aDocument(nowMs + 10, { model: 'Session', uidHash, grantIdHash });
      await commitAll(world, { change: 'oidc-document.put', document });
      const { model, idHash } = document;
      const found = await world.store.oidcDocument(model, idHash, nowMs);
      const hashes = { idHash, uidHash, grantIdHash };
      for (const [name, hash] of Object.entries(hashes)) {
        assert.deepEqual(Buffer.from(found?.[name as keyof typeof hashes] ?? []), hash, name);
      }
      assert.deepEqual({ ...found, ...hashes }, { ...document, consumedAtMs: undefined });
      assert.deepEqual(await world.store.oidcDocumentByUid(model, uidHash, nowMs), found);
      assert.equal(await world.store.oidcDocument('Grant', idHash, nowMs), undefined);
      assert.equal(await world.store.oidcDocumentByUid('Grant', uidHash, nowMs), undefined);
      assert.equal(await world.store.oidcDocument(model, idHash, nowMs + 10), undefined);
      await commitAll(world, { change: 'oidc-document.consume', model, idHash, nowMs });
      assert.equal((await world.store.oidcDocument(model, idHash, nowMs))?.consumedAtMs, nowMs);
    });

    test('what carries a session is not found once that session has ended, or never was', async () => {
      const nowMs = world.clock.nowMs();
      const session = await world.newSession();
      const uidHash = newHash();
      const document = aDocument(session.expiresAtMs + 1000, { sessionId: session.id, uidHash });
      const orphan = aDocument(nowMs + 1000, { sessionId: 'never was' });
      await commitAll(
        world,
        { change: 'oidc-document.put', document },
        { change: 'oidc-document.put', document: orphan },
      );
      const read = async (atMs: number) =>
        (await world.store.oidcDocument(document.model, document.idHash, atMs)) !== undefined &&
        (await world.store.oidcDocumentByUid(document.model, uidHash, atMs)) !== undefined;
      assert.equal(await read(session.expiresAtMs - 1), true);
      assert.equal(await read(session.expiresAtMs), false);
      assert.equal(await world.store.oidcDocument(orphan.model, orphan.idHash, nowMs), undefined);
      await commitAll(world, { change: 'session.end', id: session.id, reason: 'signed-out', nowMs });
      assert.equal(await read(nowMs), false);
    });

    test('whether anything has expired', async () => {
      const own = await openSeededStore(engine);
      try {
        const signIn = await own.newSignIn();
        assert.equal(await own.store.hasExpired(signIn.expiresAtMs - 1), false);
        assert.equal(await own.store.hasExpired(signIn.expiresAtMs), true);
        await commitAll(own, { change: 'expired.remove', nowMs: signIn.expiresAtMs });
        assert.equal(await own.store.hasExpired(signIn.expiresAtMs), false);
      } finally {
        await own.close();
      }
    });
  });
}
