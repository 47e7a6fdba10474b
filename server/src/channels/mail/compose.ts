// From a letter to a mail: the same words as plain text and as HTML simple enough for every mail program. Links lead
// to the configured address and to no other (attack B18); what people typed is escaped by the template.

import { html } from 'hono/html';
import type { Letter } from '#core/letter.ts';
import { wordingOf } from './words.ts';

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const lineLength = 76;

/** @param publicUrl origin, as configured */
export async function compose(letter: Letter, provider: string, publicUrl: string): Promise<Mail> {
  const { subject, paragraphs, link, closing } = wordingOf(letter, provider);
  const url = link === undefined ? undefined : `${publicUrl}${link.path}`;
  const text = [...paragraphs.map(wrap), ...(url === undefined ? [] : [url]), ...closing.map(wrap), provider];
  const page = html`<!doctype html>
<html lang="${letter.language}"><head><meta charset="utf-8"><title>${subject}</title></head>
<body style="font:16px/1.5 sans-serif;max-width:36em">
${paragraphs.map((one) => html`<p>${one}</p>`)}
${
  link === undefined
    ? ''
    : html`<p><a href="${url}">${link.label}</a></p><p style="word-break:break-all">${url}</p>`
}
${closing.map((one) => html`<p>${one}</p>`)}
<p>${provider}</p>
</body></html>`;
  return { subject: oneLine(subject), text: `${text.join('\n\n')}\n`, html: String(await page) };
}

/** A name with a line break in it must not begin a header of its own. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** Breaks a paragraph between words, as plain text in mails is read. */
function wrap(paragraph: string): string {
  const lines = [''];
  for (const word of paragraph.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= lineLength) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
