/** The button that asks for a new attempt after one was used up. */
import { html } from 'hono/html';
import type { Html } from '../layout.ts';
import type { Messages } from '../messages/messages.ts';

/** The button, or nothing where no new attempt can be had. */
export const retryForm = (messages: Messages, action: string | undefined): Html | '' =>
  action === undefined
    ? ''
    : html`<form method="post" action="${action}"><button class="primary" autofocus>${messages.tryAgain}</button></form>`;
