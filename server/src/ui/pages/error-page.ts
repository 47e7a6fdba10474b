/**
 * When a page cannot be shown: what happened, what to do next, and a way to do it. The reasons are a closed
 * list.
 */
import { html } from 'hono/html';
import { timer } from '../components/problem.ts';
import { supportOf } from '../components/support-phone.ts';
import { type WaysOut, waysOut } from '../components/ways-out.ts';
import { inFours } from '../in-fours.ts';
import { type Html, layout, type PageContext } from '../layout.ts';
import { type Messages, messagesFor } from '../messages/messages.ts';

/** Every reason for which there is a page: the catalogue is the list. */
export type ErrorPageCode = keyof Messages['errors'];

export type ErrorPageProps = {
  code: ErrorPageCode;
  /** What support looks the incident up by. */
  incidentId?: string | undefined;
  /** What only support or a developer can use. */
  detail?: string | undefined;
  /** How long to wait before trying again. */
  seconds?: number | undefined;
  /** Where the same is tried again. */
  againHref?: string | undefined;
  /** Where one begins again. */
  beginHref?: string | undefined;
  /** Whose sign-in this was, where somebody else could have more luck. */
  who?: WaysOut | undefined;
};

/**
 * What the button does, so that it agrees with the sentence above it. Without a button: what helps is elsewhere, or
 * our links would lead to the wrong server.
 */
const buttons: Readonly<Record<ErrorPageCode, 'again' | 'begin' | 'none'>> = {
  'sign-in-expired': 'begin',
  'set-up-expired': 'begin',
  'sign-in-over': 'begin',
  'sign-in-unknown': 'begin',
  'not-found': 'begin',
  busy: 'again',
  'forbidden-origin': 'begin',
  'malformed-request': 'begin',
  'too-large': 'begin',
  'method-not-allowed': 'begin',
  misdirected: 'none',
  'application-refused': 'none',
  'no-method-left': 'none',
  'staff-only': 'begin',
  'staff-unavailable': 'again',
  unavailable: 'again',
  internal: 'again',
  'account-disabled': 'none',
  'too-many-pending': 'again',
};

/** Says what happened and what to do next. */
export const errorPage = (page: PageContext, props: ErrorPageProps): Html => {
  const messages = messagesFor(page.language);
  const error = messages.errors[props.code];
  const next = typeof error.next === 'function' ? error.next(supportOf(page)) : error.next;
  return layout(
    page,
    { title: error.title, isElsewhere: props.code === 'misdirected' },
    html`<h1>${error.title}</h1>
<p class="lead">${error.text}</p>
${next === '' ? '' : html`<p>${next}</p>`}
${props.seconds === undefined ? '' : timer(messages, { seconds: props.seconds, for: 'again' })}
${button(messages, props)}
${props.who === undefined ? '' : waysOut(page, props.who)}
${forSupport(messages, props)}`,
  );
};

const button = (messages: Messages, { code, againHref, beginHref }: ErrorPageProps): Html | '' => {
  const kind = buttons[code];
  if (kind === 'none') return '';
  const href = kind === 'again' ? againHref : beginHref;
  if (href === undefined) return '';
  return html`<a class="primary" href="${href}">${kind === 'again' ? messages.tryAgain : messages.errorPage.start}</a>`;
};

/** What is read aloud to support is in groups that can be read aloud. */
const forSupport = (messages: Messages, { incidentId, detail }: ErrorPageProps): Html | '' => {
  if (incidentId === undefined && detail === undefined) return '';
  const { errorPage: labels } = messages;
  return html`<dl class="for-support">${
    incidentId === undefined
      ? ''
      : html`<div><dt>${labels.incident}</dt><dd>${inFours(incidentId)}</dd></div>`
  }${detail === undefined ? '' : html`<div><dt>${labels.detail}</dt><dd>${detail}</dd></div>`}</dl>`;
};
