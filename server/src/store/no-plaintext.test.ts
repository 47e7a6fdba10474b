// Attacks A10 and D4: somebody copies the database, files and all, and looks for what opens something. After a whole
// scenario nothing that a person, a browser or a client presents stands anywhere in it, in none of the spellings that
// it could have.
import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Ports } from '#core/ports.ts';
import { createSlowHash } from '#custody/slow-hash.ts';
import { encodeBase32 } from '#factors/totp/base32.ts';
import { defaultTotpParameters, stepAt, totpCode } from '#factors/totp/totp.ts';
import { createAccount, createApplication, createCompany } from '#flows/arrange.ts';
import { begin } from '#flows/begin-sign-in.ts';
import { proveTotp } from '#flows/enroll-totp.ts';
import { giveCode, pickMethod } from '#flows/give-code.ts';
import { givePassword } from '#flows/give-password.ts';
import { confirmBackup, issueRecoveryCodes } from '#flows/issue-recovery-codes.ts';
import { findDocument, putDocument } from '#flows/oidc-documents.ts';
import { signingKeys } from '#flows/signing-keys.ts';
import { newToken, type Visitor } from '#flows/visitor.ts';
import { engines } from '#test/support/each-engine.ts';
import { openSeededStore, type SeededStore } from '#test/support/seeded-store.ts';

const password = 'correct horse battery staple';
const username = 'thief.drill@demo.test';

interface Secret {
  readonly what: string;
  readonly spellings: readonly Buffer[];
}

/** All the ways in which bytes may have been written down. */
function spellingsOf(bytes: Uint8Array): readonly Buffer[] {
  const buffer = Buffer.from(bytes);
  const hex = buffer.toString('hex');
  const base32 = encodeBase32(bytes);
  const texts = [hex, hex.toUpperCase(), base32, base32.toLowerCase()];
  for (const encoding of ['base64', 'base64url'] as const)
    texts.push(buffer.toString(encoding).replace(/=+$/, ''));
  return [buffer, ...texts.map((text) => Buffer.from(text))];
}

const secretOfBytes = (what: string, bytes: Uint8Array): Secret => ({ what, spellings: spellingsOf(bytes) });
const secretOfText = (what: string, text: string): Secret => ({
  what,
  spellings: [...spellingsOf(Buffer.from(text)), Buffer.from(text.toLowerCase())],
});

/** Where each secret was found; a code of digits counts only where it stands by itself. */
function findIn(places: ReadonlyMap<string, Buffer>, secrets: readonly Secret[]): string[] {
  const found: string[] = [];
  for (const [place, content] of places) {
    for (const { what, spellings } of secrets) {
      // The log is of all databases of the server, and six digits are soon found in what others wrote.
      const looked = place.includes('pg_wal') ? spellings.filter((spelling) => !isCode(spelling)) : spellings;
      if (looked.some((spelling) => standsIn(content, spelling))) found.push(`${what} in ${place}`);
    }
  }
  return found;
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;
const isCode = (spelling: Buffer) => spelling.length <= 8 && spelling.every(isDigit);

function standsIn(content: Buffer, spelling: Buffer): boolean {
  for (let at = content.indexOf(spelling); at >= 0; at = content.indexOf(spelling, at + 1)) {
    const isWhole = !isDigit(content[at - 1]) && !isDigit(content[at + spelling.length]);
    if (isWhole || !isCode(spelling)) return true;
  }
  return false;
}

/** Everything somebody gets who copies the database: its files, and what its rows hold once unpacked. */
async function copyOf(world: SeededStore): Promise<Map<string, Buffer>> {
  const places = new Map<string, Buffer>();
  for (const table of await world.raw.tables()) {
    const rows = await world.raw.rows(`select * from ${table}`);
    const values = rows.flatMap((row) => Object.values(row));
    const parts = values.map((value) => (value instanceof Uint8Array ? value : Buffer.from(`${value}`)));
    places.set(`table ${table}`, Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')])));
  }
  for (const file of await filesOf(world)) places.set(file, readFileSync(file));
  return places;
}

async function filesOf(world: SeededStore): Promise<string[]> {
  const filesIn = (folder: string) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => join(folder, name));
  if (world.engine === 'sqlite') return filesIn(dirname(world.databaseUrl.slice('sqlite:'.length)));
  await world.raw.run('checkpoint');
  const [row] = await world.raw.rows(
    `select current_setting('data_directory') as folder,
       (select oid from pg_database where datname = current_database()) as database`,
  );
  const folder = String(row?.folder);
  return [...filesIn(join(folder, 'base', String(row?.database))), ...filesIn(join(folder, 'pg_wal'))];
}

for (const engine of engines) {
  describe(engine, () => {
    let world: SeededStore;
    const secrets: Secret[] = [];
    const visible: Secret[] = [];
    before(async () => {
      world = await openSeededStore(engine);
      await live(world, secrets, visible);
    });
    after(() => world.close());

    test('the search finds what does stand there', async () => {
      const found = findIn(await copyOf(world), visible);
      for (const { what } of visible) {
        const places = found.filter((line) => line.startsWith(`${what} in `));
        assert.ok(
          places.some((line) => line.includes(' in table ')),
          `${what} in a row`,
        );
        assert.ok(
          places.some((line) => !line.includes(' in table ')),
          `${what} in a file`,
        );
      }
    });

    test('and finds a secret in whichever way it was written down', () => {
      const bytes = randomBytes(20);
      const secret = secretOfBytes('planted', bytes);
      for (const spelling of [...secret.spellings]) {
        const place = Buffer.concat([randomBytes(99), spelling, randomBytes(99)]);
        assert.deepEqual(findIn(new Map([['place', place]]), [secret]), ['planted in place']);
      }
      const code = secretOfText('code', '123456');
      assert.equal(findIn(new Map([['place', Buffer.from('x123456;')]]), [code]).length, 1);
      assert.equal(findIn(new Map([['place', Buffer.from('01234567')]]), [code]).length, 0);
    });

    test('no key, code, token, client secret or password stands anywhere in the database', async () => {
      assert.ok(secrets.length > 25, `${secrets.length} secrets`);
      assert.deepEqual(findIn(await copyOf(world), secrets), []);
    });
  });
}

/** A company, a first sign-in with an app and recovery codes, and a second one with both kinds of code. */
async function live(world: SeededStore, secrets: Secret[], visible: Secret[]): Promise<void> {
  const { store, clock } = world;
  const ports: Ports = {
    ...{ store, peppers: store, nowMs: clock.nowMs },
    slowHash: createSlowHash({ places: 2, waitingLimit: 50 }),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    random: (length) => {
      const bytes = randomBytes(length);
      // Identifiers have 16 bytes and are no secret; everything else that is drawn is one.
      if (length > 16) secrets.push(secretOfBytes(`${length} random bytes`, bytes));
      return bytes;
    },
    sleep: async () => {},
    commonPasswords: { has: async () => false },
    mailer: undefined,
  };
  const companyId = await createCompany(ports, { name: 'Thief drill' });
  await createAccount(ports, { companyId, username, password });
  const { clientSecret } = await createApplication(ports, {
    ...{ clientId: 'drill-panel', name: 'Drill panel', secondFactor: 'required', redirectUris: [] },
  });
  secrets.push(secretOfText('the password', password), secretOfText('the client secret', clientSecret));
  visible.push(secretOfText('the user name', username), secretOfText('the client id', 'drill-panel'));

  const first = await signInWithPassword(ports, secrets);
  const { enrollmentId = '' } = (await store.signIn(first.id))?.signIn ?? {};
  const key = (await store.enrollment(enrollmentId))?.secret;
  assert.ok(key && key.length === 20);
  secrets.push(secretOfBytes('the app’s key', new Uint8Array(key)));
  const code = codeAt(key, clock.nowMs());
  secrets.push(secretOfText('the first code', code));
  assert.equal((await proveTotp(ports, first.visitor, first.id, code)).outcome, 'advanced');
  const issued = await issueRecoveryCodes(ports, first.visitor, first.id);
  assert.equal(issued.outcome, 'issued');
  const codes = issued.outcome === 'issued' ? issued.codes : [];
  for (const one of codes) {
    secrets.push(
      secretOfText('a recovery code', one),
      secretOfText('a bare recovery code', one.replaceAll('-', '')),
    );
    secrets.push(secretOfText('the secret half of a recovery code', one.replaceAll('-', '').slice(2)));
  }
  const done = await confirmBackup(ports, first.visitor, first.id);
  assert.ok(done.outcome === 'advanced' && done.sessionToken);
  secrets.push(secretOfText('the first session’s token', done.sessionToken));

  clock.advance(60_000);
  const second = await signInWithPassword(ports, secrets);
  const wrong = '000000';
  secrets.push(secretOfText('a wrong code', wrong));
  await giveCode(ports, second.visitor, second.id, wrong);
  const methods = await store.authenticators((await store.signIn(second.id))?.signIn.accountId ?? '');
  const set = methods.find(({ kind }) => kind === 'recovery-code');
  await pickMethod(ports, second.visitor, second.id, set?.id);
  const back = await giveCode(ports, second.visitor, second.id, codes[3]);
  assert.ok(back.outcome === 'advanced' && back.sessionToken);
  secrets.push(secretOfText('the second session’s token', back.sessionToken));

  const authorizationCode = newToken(ports);
  secrets.push(secretOfText('an authorization code', authorizationCode));
  const document = { jti: authorizationCode, session: { cookie: newToken(ports) }, kept: 'drill-payload' };
  const about = { sessionId: undefined, lifeSeconds: 60 };
  await putDocument(ports, 'AuthorizationCode', authorizationCode, document, about);
  assert.ok(await findDocument(ports, 'AuthorizationCode', authorizationCode));
  visible.push(secretOfText('the payload of a document', 'drill-payload'));

  const [signingKey] = await signingKeys(ports);
  const { d = '' } = createPrivateKey({
    ...{ key: Buffer.from(signingKey.privateKey), format: 'der', type: 'pkcs8' },
  }).export({ format: 'jwk' });
  secrets.push(secretOfBytes('the signing key', Buffer.from(d, 'base64url')));
  secrets.push(secretOfBytes('the master key', Buffer.from(world.masterKey, 'base64')));
}

async function signInWithPassword(ports: Ports, secrets: Secret[]) {
  const stranger: Visitor = {
    browserKey: undefined,
    address: '192.0.2.9',
    userAgent: 'drill',
    sessionToken: undefined,
    language: 'en',
  };
  const { signIn, browserKey } = await begin(ports, stranger, {});
  const visitor = { ...stranger, browserKey };
  secrets.push(secretOfText('a browser key', browserKey));
  await givePassword(ports, visitor, signIn.id, { username, password: 'a wrong password of the drill' });
  secrets.push(secretOfText('a wrong password', 'a wrong password of the drill'));
  assert.equal((await givePassword(ports, visitor, signIn.id, { username, password })).outcome, 'advanced');
  return { id: signIn.id, visitor };
}

function codeAt(key: Uint8Array, nowMs: number): string {
  return totpCode(key, stepAt(nowMs, defaultTotpParameters), defaultTotpParameters);
}
