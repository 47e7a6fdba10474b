/** The second step of the set-up: why a backup is needed, before the codes are on the screen. */
import { html } from 'hono/html';
import { stepOf } from '../components/step-of.ts';
import { type Html, layout, type PageContext } from '../layout.ts';
import { messagesFor } from '../messages/messages.ts';

export type BackupPageProps = { action: string; username: string };

/** Explains recovery codes and asks for the moment to show them. */
export const backupPage = (page: PageContext, props: BackupPageProps): Html => {
  const messages = messagesFor(page.language);
  const { backup } = messages;
  return layout(
    page,
    { title: backup.title },
    html`${stepOf(messages, 2)}
<h1>${backup.title}</h1>
<p class="lead">${backup.text}</p>
<p>${backup.advice}</p>
<form method="post" action="${props.action}">
<p>${backup.watched}</p>
<button class="primary">${backup.button}</button>
</form>
<div class="who"><p>${messages.signingInAs} <strong>${props.username}</strong></p></div>`,
  );
};
