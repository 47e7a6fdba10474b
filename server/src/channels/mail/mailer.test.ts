// The mailer against a mail server that speaks the real protocol and minds it: what arrives, what is said over which
// connection, and what becomes of refusals.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import type { Letter } from '#core/letter.ts';
import { temporaryFolder } from '#test/support/each-engine.ts';
import { type Behaviour, plainTextOf, startMailServer } from '#test/support/mail-server.ts';
import { createMailer } from './mailer.ts';

const server = await startMailServer();
after(() => server.close());
beforeEach(() => server.behave({}));

const publicUrl = 'https://sign-in.example';
const letter: Letter = {
  ...{ letter: 'password-reset', address: 'jose@demo.test', language: 'nl', username: 'José & <b>co</b>' },
  ...{ token: 'T'.repeat(43), lifeMinutes: 60 },
};

function mailer(credentials = '', providerName = 'Télécom "Één"') {
  return createMailer({
    smtpUrl: `smtp://${credentials}127.0.0.1:${server.port}`,
    ...{ from: 'no-reply@sign-in.example', publicUrl, providerName: async () => providerName },
  });
}

async function sent(one: Letter = letter, behaviour: Behaviour = {}, credentials = '') {
  server.behave(behaviour);
  const before = server.mails.length;
  assert.equal(await mailer(credentials).send(one, 'item-1'), 'delivered');
  const mail = server.mails[before];
  assert.ok(mail);
  assert.deepEqual(server.violations, []);
  return mail;
}

test('a letter arrives as plain text and as HTML, in its language, from the provider', async () => {
  const mail = await sent();
  assert.deepEqual([mail.from, mail.to], ['no-reply@sign-in.example', ['jose@demo.test']]);
  const head = mail.source.split('\r\n\r\n')[0] ?? '';
  assert.match(head, /^To: jose@demo\.test\r$/m);
  assert.match(head, /^Message-ID: <item-1@sign-in\.example>\r$/im);
  assert.match(head, /^Auto-Submitted: auto-generated\r$/m);
  assert.match(head, /^Content-Type: multipart\/alternative/m);
  const text = plainTextOf(mail);
  const flowing = text.replaceAll(/\s+/g, ' ');
  const link = `${publicUrl}/reset-password/${letter.letter === 'password-reset' ? letter.token : ''}`;
  assert.match(flowing, /nieuw wachtwoord aangevraagd voor de gebruikersnaam José & <b>co<\/b>/);
  assert.ok(text.split(/\r?\n/).includes(link), 'the link stands on a line of its own');
  assert.match(text, /Télécom "Één"/);
});

test('every letter says something in every language, and escapes what people typed', async () => {
  const typed = '<img src=x onerror=alert(1)>';
  for (const language of ['en', 'nl'] as const) {
    const to = { address: 'ann@demo.test', language, username: typed };
    for (const one of [
      { ...to, letter: 'password-reset', token: 'T'.repeat(43), lifeMinutes: 60 },
      { ...to, letter: 'password-reset-impossible' },
      { ...to, letter: 'password-changed', atMs: Date.UTC(2031, 4, 6, 7, 8) },
    ] satisfies Letter[]) {
      const mail = await sent(one);
      assert.ok(plainTextOf(mail).replaceAll(/\s+/g, ' ').includes(typed), one.letter);
      const markup = mail.source.slice(mail.source.search(/content-type: text\/html/i));
      assert.ok(!/<img/.test(markup.replaceAll('=\r\n', '')), one.letter);
    }
  }
});

test('a line break in a name begins no header', async () => {
  server.behave({});
  const before = server.mails.length;
  await mailer('', 'Telecom\r\nBcc: evil@evil.example').send(letter, 'item-2');
  const mail = server.mails[before];
  assert.deepEqual(mail?.to, [letter.address]);
  assert.doesNotMatch(mail?.source.split('\r\n\r\n')[0] ?? '', /^bcc:/im);
});

test('TLS is begun where it is offered, and nothing is said over it to a server that nobody vouches for', async () => {
  const { folder, certificate } = selfSigned();
  try {
    server.behave({ certificate, hasAuth: true });
    await assert.rejects(mailer('ann:s%20cret@').send(letter, 'item-3'));
    assert.equal(server.commands.at(-1), 'STARTTLS');
  } finally {
    folder.remove();
  }
});

test('a name and a password are given where they are asked for, on this machine also in clear', async () => {
  const mail = await sent(letter, { hasAuth: true }, 'ann:s%20cret@');
  assert.equal(mail.credentials, 'ann:s cret');
});

for (const [what, answers] of Object.entries({
  'an unknown recipient': { RCPT: '550 5.1.1 no such mailbox' },
  'a recipient that moved': { RCPT: '551 user not local' },
})) {
  test(`${what} is refused for good`, async () => {
    server.behave({ answers });
    assert.equal(await mailer().send(letter, 'item-4'), 'refused');
  });
}

for (const [what, behaviour] of Object.entries({
  'a full mailbox': { answers: { RCPT: '452 4.2.2 mailbox full' } },
  greylisting: { answers: { RCPT: '451 4.7.1 try again later' } },
  'a server that is going down': { answers: { greeting: '421 closing' } },
  'a server that hangs up': { answers: { DATA: 'hang-up' } },
  'a server that hangs up after the mail': { answers: { '.': 'hang-up' } },
  'a wrong password of ours': { answers: { AUTH: '535 5.7.8 wrong' }, hasAuth: true },
} satisfies Record<string, Behaviour>)) {
  test(`${what} is worth another try`, async () => {
    server.behave(behaviour);
    const before = server.mails.length;
    await assert.rejects(mailer('ann:secret@').send(letter, 'item-5'));
    assert.equal(server.mails.length, before);
  });
}

test('a password is not sent in clear to another machine', async () => {
  // Nothing but this machine can be asked in a test; a name that leads here is another machine for the mailer.
  server.behave({ hasAuth: true });
  const elsewhere = createMailer({
    smtpUrl: `smtp://ann:secret@[::ffff:127.0.0.1]:${server.port}`,
    ...{ from: 'a@b.example', publicUrl, providerName: async () => 'Telecom' },
  });
  await assert.rejects(elsewhere.send(letter, 'item-6'));
  assert.ok(!server.commands.slice(-2).includes('AUTH'), server.commands.slice(-3).join());
});

function selfSigned() {
  const folder = temporaryFolder();
  const [key, cert] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')];
  const subject = ['-subj', '/CN=mail.test', '-days', '2', '-nodes', '-batch'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  });
  return {
    folder,
    certificate: { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') },
  };
}
