/**
 * The ten recovery codes, shown once. They can be printed, downloaded and copied by hand without script: the
 * file is in the link itself, so that the server never has to give the codes a second time. There are no
 * language links here, because following one would lose the codes.
 */
import { html } from 'hono/html';
import { stepOf } from '../components/step-of.ts';
import { type Html, layout, type PageContext } from '../layout.ts';
import { messagesFor } from '../messages/messages.ts';

export type RecoveryCodesPageProps = {
  codes: readonly string[];
  continueAction: string;
  username: string;
  createdAtMs: number;
};

/** Shows the codes and asks whether they were saved. */
export const recoveryCodesPage = (page: PageContext, props: RecoveryCodesPageProps): Html => {
  const messages = messagesFor(page.language);
  const { recoveryCodes } = messages;
  const made = messages.date(props.createdAtMs);
  const file = recoveryCodes.file(page.providerName, props.username, made, props.codes);
  return layout(
    page,
    { title: recoveryCodes.title, isWide: true, hasLanguageLinks: false },
    html`${stepOf(messages, 2)}
<h1>${recoveryCodes.title}</h1>
<p class="lead"><strong>${recoveryCodes.onlyNow}</strong> ${recoveryCodes.keep}</p>
<div class="paper">
<dl>
<div><dt>${recoveryCodes.provider}</dt><dd>${page.providerName}</dd></div>
<div><dt>${recoveryCodes.username}</dt><dd>${props.username}</dd></div>
<div><dt>${recoveryCodes.made}</dt><dd>${made}</dd></div>
</dl>
<ol class="codes" aria-label="${recoveryCodes.listLabel}" translate="no">${props.codes.map(
      (code) => html`
<li>${code}</li>`,
    )}
</ol>
<p class="hint">${recoveryCodes.use}</p>
<p class="hint">${recoveryCodes.once}</p>
</div>
<div class="tools">
<a class="secondary" download="${recoveryCodes.downloadName}" href="data:text/plain;charset=utf-8,${encodeURIComponent(file)}">${recoveryCodes.download}</a>
<button class="secondary" type="button" hidden data-print>${recoveryCodes.print}</button>
<button class="secondary" type="button" hidden aria-live="polite" data-copy data-done="${messages.copied}">${recoveryCodes.copy}</button>
</div>
<form method="post" action="${props.continueAction}">
<label class="check"><input type="checkbox" name="kept" value="yes" required> ${recoveryCodes.kept}</label>
<button class="primary">${messages.continueButton}</button>
</form>`,
  );
};
