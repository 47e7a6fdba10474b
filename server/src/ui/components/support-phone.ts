/** Whom a person can call, with the number as a link: on a phone one tap on it calls. */
import { html } from 'hono/html';
import type { Html, PageContext } from '../layout.ts';
import type { Support } from '../messages/support.ts';

/** What the sentences that say to call support are given. */
export const supportOf = ({ providerName, supportPhone }: PageContext): Support => ({
  provider: providerName,
  phone: supportPhone === undefined ? '' : phoneLink(supportPhone),
});

const phoneLink = (number: string): Html =>
  html`<a class="phone" href="tel:${dialled(number)}">${number}</a>`;

/** What a telephone dials (RFC 3966 §3): without the zero in "+31 (0)85", which is for callers at home. */
const dialled = (number: string): string =>
  (number.startsWith('+') ? number.replace('(0)', '') : number).replaceAll(/[^\d+]/g, '');
