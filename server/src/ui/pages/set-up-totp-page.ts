/**
 * Setting up an authenticator app, the first of two steps. Everything is on one page, in the order in which
 * it is done: get an app, scan, type. On a phone, where nobody can scan the own screen, a link opens the app
 * instead.
 */
import { html } from 'hono/html';
import { type CodeError, codeProblem, isClosed } from '../components/code-error.ts';
import { codeField } from '../components/code-field.ts';
import { qrCode } from '../components/qr-code.ts';
import { retryForm } from '../components/retry-form.ts';
import { stepOf } from '../components/step-of.ts';
import { waysOut } from '../components/ways-out.ts';
import { type Html, layout, type PageContext } from '../layout.ts';
import { type Messages, messagesFor } from '../messages/messages.ts';

export type SetUpTotpPageProps = {
  action: string;
  username: string;
  /** The otpauth: URI that the QR code holds. */
  keyUri: string;
  /** The same key in Base32, for typing; spaces are ignored. */
  keyText: string;
  error?: CodeError | undefined;
  /** Where a new key is asked for once this one is dead. */
  retryAction?: string | undefined;
  notYouAction: string;
};

/** Shows the key and asks for the first code made with it. */
export const setUpTotpPage = (page: PageContext, props: SetUpTotpPageProps): Html => {
  const messages = messagesFor(page.language);
  const title = isClosed(props) ? messages.tooManyTitle : messages.setUp.title;
  return layout(
    page,
    { title, hasError: props.error !== undefined, isWide: true },
    html`${stepOf(messages, 1)}
<h1>${title}</h1>
${isClosed(props) ? startAgain(messages, props) : threeSteps(page, props)}
${waysOut(page, { username: props.username, notYouAction: props.notYouAction })}`,
  );
};

const startAgain = (messages: Messages, props: SetUpTotpPageProps): Html =>
  html`${codeProblem(messages, messages.setUp.errors, props.error)}${retryForm(messages, props.retryAction)}`;

const threeSteps = (page: PageContext, props: SetUpTotpPageProps): Html => {
  const messages = messagesFor(page.language);
  const { setUp } = messages;
  // At first the page is read from the top; only after a wrong code is the field where one goes on.
  const hasProblem = props.error !== undefined;
  return html`<p class="lead">${setUp.why}</p>
<ol class="steps">
<li>
<h2>${setUp.install}</h2>
<p>${setUp.installText}</p>
</li>
<li>
<h2>${setUp.scan}</h2>
<p>${setUp.scanText} ${setUp.entry(page.providerName, props.username)}</p>
<div class="phone-only">
<p>${setUp.onPhone}</p>
<a class="secondary" href="${props.keyUri}">${setUp.openApp}</a>
</div>
<div class="scan">
${qrCode(props.keyUri, setUp.qrLabel)}
${keyAsText(messages, props.keyText)}
</div>
</li>
<li>
<h2>${setUp.type}</h2>
<p>${setUp.typeText}</p>
<form method="post" action="${props.action}">
${codeProblem(messages, setUp.errors, props.error)}
${codeField(messages, { hasProblem, hasFocus: hasProblem })}
<button class="primary">${messages.continueButton}</button>
</form>
</li>
</ol>`;
};

/** In groups of four, because nobody keeps 32 letters in their head. */
const keyAsText = (messages: Messages, keyText: string): Html => {
  const key = keyText.replaceAll(' ', '');
  const groups = key.match(/.{1,4}/g) ?? [];
  return html`<div>
<p>${messages.setUp.keyLabel}</p>
<p class="key" translate="no">${groups.join(' ')}</p>
<button class="secondary" type="button" hidden aria-live="polite" data-copy="${key}" data-done="${messages.copied}">${messages.setUp.copyKey}</button>
</div>`;
};
