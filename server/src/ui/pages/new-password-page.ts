/**
 * Choosing a new password, by a mailed link or because the provider wants another one. One field that can be shown
 * instead of two that hide the same mistake; the user name stands there for password managers.
 */
import { html } from 'hono/html';
import { problem, problemId } from '../components/problem.ts';
import { supportOf } from '../components/support-phone.ts';
import { type Html, layout, type PageContext } from '../layout.ts';
import { type Messages, messagesFor } from '../messages/messages.ts';

/** Why a password was not taken: the catalogue is the list. */
export type NewPasswordError = keyof Messages['passwords']['choose']['errors'];

export type NewPasswordPageProps = {
  action: string;
  username: string;
  /** The provider asks for it, inside a sign-in. */
  isDemanded: boolean;
  error?: NewPasswordError | undefined;
  /** To begin again as somebody else. */
  notYouAction?: string | undefined;
};

/** Asks for a new password. */
export const newPasswordPage = (page: PageContext, props: NewPasswordPageProps): Html => {
  const messages = messagesFor(page.language);
  const { choose } = messages.passwords;
  const { error } = props;
  return layout(
    page,
    { title: choose.title, hasError: error !== undefined },
    html`<h1>${choose.title}</h1>
<p class="lead">${props.isDemanded ? choose.mustLead(page.providerName) : choose.lead}</p>
<form method="post" action="${props.action}">
${error === undefined ? '' : problem(messages, choose.errors[error])}
<label for="username">${messages.signIn.username}</label>
<input id="username" name="username" type="text" value="${props.username}" autocomplete="username" readonly>
<div class="with-button">
<label for="password">${choose.label}</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="8" required autofocus aria-describedby="rule${error === undefined ? '' : ` ${problemId}`}"${error === undefined ? '' : ' aria-invalid=true'}>
<button class="link" type="button" hidden data-reveal="password" data-other="${messages.signIn.hidePassword}">${messages.signIn.showPassword}</button>
</div>
<p class="hint" id="rule">${choose.hint}</p>
<button class="primary">${choose.button}</button>
</form>
${
  props.notYouAction === undefined
    ? ''
    : html`<form method="post" action="${props.notYouAction}"><button class="link">${messages.notYou}</button></form>`
}`,
  );
};

/** The new password waits: what to do now. */
export const passwordChosenPage = (page: PageContext, props: { startHref: string }): Html => {
  const { chosen } = messagesFor(page.language).passwords;
  return layout(
    page,
    { title: chosen.title },
    html`<h1 class="good">${chosen.title}</h1>
<p class="lead">${chosen.lead}</p>
<p>${chosen.until}</p>
<a class="primary" href="${props.startHref}">${chosen.button}</a>
<p class="hint">${chosen.support(supportOf(page))}</p>`,
  );
};

/** The link leads to nothing, for whatever reason. */
export const voidLinkPage = (page: PageContext, props: { askHref: string }): Html => {
  const { voidLink } = messagesFor(page.language).passwords;
  return layout(
    page,
    { title: voidLink.title },
    html`<h1>${voidLink.title}</h1>
<p class="lead">${voidLink.lead}</p>
<a class="primary" href="${props.askHref}">${voidLink.button}</a>`,
  );
};
