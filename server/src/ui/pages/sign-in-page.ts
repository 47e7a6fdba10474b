/**
 * The first page: user name and password, and where the person is going. It never says which of the two was
 * wrong: neither field is marked.
 */
import { html } from 'hono/html';
import { problem, problemId } from '../components/problem.ts';
import { waysOut } from '../components/ways-out.ts';
import { type Html, layout, type PageContext } from '../layout.ts';
import { messagesFor } from '../messages/messages.ts';

/** Why the password was not accepted. */
export type SignInError = 'wrong-credentials' | 'busy' | { code: 'wait'; seconds: number };

export type SignInPageProps = {
  action: string;
  applicationName: string;
  /** Where one goes who forgot the password. */
  forgotHref: string;
  /** Filled in again after an error. */
  username?: string | undefined;
  /** Where the button to start over leads, when the browser has a session whose account is asked once more. */
  notYouAction?: string | undefined;
  error?: SignInError | undefined;
};

/** Asks for the user name and the password. */
export const signInPage = (page: PageContext, props: SignInPageProps): Html => {
  const messages = messagesFor(page.language);
  const { signIn } = messages;
  const { error, username = '' } = props;
  const isKnown = props.notYouAction !== undefined;
  const described = error === undefined ? '' : html` aria-describedby="${problemId}"`;
  // Whoever typed the name already continues with the password.
  const focus = {
    username: username === '' ? ' autofocus' : '',
    password: username === '' ? '' : ' autofocus',
  };
  return layout(
    page,
    { title: signIn.title, hasError: error !== undefined },
    html`<h1>${signIn.title}</h1>
<p class="lead">${isKnown ? signIn.onceMore(props.applicationName) : signIn.lead(props.applicationName)}</p>
<form method="post" action="${props.action}">
${
  error === undefined
    ? ''
    : typeof error === 'string'
      ? problem(messages, signIn.errors[error])
      : problem(messages, signIn.errors.wait, { seconds: error.seconds, for: 'again' })
}
<label for="username">${signIn.username}</label>
<input id="username" name="username" type="text" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" required${isKnown ? ' readonly' : ''}${described}${focus.username}>
<div class="with-button">
<label for="password">${signIn.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${described}${focus.password}>
<button class="link" type="button" hidden data-reveal="password" data-other="${signIn.hidePassword}">${signIn.showPassword}</button>
</div>
<button class="primary">${signIn.button}</button>
</form>
<p class="aside"><a href="${props.forgotHref}">${messages.passwords.forgot}</a></p>
${props.notYouAction === undefined ? '' : waysOut(page, { username, notYouAction: props.notYouAction })}`,
  );
};
