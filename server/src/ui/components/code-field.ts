/**
 * The field for a six-digit code. It is one field, so that pasting, autofill from a message and every screen
 * reader work, and it has no maximum length, so that "123 456" can be pasted. WCAG 3.2.2 wants people told
 * before a form sends itself: that sentence is hidden until the script that does so is there.
 */
import { html } from 'hono/html';
import type { Html } from '../layout.ts';
import type { Messages } from '../messages/messages.ts';
import { problemId } from './problem.ts';

type CodeFieldProps = {
  /** A problem is shown beside the field. */
  hasProblem: boolean;
  /** The field is what the page is about, so typing begins there. */
  hasFocus: boolean;
};

/** The code field with its label. */
export const codeField = (messages: Messages, { hasProblem, hasFocus }: CodeFieldProps): Html =>
  html`<label for="code">${messages.code.label}</label>
<input class="code" id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" spellcheck="false" required data-digits="6"${hasFocus ? ' autofocus' : ''}${
    hasProblem ? html` aria-invalid="true" aria-describedby="${problemId}"` : ''
  }>
<p class="hint" id="automatic" hidden>${messages.code.automatic}</p>`;
