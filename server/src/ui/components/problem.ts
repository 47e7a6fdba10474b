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

/** How long to wait, and for what. */
export type Wait = { seconds: number; for: keyof Messages['waits'] };

/** Says what is wrong, and, while the person has to wait, for how long. */
export const problem = (messages: Messages, text: string, wait?: Wait): Html =>
  html`<div class="problem" id="${problemId}"><p role="alert">${text}</p>${
    wait === undefined ? '' : timer(messages, wait)
  }</div>`;

/** How long to wait yet. The script counts down from here and meanwhile holds the button that it is about. */
export const timer = (messages: Messages, wait: Wait): Html => {
  const { until, over } = messages.waits[wait.for];
  return html`<p role="timer" data-seconds="${wait.seconds}" data-text="${until('{}')}" data-done="${over}">${until(
    messages.duration(wait.seconds),
  )}</p>`;
};
