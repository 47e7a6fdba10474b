/** Before and after signing out. Signing out is asked first, because any page could send a person here. */
import { html } from 'hono/html';
import { type Html, layout, type PageContext } from '../layout.ts';
import { messagesFor } from '../messages/messages.ts';

export type SignOutPageProps = {
  action: string;
  /** Hidden fields that show the form is ours. */
  fields: readonly { name: string; value: string }[];
  applicationName?: string | undefined;
  /** Where one goes who would rather stay. */
  stayHref: string;
};

/** Asks whether to sign out everywhere. */
export const signOutPage = (page: PageContext, props: SignOutPageProps): Html => {
  const { signOut } = messagesFor(page.language);
  return layout(
    page,
    { title: signOut.title },
    html`<h1>${signOut.title}</h1>
<p class="lead">${
      props.applicationName === undefined ? signOut.text : signOut.textFrom(props.applicationName)
    }</p>
<form method="post" action="${props.action}">
<button class="primary" name="logout" value="yes" autofocus>${signOut.button}</button>
<a class="secondary" href="${props.stayHref}">${signOut.stay}</a>
${props.fields.map((field) => html`<input type="hidden" name="${field.name}" value="${field.value}">`)}
</form>`,
  );
};

export type SignedOutPageProps = { startHref: string };

/** Says that one is signed out. */
export const signedOutPage = (page: PageContext, props: SignedOutPageProps): Html => {
  const { signedOut } = messagesFor(page.language);
  return layout(
    page,
    { title: signedOut.title },
    html`<h1 class="good">${signedOut.title}</h1>
<p class="lead">${signedOut.text}</p>
<a class="secondary" href="${props.startHref}">${signedOut.start}</a>`,
  );
};
