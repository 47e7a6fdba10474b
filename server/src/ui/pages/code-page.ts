/** Asks for the six digits of an authenticator app: the page that most people see every day. */
import { html } from 'hono/html';
import { type CodeState, codeProblem, isClosed } from '../components/code-error.ts';
import { codeField } from '../components/code-field.ts';
import { problem } from '../components/problem.ts';
import { retryForm } from '../components/retry-form.ts';
import { type OtherMethod, waysOut } from '../components/ways-out.ts';
import { type Html, layout, type PageContext } from '../layout.ts';
import { type Messages, messagesFor } from '../messages/messages.ts';

export type CodePageProps = CodeState & {
  action: string;
  username: string;
  /** What the person calls this sign-in method. */
  methodLabel: string;
  /** Where a new attempt is asked for once this one is dead. */
  retryAction?: string | undefined;
  others: readonly OtherMethod[];
  /** What helps while the method is locked. */
  helps?: keyof Messages['code']['locked'];
  notYouAction: string;
};

/** Asks for the code, or says why it cannot be typed now and what can be done instead. */
export const codePage = (page: PageContext, props: CodePageProps): Html => {
  const messages = messagesFor(page.language);
  const title = isClosed(props) ? messages.tooManyTitle : messages.code.title;
  return layout(
    page,
    { title, hasError: props.locked || props.error !== undefined },
    html`<p class="method">${props.methodLabel}</p>
<h1>${title}</h1>
${question(page, props)}
${waysOut(page, props)}`,
  );
};

const question = (page: PageContext, props: CodePageProps): Html => {
  const messages = messagesFor(page.language);
  const { code } = messages;
  if (props.locked) return problem(messages, code.locked[props.helps ?? 'support']);
  const trouble = codeProblem(messages, code.errors(page.providerName), props.error, 'newCode');
  if (props.error === 'too-many') return html`${trouble}${retryForm(messages, props.retryAction)}`;
  return html`<p class="lead">${code.lead(page.providerName)}</p>
<form method="post" action="${props.action}">
${trouble}
${codeField(messages, { hasProblem: props.error !== undefined, hasFocus: true })}
<button class="primary">${messages.continueButton}</button>
</form>`;
};
