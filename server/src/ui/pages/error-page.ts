/**
 * When a page cannot be shown: what happened, what to do next, and a way to do it. The reasons are a closed
 * list.
 */
import { html } from 'hono/html';
import { timer } from '../components/problem.ts';
import { type Html, layout, type PageContext } from '../layout.ts';
import { type Messages, messagesFor } from '../messages/messages.ts';

/** Every reason for which there is a page: the catalogue is the list. */
export type ErrorPageCode = keyof Messages['errors'];

export type ErrorPageProps = {
  code: ErrorPageCode;
  /** What support looks the incident up by. */
  incidentId?: string | undefined;
  /** What only support or a developer can use, in small print. */
  detail?: string | undefined;
  /** How long to wait before trying again. */
  seconds?: number | undefined;
  /** Where one begins again. */
  startAction?: string | undefined;
};

/** Says what happened and what to do next. */
export const errorPage = (page: PageContext, props: ErrorPageProps): Html => {
  const messages = messagesFor(page.language);
  const error = messages.errors[props.code];
  const start = props.code === 'busy' ? messages.tryAgain : messages.errorPage.start;
  return layout(
    page,
    { title: error.title },
    html`<h1>${error.title}</h1>
<p class="lead">${error.text}</p>
<p>${error.next}</p>
${props.seconds === undefined ? '' : timer(messages, props.seconds)}
${props.startAction === undefined ? '' : html`<a class="primary" href="${props.startAction}">${start}</a>`}
${smallPrint(messages, props)}`,
  );
};

const smallPrint = (messages: Messages, { incidentId, detail }: ErrorPageProps): Html | '' => {
  if (incidentId === undefined && detail === undefined) return '';
  const { errorPage: labels } = messages;
  return html`<dl class="small">${
    incidentId === undefined
      ? ''
      : html`<div><dt>${labels.incident}</dt><dd class="mono">${incidentId}</dd></div>`
  }${detail === undefined ? '' : html`<div><dt>${labels.detail}</dt><dd class="mono">${detail}</dd></div>`}</dl>`;
};
