/**
 * One button, for a browser without script whose sign-in was proven elsewhere: a sign-in becomes a session
 * only by a POST from the browser that began it.
 */
import { html } from 'hono/html';
import { type Html, layout, type PageContext } from '../layout.ts';
import { messagesFor } from '../messages/messages.ts';

export type ContinuePageProps = { action: string; applicationName: string };

/** Asks to continue to the application. */
export const continuePage = (page: PageContext, props: ContinuePageProps): Html => {
  const messages = messagesFor(page.language);
  const { proven } = messages;
  return layout(
    page,
    { title: proven.title },
    html`<h1 class="good">${proven.title}</h1>
<p class="lead">${proven.lead(props.applicationName)}</p>
<form method="post" action="${props.action}"><button class="primary" autofocus>${messages.continueButton}</button></form>`,
  );
};
