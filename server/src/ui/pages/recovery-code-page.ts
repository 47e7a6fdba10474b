/** Asks for one of the recovery codes that a person kept for the day the phone is not there. */
import { html } from 'hono/html';
import { type CodeState, codeProblem, isClosed } from '../components/code-error.ts';
import { problem, problemId } from '../components/problem.ts';
import { retryForm } from '../components/retry-form.ts';
import { type OtherMethod, waysOut } from '../components/ways-out.ts';
import { type Html, layout, type PageContext } from '../layout.ts';
import { messagesFor } from '../messages/messages.ts';

export type RecoveryCodePageProps = CodeState & {
  action: string;
  username: string;
  /** Where a new attempt is asked for once this one is dead. */
  retryAction?: string | undefined;
  others: readonly OtherMethod[];
  notYouAction: string;
};

/** Asks for a recovery code. */
export const recoveryCodePage = (page: PageContext, props: RecoveryCodePageProps): Html => {
  const messages = messagesFor(page.language);
  const title = isClosed(props) ? messages.tooManyTitle : messages.recoveryCode.title;
  return layout(
    page,
    { title, hasError: props.locked || props.error !== undefined },
    html`<h1>${title}</h1>
${question(page, props)}
${waysOut(page, props)}`,
  );
};

const question = (page: PageContext, props: RecoveryCodePageProps): Html => {
  const messages = messagesFor(page.language);
  const { recoveryCode } = messages;
  if (props.locked) return problem(messages, recoveryCode.locked);
  const trouble = codeProblem(messages, recoveryCode.errors, props.error, 'again');
  if (props.error === 'too-many') return html`${trouble}${retryForm(messages, props.retryAction)}`;
  const invalid = props.error === undefined ? '' : ' aria-invalid=true';
  return html`<p class="lead">${recoveryCode.lead}</p>
<form method="post" action="${props.action}">
${trouble}
<label for="code">${recoveryCode.label}</label>
<input class="recovery" id="code" name="code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" required autofocus aria-describedby="${
    props.error === undefined ? '' : `${problemId} `
  }code-hint"${invalid}>
<p class="hint" id="code-hint">${recoveryCode.hint}</p>
<button class="primary">${messages.continueButton}</button>
</form>`;
};
