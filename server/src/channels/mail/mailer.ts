// Sends letters over SMTP. A server that says never (a permanent refusal of the recipient, RFC 5321 section 4.2.1) is
// believed; everything else, a wrong password of ours included, is worth another try later.

import { isIP } from 'node:net';
import type { Delivered, Mailer } from '#core/ports.ts';
import { compose } from './compose.ts';

export interface MailerOptions {
  /** smtp://user:password@host:port, or smtps://. */
  readonly smtpUrl: string;
  readonly from: string;
  /** Origin of links, as configured. */
  readonly publicUrl: string;
  readonly providerName: () => Promise<string>;
}

const connectTimeoutMs = 10_000;
const silenceTimeoutMs = 20_000;

/** Opens no connection; each letter has its own. */
export function createMailer(options: MailerOptions): Mailer {
  const server = serverOf(options.smtpUrl);
  const { hostname } = new URL(options.publicUrl);
  return {
    async send(letter, id) {
      // Loaded with the first letter, so that it costs nothing at rest.
      const { createTransport } = await import('nodemailer');
      const provider = await options.providerName();
      const mail = await compose(letter, provider, options.publicUrl);
      const transport = createTransport({
        ...server,
        connectionTimeout: connectTimeoutMs,
        greetingTimeout: connectTimeoutMs,
        socketTimeout: silenceTimeoutMs,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      try {
        await transport.sendMail({
          ...mail,
          from: { name: provider, address: options.from },
          to: { name: '', address: letter.address },
          // The same for every delivery of an item, so that two can be known for one.
          messageId: `<${id}@${hostname}>`,
          // No automatic answers, please (RFC 3834 section 5).
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return 'delivered';
      } catch (error) {
        return refusedForGood(error);
      } finally {
        transport.close();
      }
    },
  };
}

/** @throws the error itself where another try may go better */
function refusedForGood(error: unknown): Delivered {
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  if (code === 'EENVELOPE' && typeof responseCode === 'number' && responseCode >= 500) return 'refused';
  throw error;
}

/** A password is never sent in clear, except to this machine itself. */
function serverOf(smtpUrl: string) {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = protocol === 'smtps:';
  const isHere = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  const auth =
    username === '' ? undefined : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  return {
    host,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !isHere && auth !== undefined,
    ...(auth && { auth }),
  };
}
