// The demo's mailbox: a real mail server on a loopback port, which takes whatever it is sent and keeps the last mails
// in memory, so that the real outbox and the real mailer run, and a page to read them on.

import { createServer, type Socket } from 'node:net';
import { html } from 'hono/html';
import { get, type Route } from '#http/route.ts';
import { layout, type PageContext } from '#ui/layout.ts';

export interface DemoMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Mailbox {
  readonly smtpUrl: string;
  /** The inbox, at /demo/mail. */
  readonly route: Route;
  close(): Promise<void>;
}

const kept = 100;
const maximumMailBytes = 1024 * 1024;

/** Starts the mail server. */
export async function startMailbox(): Promise<Mailbox> {
  const mails: DemoMail[] = [];
  const sockets = new Set<Socket>();
  const keep = (mail: DemoMail) => {
    mails.unshift(mail);
    mails.splice(kept);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    converse(socket, keep);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // The service keeps the process alive; without one there is nothing to take mail for.
  server.unref();
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    smtpUrl: `smtp://127.0.0.1:${port}`,
    route: get('/demo/mail', async ({ page }) => ({ answer: 'page', html: inboxPage(page, mails) })),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** As much of RFC 5321 as it takes to be sent a mail. */
function converse(socket: Socket, keep: (mail: DemoMail) => void): void {
  let received = '';
  let recipient = '';
  let isData = false;
  const say = (line: string) => socket.write(`${line}\r\n`);
  const command = (line: string): string => {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'RCPT') recipient = /<([^>]*)>/.exec(line)?.[1] ?? '';
    if (verb === 'DATA') isData = true;
    if (verb === 'QUIT') socket.end('221 bye\r\n');
    return { EHLO: '250 demo', HELO: '250 demo', DATA: '354 go on' }[verb] ?? '250 ok';
  };
  socket.setEncoding('utf8').on('data', (part: string) => {
    received += part;
    if (received.length > maximumMailBytes) socket.destroy();
    for (;;) {
      const end = isData ? received.indexOf('\r\n.\r\n') : received.indexOf('\r\n');
      if (end < 0 || socket.destroyed || socket.writableEnded) return;
      const piece = received.slice(0, end);
      received = received.slice(end + (isData ? 5 : 2));
      if (isData) {
        isData = false;
        keep(read(recipient, piece.replaceAll('\r\n..', '\r\n.')));
        say('250 ok');
      } else {
        const answer = command(piece);
        if (!socket.writableEnded) say(answer);
      }
    }
  });
  say('220 demo');
}

/** The subject and the plain text of a mail of ours (RFC 2045 to 2047, as far as the mailer uses them). */
function read(to: string, source: string): DemoMail {
  const [head = '', ...rest] = source.split('\r\n\r\n');
  const subject = headerOf(head, 'subject').replaceAll(
    /=\?utf-8\?([bq])\?([^?]*)\?=(?:\s+(?==\?))?/gi,
    (_, encoding: string, text: string) =>
      encoding.toLowerCase() === 'b'
        ? Buffer.from(text, 'base64').toString()
        : fromQuotedPrintable(text.replaceAll('_', ' ')),
  );
  const boundary = /boundary="?([^";]+)/i.exec(headerOf(head, 'content-type'))?.[1];
  const body = rest.join('\r\n\r\n');
  const parts = boundary === undefined ? [source] : body.split(`--${boundary}`);
  const plain =
    parts.find((part) => /^content-type: text\/plain/im.test(part.split('\r\n\r\n')[0] ?? '')) ?? '';
  const [partHead = '', ...partBody] = plain.replace(/^\r\n/, '').split('\r\n\r\n');
  const encoded = partBody.join('\r\n\r\n');
  const encoding = headerOf(partHead, 'content-transfer-encoding').toLowerCase();
  const text =
    encoding === 'base64'
      ? Buffer.from(encoded, 'base64').toString()
      : encoding === 'quoted-printable'
        ? fromQuotedPrintable(encoded)
        : encoded;
  return { to, subject, text: text.replaceAll('\r\n', '\n').trim() };
}

function headerOf(head: string, name: string): string {
  const unfolded = head.replaceAll(/\r\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: *(.*)$`, 'im').exec(unfolded)?.[1]?.trim() ?? '';
}

function fromQuotedPrintable(text: string): string {
  const bytes = text
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

const words = {
  en: {
    title: 'Demo mail',
    lead: 'What was mailed since the start, the newest first.',
    none: 'No mail yet.',
  },
  nl: {
    title: 'Demo-mail',
    lead: 'Wat er sinds de start is gemaild, het nieuwste bovenaan.',
    none: 'Nog geen mail.',
  },
} as const;

function inboxPage(page: PageContext, mails: readonly DemoMail[]) {
  const { title, lead, none } = words[page.language];
  return layout(
    page,
    { title },
    html`<h1>${title}</h1>
<p class="lead">${lead}</p>
${mails.length === 0 ? html`<p>${none}</p>` : ''}
${mails.map(
  (mail) =>
    html`<h2>${mail.subject}</h2><p>${mail.to}</p>${mail.text
      .split('\n\n')
      .map((paragraph) =>
        /^https?:\/\/\S+$/.test(paragraph)
          ? html`<p><a href="${paragraph}">${paragraph}</a></p>`
          : html`<p>${paragraph.replaceAll('\n', ' ')}</p>`,
      )}`,
)}`,
  );
}
