/**
 * Setting up an authenticator app, the first of two parts. Everything is on one page, in the order in which
 * it is done: get an app, link it, type. On a phone, where nobody can scan the own screen, a button that opens
 * the app comes first.
 */
import { html } from 'hono/html';
import { type CodeError, codeProblem, isClosed } from '../components/code-error.ts';
import { codeField } from '../components/code-field.ts';
import { qrCode } from '../components/qr-code.ts';
import { retryForm } from '../components/retry-form.ts';
import { stepOf } from '../components/step-of.ts';
import { waysOut } from '../components/ways-out.ts';
import { inFours } from '../in-fours.ts';
import { type Html, layout, type PageContext } from '../layout.ts';
import { type Messages, messagesFor } from '../messages/messages.ts';

export type SetUpTotpPageProps = {
  action: string;
  username: string;
  /** The otpauth: URI that the QR code holds. */
  keyUri: string;
  /** The same key in Base32, for typing; spaces are ignored. */
  keyText: string;
  /** Until the sign-in ends and one has to start again. */
  secondsLeft: number;
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
${isClosed(props) ? startAgain(page, props) : threeSteps(page, props)}
${waysOut(page, { username: props.username, notYouAction: props.notYouAction })}`,
  );
};

const startAgain = (page: PageContext, props: SetUpTotpPageProps): Html =>
  html`${trouble(page, props)}${retryForm(messagesFor(page.language), props.retryAction)}`;

const trouble = ({ language, providerName }: PageContext, { error }: SetUpTotpPageProps): Html | '' => {
  const messages = messagesFor(language);
  const sentences = {
    ...messages.code.errors(providerName),
    'too-many': messages.setUp.tooMany(providerName),
  };
  return codeProblem(messages, sentences, error, 'newCode');
};

const threeSteps = (page: PageContext, props: SetUpTotpPageProps): Html => {
  const messages = messagesFor(page.language);
  const { setUp } = messages;
  // At first the page is read from the top; only after a wrong code is the field where one goes on.
  const hasProblem = props.error !== undefined;
  return html`<p class="lead">${setUp.why}</p>
<p class="hint">${setUp.timeLeft(messages.duration(wholeMinutes(props.secondsLeft)))}</p>
<ol class="steps">
<li>
<h2>${setUp.install}</h2>
<p>${setUp.installText}</p>
</li>
<li>
<h2>${setUp.link}</h2>
<div class="phone-only">
<p>${setUp.onPhone}</p>
<a class="secondary" href="${props.keyUri}">${setUp.openApp}</a>
<p>${setUp.nothingHappens}</p>
${copyButton(messages, props.keyText)}
<p><strong>${setUp.otherScreen}</strong></p>
</div>
<p>${setUp.scanText}</p>
<div class="scan">
${qrCode(props.keyUri, setUp.qrLabel)}
${keyAsText(messages, props.keyText)}
</div>
<p>${setUp.accountKind} ${setUp.entry(page.providerName, props.username)}</p>
</li>
<li>
<h2>${setUp.type}</h2>
<p>${setUp.typeText}</p>
<form method="post" action="${props.action}">
${trouble(page, props)}
${codeField(messages, { hasProblem, hasFocus: hasProblem })}
<button class="primary">${messages.continueButton}</button>
</form>
</li>
</ol>`;
};

/** Rounded down: a deadline must not be promised later than it is. The last minutes are said in seconds. */
const wholeMinutes = (seconds: number): number =>
  seconds < 120 ? Math.floor(seconds) : Math.floor(seconds / 60) * 60;

const keyAsText = (messages: Messages, keyText: string): Html =>
  html`<div>
<p>${messages.setUp.keyLabel}</p>
<p class="key" translate="no">${inFours(keyText)}</p>
${copyButton(messages, keyText)}
</div>`;

const copyButton = (messages: Messages, keyText: string): Html =>
  html`<button class="secondary" type="button" hidden aria-live="polite" data-copy="${keyText.replaceAll(' ', '')}" data-done="${messages.copied}">${messages.setUp.copyKey}</button>`;
