// A mail server for tests, at the far side of the wire: it speaks SMTP (RFC 5321) strictly, says what was said to it,
// and can be told to refuse, to break off or to keep silent. With a certificate it offers STARTTLS (RFC 3207).

import { EventEmitter, once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As sent, without the dots that were added. */
  readonly source: string;
  readonly isEncrypted: boolean;
  /** Decoded from AUTH PLAIN: name and password. */
  readonly credentials: string | undefined;
}

export interface Behaviour {
  /** Instead of the usual answer to a command, by its verb; `silence` and `hang-up` are no answers at all. */
  readonly answers?: Readonly<Record<string, string>>;
  readonly certificate?: { readonly key: string; readonly cert: string };
  /** Offers AUTH. */
  readonly hasAuth?: boolean;
}

export interface MailServer {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Every command, with its verb in capitals and nothing after AUTH. */
  readonly commands: readonly string[];
  /** What was wrong with what was sent. */
  readonly violations: readonly string[];
  behave(behaviour: Behaviour): void;
  /** Resolves when there are so many mails. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

interface State {
  isEncrypted: boolean;
  greeted: boolean;
  from: string | undefined;
  to: string[];
  credentials: string | undefined;
}

/** Starts it on a port of the kernel's. */
export async function startMailServer(initial: Behaviour = {}): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const commands: string[] = [];
  const violations: string[] = [];
  const arrived = new EventEmitter();
  const sockets = new Set<Socket>();
  let behaviour = initial;

  function serve(socket: Socket, state: State): void {
    let received = '';
    let isData = false;
    socket.setEncoding('latin1');
    const say = (line: string) => socket.writable && socket.write(`${line}\r\n`);
    const command = (line: string): void => {
      const verb = (line.split(' ', 1)[0] ?? '').toUpperCase();
      commands.push(verb === 'AUTH' ? verb : line);
      if (/[^\x20-\x7e]/.test(line)) violations.push(`not ASCII: ${line}`);
      const told = behaviour.answers?.[verb];
      if (told === 'silence') return;
      if (told === 'hang-up') return void socket.destroy();
      if (told !== undefined) return void say(told);
      switch (verb) {
        case 'EHLO': {
          state.greeted = true;
          const offers = ['mail.test', '8BITMIME'];
          if (behaviour.certificate && !state.isEncrypted) offers.push('STARTTLS');
          if (behaviour.hasAuth) offers.push('AUTH PLAIN');
          for (const [index, offer] of offers.entries())
            say(`250${index === offers.length - 1 ? ' ' : '-'}${offer}`);
          return;
        }
        case 'STARTTLS': {
          if (received !== '') violations.push('spoke before TLS was there');
          say('220 go ahead');
          socket.removeAllListeners('data');
          const secure = new TLSSocket(socket, { isServer: true, ...behaviour.certificate });
          secure.on('error', () => secure.destroy());
          serve(secure, { ...state, isEncrypted: true, greeted: false });
          return;
        }
        case 'AUTH':
          state.credentials = Buffer.from(line.split(' ')[2] ?? '', 'base64')
            .toString()
            .slice(1)
            .replace('\0', ':');
          return void say('235 welcome');
        case 'MAIL':
          if (!state.greeted) violations.push('MAIL before EHLO');
          state.from = /^MAIL FROM:<([^>]+)>/i.exec(line)?.[1];
          if (state.from === undefined) violations.push(line);
          return void say('250 ok');
        case 'RCPT': {
          const to = /^RCPT TO:<([^<>\s]+@[^<>\s]+)>$/i.exec(line)?.[1];
          if (state.from === undefined || to === undefined) violations.push(line);
          state.to.push(to ?? '');
          return void say('250 ok');
        }
        case 'DATA':
          if (state.to.length === 0) violations.push('DATA before RCPT');
          isData = true;
          return void say('354 go on');
        case 'QUIT':
          say('221 bye');
          return void socket.end();
        default:
          violations.push(`unknown: ${line}`);
          say('500 what?');
      }
    };
    const mail = (source: string): void => {
      if (/(^|[^\r])\n|\r(?!\n)/.test(source)) violations.push('a bare line end');
      if (source.split('\r\n').some((line) => line.length > 998)) violations.push('a line too long');
      const told = behaviour.answers?.['.'];
      if (told === 'hang-up') return void socket.destroy();
      if (told !== undefined) return void say(told);
      const { from = '', to, isEncrypted, credentials } = state;
      mails.push({ from, to, source: source.replaceAll(/^\.\./gm, '.'), isEncrypted, credentials });
      Object.assign(state, { from: undefined, to: [] });
      say('250 kept');
      arrived.emit('mail');
    };
    socket.on('data', (part: string) => {
      received += part;
      for (;;) {
        const mark = isData ? '\r\n.\r\n' : '\r\n';
        const end = received.indexOf(mark);
        if (end < 0) return;
        const piece = received.slice(0, end);
        received = received.slice(end + mark.length);
        if (isData) {
          isData = false;
          mail(piece);
        } else command(piece);
      }
    });
    if (!state.isEncrypted) say(behaviour.answers?.['greeting'] ?? '220 mail.test');
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, { isEncrypted: false, greeted: false, from: undefined, to: [], credentials: undefined });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    mails,
    commands,
    violations,
    behave: (next) => {
      behaviour = next;
    },
    async received(count) {
      while (mails.length < count) await once(arrived, 'mail');
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** The text of a mail's plain part, decoded. */
export function plainTextOf({ source }: ReceivedMail): string {
  const part = source.split(/\r\n--/).find((one) => /content-type: text\/plain/i.test(one)) ?? '';
  const [head = '', ...body] = part.split('\r\n\r\n');
  const text = body.join('\r\n\r\n');
  if (/base64/i.test(head)) return Buffer.from(text, 'base64').toString();
  if (!/quoted-printable/i.test(head)) return text;
  const bytes = text
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
