/**
 * What stands under every question during a sign-in, so that none is a dead end: the other methods, one click
 * each, whose sign-in this is, and a way to start over as somebody else.
 */
import { html } from 'hono/html';
import type { Html, PageContext } from '../layout.ts';
import { messagesFor } from '../messages/messages.ts';

/** Another sign-in method that this person can use now. */
export type OtherMethod = { label: string; hint: string; action: string; id: string };

/** Whose sign-in this is, and where the button to start over leads. */
export type WaysOut = { username: string; notYouAction: string; others?: readonly OtherMethod[] };

/** The other methods; who you are; not you? With an empty list of others it says whom to call instead. */
export const waysOut = (page: PageContext, props: WaysOut): Html => {
  const messages = messagesFor(page.language);
  return html`${props.others === undefined ? '' : otherMethods(page, props.others)}
<div class="who">
<p>${messages.signingInAs} <strong>${props.username}</strong></p>
<form method="post" action="${props.notYouAction}"><button class="link">${messages.notYou}</button></form>
</div>`;
};

const otherMethods = (page: PageContext, others: readonly OtherMethod[]): Html => {
  const messages = messagesFor(page.language);
  if (others.length === 0) return html`<p class="hint">${messages.support(page.providerName)}</p>`;
  return html`<section class="others">
<h2>${messages.otherMethods}</h2>
<ul>${others.map(
    (other) => html`
<li><form method="post" action="${other.action}"><button class="row"><strong>${other.label}</strong><span>${other.hint}</span></button><input type="hidden" name="authenticator" value="${other.id}"></form></li>`,
  )}
</ul>
</section>`;
};
