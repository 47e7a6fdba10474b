/**
 * The one place where a form says what is wrong: beside the field, announced, and tied to the field by its
 * id. A waiting time stands in a timer of its own, so that the script can count down without the alert being
 * read again every second.
 */
import { html } from 'hono/html';
import type { Html } from '../layout.ts';
import type { Messages } from '../messages/messages.ts';

/** The id that a field names in aria-describedby while a problem is shown. */
export const problemId = 'problem';

/** Says what is wrong, and, while the person has to wait, for how long. */
export const problem = (messages: Messages, text: string, waitSeconds?: number): Html =>
  html`<div class="problem" id="${problemId}"><p role="alert">${text}</p>${
    waitSeconds === undefined ? '' : timer(messages, waitSeconds)
  }</div>`;

/** How long to wait yet. The script counts down from here and meanwhile holds the form's button. */
export const timer = (messages: Messages, seconds: number): Html =>
  html`<p role="timer" data-seconds="${seconds}" data-text="${messages.tryAgainIn('{}')}" data-done="${
    messages.tryAgainNow
  }">${messages.tryAgainIn(messages.duration(seconds))}</p>`;
