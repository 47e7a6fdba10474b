/**
 * Where a person is in the set-up, in words; the bar above them is decoration and comes from the stylesheet.
 */
import { html } from 'hono/html';
import type { Html } from '../layout.ts';
import type { Messages } from '../messages/messages.ts';

const steps = 2;

/** "Part 1 of 2". */
export const stepOf = (messages: Messages, step: 1 | 2): Html =>
  html`<p class="step" data-step="${step}">${messages.step(step, steps)}</p>`;
