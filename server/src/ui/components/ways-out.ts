/**
 * What stands under every question during a sign-in, so that none is a dead end: the other methods, one click
 * each, whom to call when none works, whose sign-in this is, and a way to start over as somebody else.
 */
import { html } from 'hono/html';
import type { Html, PageContext } from '../layout.ts';
import { messagesFor } from '../messages/messages.ts';
import { supportOf } from './support-phone.ts';

/** Another sign-in method that this person can use now. */
export type OtherMethod = { label: string; hint: string; action: string; id: string };

/** Whose sign-in this is, and where the button to start over leads. */
export type WaysOut = {
  username: string;
  notYouAction: string;
  others?: readonly OtherMethod[];
  /** The method that is asked for is none that helps now. */
  locked?: boolean | undefined;
};

/** The other methods and whom to call when none works, where there is something to choose; who you are; not you? */
export const waysOut = (page: PageContext, props: WaysOut): Html => {
  const messages = messagesFor(page.language);
  return html`${props.others === undefined ? '' : otherMethods(page, props.others, props.locked === true)}
<div class="who">
<p>${messages.signingInAs} <strong>${props.username}</strong></p>
<form method="post" action="${props.notYouAction}"><button class="link">${messages.notYou}</button></form>
</div>`;
};

const otherMethods = (page: PageContext, others: readonly OtherMethod[], isLocked: boolean): Html => {
  const messages = messagesFor(page.language);
  const call = messages.support(supportOf(page));
  if (others.length === 0) {
    return html`<p class="hint">${isLocked ? '' : html`${messages.stuck.one} `}${call}</p>`;
  }
  const usable = others.length + (isLocked ? 0 : 1);
  const stuck = messages.stuck[usable === 1 ? 'one' : usable === 2 ? 'two' : 'more'];
  return html`<section class="others">
<h2>${messages.otherMethods}</h2>
<ul>${others.map(
    (other) => html`
<li><form method="post" action="${other.action}"><button class="row"><strong>${other.label}</strong><span>${other.hint}</span></button><input type="hidden" name="authenticator" value="${other.id}"></form></li>`,
  )}
</ul>
<p class="hint">${stuck} ${call}</p>
</section>`;
};
