/**
 * For who forgot the password: asks for the user name, and then says the same whoever it was, so that nobody finds out
 * here who has an account.
 */
import { html } from 'hono/html';
import { problem, problemId } from '../components/problem.ts';
import { supportOf } from '../components/support-phone.ts';
import { type Html, layout, type PageContext } from '../layout.ts';
import { messagesFor } from '../messages/messages.ts';

/** Why the request was not taken; it never depends on whether there is such a name. */
export type ForgotPasswordError = 'malformed' | { code: 'wait'; seconds: number };

export type ForgotPasswordPageProps = {
  action: string;
  backHref: string;
  /** Filled in again after an error. */
  username?: string | undefined;
  error?: ForgotPasswordError | undefined;
};

/** Asks for the user name. */
export const forgotPasswordPage = (page: PageContext, props: ForgotPasswordPageProps): Html => {
  const messages = messagesFor(page.language);
  const { passwords, signIn } = messages;
  const { ask } = passwords;
  const { error, username = '' } = props;
  const described = error === undefined ? '' : html` aria-describedby="${problemId}"`;
  return layout(
    page,
    { title: ask.title, hasError: error !== undefined },
    html`<h1>${ask.title}</h1>
<p class="lead">${ask.lead}</p>
<form method="post" action="${props.action}">
${
  error === undefined
    ? ''
    : typeof error === 'string'
      ? problem(messages, ask.errors[error])
      : problem(messages, ask.errors.wait, { seconds: error.seconds, for: 'again' })
}
<label for="username">${signIn.username}</label>
<input id="username" name="username" type="text" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus${described}${error === 'malformed' ? ' aria-invalid=true' : ''}>
<button class="primary">${ask.button}</button>
</form>
<p class="aside"><a href="${props.backHref}">${passwords.back}</a></p>`,
  );
};

/** What is always said. */
export const resetAskedPage = (page: PageContext, props: { backHref: string }): Html => {
  const { passwords } = messagesFor(page.language);
  const { asked } = passwords;
  return layout(
    page,
    { title: asked.title },
    html`<h1>${asked.title}</h1>
<p class="lead">${asked.lead}</p>
<p>${asked.late}</p>
<p>${asked.old}</p>
<p class="hint">${asked.support(supportOf(page))}</p>
<p class="aside"><a href="${props.backHref}">${passwords.back}</a></p>`,
  );
};

/** Where the provider has set up no mail. */
export const noMailPage = (page: PageContext, props: { backHref: string }): Html => {
  const { passwords } = messagesFor(page.language);
  const { noMail } = passwords;
  return layout(
    page,
    { title: noMail.title },
    html`<h1>${noMail.title}</h1>
<p class="lead">${noMail.lead(page.providerName)}</p>
<p>${noMail.next(supportOf(page))}</p>
<p class="aside"><a href="${props.backHref}">${passwords.back}</a></p>`,
  );
};
