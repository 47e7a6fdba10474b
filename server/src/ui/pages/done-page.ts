/** Signed in, with nowhere in particular to go: says how and since when, and where one can go. */
import { html } from 'hono/html';
import { supportOf } from '../components/support-phone.ts';
import { type Html, layout, type PageContext } from '../layout.ts';
import { messagesFor } from '../messages/messages.ts';

export type DonePageProps = {
  username: string;
  applicationName?: string | undefined;
  /** When the sign-in was completed. */
  atMs: number;
  methodLabel: string;
  /** Signed in with a recovery code: perhaps the phone is lost. */
  isWithoutPhone?: boolean | undefined;
  applications: readonly { name: string; url: string }[];
  signOutAction: string;
};

/** Says that one is signed in. */
export const donePage = (page: PageContext, props: DonePageProps): Html => {
  const messages = messagesFor(page.language);
  const { done } = messages;
  const title = props.applicationName === undefined ? done.title : done.titleTo(props.applicationName);
  return layout(
    page,
    { title },
    html`<h1 class="good">${title}</h1>
<dl>
<div><dt>${done.username}</dt><dd>${props.username}</dd></div>
<div><dt>${done.method}</dt><dd>${props.methodLabel}</dd></div>
<div><dt>${done.since}</dt><dd><time datetime="${new Date(props.atMs).toISOString()}" data-locale="${messages.locale}">${messages.moment(props.atMs)}</time></dd></div>
</dl>
${props.isWithoutPhone ? html`<p>${done.lostPhone(supportOf(page))}</p>` : ''}
${props.applications.length === 0 ? '' : applicationList(done.applications, props.applications)}
<form method="post" action="${props.signOutAction}"><button class="secondary">${done.signOut}</button></form>`,
  );
};

const applicationList = (heading: string, applications: DonePageProps['applications']): Html =>
  html`<section class="others">
<h2>${heading}</h2>
<ul>${applications.map(
    (application) => html`
<li><a class="row" href="${application.url}"><strong>${application.name}</strong></a></li>`,
  )}
</ul>
</section>`;
