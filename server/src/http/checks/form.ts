// Reads a form, within limits: one encoding, few fields, each once, nothing long. Whatever a form says besides the
// fields a route asks for is not looked at, so nothing can be set by sending it along (attack B8).

import type { IncomingMessage } from 'node:http';
import { SecondringError } from '#core/errors.ts';

/** Bytes of a form at most; a password of a thousand characters fits. */
const maximumFormBytes = 16 * 1024;
const maximumFields = 20;

/**
 * The body of a form, no longer than a form may be.
 * @throws SecondringError `too-large`
 */
export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= maximumFormBytes) return;
      // The rest is left unread; the connection ends with the answer.
      request.off('data', take).pause();
      reject(tooLarge());
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(chunks, length).toString('utf8')));
    request.once('error', reject);
  });
}

/**
 * The fields of a form.
 * @throws SecondringError `malformed-request`
 */
export function parseForm(contentType: string | undefined, body: string): ReadonlyMap<string, string> {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') throw malformed('This is not a form.');
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) {
    if (fields.has(name)) throw malformed('A field of this form came twice.');
    if (fields.size === maximumFields) throw malformed('This form has too many fields.');
    fields.set(name, value);
  }
  return fields;
}

function malformed(message: string): SecondringError {
  return new SecondringError('malformed-request', message);
}

function tooLarge(): SecondringError {
  return new SecondringError('too-large', 'This form is too large.');
}
