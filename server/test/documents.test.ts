// The documents tell the truth: what they name exists, and the tables that people look up equal the source. A number
// that is changed in one place only fails here.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { options } from '#config/options.ts';
import { triesPerChallenge } from '#core/challenge.ts';
import { triesPerEnrollment } from '#core/enrollment.ts';
import { outboxLifeMs } from '#core/outbox.ts';
import { maximumPasswordLength, minimumPasswordLength } from '#core/password.ts';
import {
  resetDayRule,
  resetHourRule,
  resetLinkLifeMs,
  resetNetworkRule,
  waitingPasswordLifeMs,
} from '#core/password-reset.ts';
import { passwordFreshMs, sessionIdleMs, sessionLifeMs } from '#core/session.ts';
import { liveSignInsPerAccount, signInLifeMs } from '#core/sign-in.ts';
import { staffIdleMs, staffLifeMs } from '#core/staff.ts';
import {
  otpRule,
  passwordRule,
  recoveryDayRule,
  recoveryHourRule,
  wrongPasswordsPerAddress,
  wrongPasswordsPerName,
} from '#core/throttle.ts';
import { shareOfLine } from '#custody/slow-hash.ts';
import { generateRecoveryCodes } from '#factors/recovery-code/recovery-code.ts';
import { defaultTotpParameters, initialTotpState, stepAt, totpCode, verifyTotp } from '#factors/totp/totp.ts';
import * as crowd from '#http/checks/crowd.ts';
import { layers } from './support/layers.ts';
import {
  brokenLinks,
  type Document,
  missingNames,
  missingScripts,
  readDocuments,
  readPaths,
  tableUnder,
} from './support/markdown.ts';

const root = join(import.meta.dirname, '../..');
const paths = readPaths(root);
const documents = readDocuments(root, paths);

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const json = (path: string) => JSON.parse(read(path)) as Record<string, Record<string, string>>;

/** What is wrong with each document, one line each. */
const faults = (find: (document: Document) => readonly string[]) =>
  documents.flatMap((document) => find(document).map((fault) => `${document.path}: ${fault}`)).join('\n');

test('every relative link leads to a file, and to a heading in it', () => {
  assert.ok(documents.length > 15, 'the documents were not read');
  assert.equal(
    faults((document) => brokenLinks(root, document)),
    '',
  );
});

test('no document names a file, a folder or a script that does not exist', () => {
  const { scripts = {} } = json('package.json');
  assert.equal(
    faults((document) => missingNames(document, paths)),
    '',
  );
  assert.equal(
    faults((document) => missingScripts(document, scripts)),
    '',
  );
});

test('every decision is listed under its title, in order, and is short enough to be read', () => {
  const decisions = documents.filter(({ path }) => /^docs\/decisions\/\d{4}-/.test(path));
  const listed = [...read('docs/decisions/README.md').matchAll(/^- \[(.+)\]\((.+)\)$/gm)];
  assert.deepEqual(
    listed.map(([, title, file]) => `${file} ${title}`),
    decisions.map(
      ({ path, text }) => `${path.slice('docs/decisions/'.length)} ${/^# (.+)$/m.exec(text)?.[1]}`,
    ),
  );
  const numbers = decisions.map(({ path }) => path.slice(0, 'docs/decisions/0000'.length));
  assert.equal(new Set(numbers).size, decisions.length, 'a number is given once');
  for (const { path, text } of decisions) {
    assert.ok(text.trimEnd().split('\n').length <= 60, `${path} has more than 60 lines`);
  }
});

test('the table of options equals the options', () => {
  assert.deepEqual(
    tableUnder(read('docs/operate/configuration.md'), '## Options'),
    options.map((option) => [
      `\`${option.name}\``,
      option.default === undefined || option.default === '' ? 'none' : `\`${option.default}\``,
      option.meaning,
    ]),
  );
});

test('the layer table equals the one that is enforced', () => {
  const allowed = (list: 'any' | readonly string[]) =>
    list === 'any' ? 'any' : list.map((one) => `\`${one}\``).join(', ') || 'none';
  const rows = Object.entries(layers).map(([name, layer]) => {
    const others = Object.keys(layers).filter((other) => other !== name && other !== 'web');
    const isEverything = others.every((other) => layer.layers.includes(other));
    const mayImport = isEverything ? 'everything' : layer.layers.join(', ') || 'nothing';
    return [name, mayImport, allowed(layer.builtins), allowed(layer.packages)];
  });
  assert.deepEqual(tableUnder(read('ARCHITECTURE.md'), '## Layers'), rows);
});

test('every runtime dependency has its reason, and there are at most twelve', () => {
  const { dependencies = {} } = json('server/package.json');
  const names = Object.keys(dependencies).sort();
  const rows = tableUnder(read('docs/decisions/0010-at-most-twelve-runtime-dependencies.md'), '## Decision');
  assert.deepEqual(rows.map(([name = '']) => name.replaceAll('`', '')).sort(), names);
  assert.ok(names.length <= 12, `${names.length} runtime dependencies`);
});

test('the example of a panel fits in thirty lines', () => {
  const [, example = ''] = /^```js\n(.+?)^```$/ms.exec(read('docs/integrate/oidc.md')) ?? [];
  const lines = example.trimEnd().split('\n').length;
  assert.ok(lines > 10 && lines <= 30, `${lines} lines`);
});

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** A duration as the documents write it. */
function spoken(ms: number): string {
  if (ms % hour === 0) return `${ms / hour} h`;
  return ms % minute === 0 ? `${ms / minute} min` : `${ms / second} s`;
}

/** How many codes of one authenticator app are taken at one moment. */
function liveCodes(): number {
  const key = randomBytes(20);
  const nowMs = 1_700_000_000_000;
  const current = stepAt(nowMs, defaultTotpParameters);
  const steps = Array.from({ length: 21 }, (_, index) => current - 10 + index);
  return steps.filter((step) => {
    const response = totpCode(key, step, defaultTotpParameters);
    const state = initialTotpState;
    return (
      verifyTotp({ key, parameters: defaultTotpParameters, state, response, nowMs }).verdict === 'accepted'
    );
  }).length;
}

/** A lifetime of the OIDC side, which provider.ts keeps to itself. */
function lifetime(model: string): string {
  const [, product] =
    new RegExp(`^ {2}${model}: ([\\d* ]+),$`, 'm').exec(read('server/src/http/oidc/provider.ts')) ?? [];
  assert.ok(product !== undefined, `there is no lifetime of ${model}`);
  return spoken(product.split('*').reduce((seconds, factor) => seconds * Number(factor), 1) * second);
}

/** The waits of a rule until they stay the same: "4: 5 s, 5: 15 s, from 6 on: 1 h". */
function waits(waitAfterMs: (count: number) => number, limit: number): string {
  const counts = Array.from({ length: limit }, (_, index) => index + 1).filter(
    (count) => waitAfterMs(count) > 0,
  );
  const last = counts.find((count) =>
    counts.every((later) => later < count || waitAfterMs(later) === waitAfterMs(count)),
  );
  return counts
    .filter((count) => count <= (last ?? limit))
    .map((count) => `${count === last ? `from ${count} on` : count}: ${spoken(waitAfterMs(count))}`)
    .join(', ');
}

test('the numbers of SECURITY.md equal the constants', () => {
  const codes = generateRecoveryCodes(randomBytes);
  const secretBits = (codes[0]?.secret.length ?? 0) * 5;
  const free = Array.from({ length: 50 }, (_, index) => index + 1).filter(
    (count) => passwordRule.waitAfterMs(count) === 0,
  );
  const expected: readonly (readonly [subject: string, value: string])[] = [
    ['Life of a pending sign-in', spoken(signInLifeMs)],
    ['Pending sign-ins of one account that live at a time', `${liveSignInsPerAccount}`],
    ['Wrong codes at one challenge', `${triesPerChallenge}`],
    ['Wrong codes at one enrollment', `${triesPerEnrollment}`],
    ['Wrong codes of one account in a row, then locked', `${otpRule.limit}`],
    ['Wait after the n-th of them', waits(otpRule.waitAfterMs, otpRule.limit)],
    ['Codes of an authenticator app that live at one moment', `${liveCodes()}`],
    ['Recovery codes in a set', `${codes.length}, of ${secretBits} bits`],
    ['Tries at recovery codes', `${recoveryHourRule.limit} an hour, ${recoveryDayRule.limit} a day`],
    ['Wrong passwords for one name from one network without a wait', `${free.length}`],
    [
      'Wait after further ones',
      `${spoken(passwordRule.waitAfterMs(free.length + 1))}, doubling to ${spoken(passwordRule.waitAfterMs(50))}`,
    ],
    ['Wrong passwords for one name in an hour before answers slow down', `${wrongPasswordsPerName.above}`],
    [
      'Wrong passwords from one network in 10 min before answers slow down',
      `${wrongPasswordsPerAddress.above}`,
    ],
    ['How much they slow down', spoken(wrongPasswordsPerName.delayMs)],
    [
      'Pages that begin a sign-in, for one network',
      `${crowd.burst} at once, then ${crowd.perSecond} a second`,
    ],
    ['Part of the hashing line that one network may take', shareOfLine === 1 / 4 ? 'a quarter' : '?'],
    [
      'Length of a new password',
      `${minimumPasswordLength} to ${maximumPasswordLength.toLocaleString('en')} characters`,
    ],
    ['Life of the link to choose a password', spoken(resetLinkLifeMs)],
    ['How long a password chosen by mail waits for a factor', spoken(waitingPasswordLifeMs)],
    ['Such links for one name', `${resetHourRule.limit} an hour, ${resetDayRule.limit} a day`],
    ['Such links asked for from one network', `${resetNetworkRule.limit} an hour`],
    ['Tries at delivering a mail', `for ${spoken(outboxLifeMs)}`],
    ['Life of a session', spoken(sessionLifeMs)],
    ['Life of a session that leads nowhere', spoken(sessionIdleMs)],
    [
      'Age of proofs, and pause, after which a staff page asks both factors anew',
      `${spoken(staffLifeMs)}, ${spoken(staffIdleMs)}`,
    ],
    ['Age of a password that lets a session set up its first method', spoken(passwordFreshMs)],
    ['Life of an authorization code', lifetime('AuthorizationCode')],
    ['Life of an access token and of an ID token', `${lifetime('AccessToken')}, ${lifetime('IdToken')}`],
  ];
  const rows = tableUnder(read('SECURITY.md'), '## Numbers').map(([subject, value]) => [subject, value]);
  assert.deepEqual(rows, expected);
  assert.deepEqual([wrongPasswordsPerName.windowMs, wrongPasswordsPerAddress.windowMs], [hour, 10 * minute]);
  assert.equal(wrongPasswordsPerAddress.delayMs, wrongPasswordsPerName.delayMs);
});

test('the odds of guessing a code are those of the constants', () => {
  const odds = (otpRule.limit * liveCodes()) / 10 ** defaultTotpParameters.digits;
  const [digits, exponent] = odds.toExponential(0).split('e-');
  const sum = `${otpRule.limit} × ${liveCodes()} / 10^${defaultTotpParameters.digits} = ${digits} × 10^-${exponent}`;
  assert.ok(read('SECURITY.md').includes(sum), `SECURITY.md should say: ${sum}`);
});
