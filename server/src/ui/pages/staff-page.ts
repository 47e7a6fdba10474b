/**
 * The page of staff: look somebody up, and read how they sign in. Everything on it is to be read; it has one form, and
 * that looks somebody else up.
 */
import { html } from 'hono/html';
import type { Authenticator } from '#core/authenticator.ts';
import type { AuditLine, PersonView } from '#core/ports.ts';
import type { StaffRole } from '#core/staff.ts';
import { type Html, layout, type PageContext } from '../layout.ts';
import { type Messages, messagesFor } from '../messages/messages.ts';

type Counter = {
  readonly state: 'open' | 'waits' | 'locked';
  readonly count: number;
  readonly untilMs?: number;
};

export type StaffPageProps = {
  action: string;
  role: StaffRole;
  nowMs: number;
  signOutAction: string;
  /** What was typed and who it is; undefined: nobody was looked up yet. */
  sought?: {
    readonly username: string;
    readonly person:
      | (PersonView & {
          readonly methods: readonly Authenticator[];
          readonly codes: Counter;
          readonly recoveryCodes: Counter;
          readonly sessions: number;
          readonly lines: readonly AuditLine[];
        })
      | undefined;
  };
};

type Person = NonNullable<NonNullable<StaffPageProps['sought']>['person']>;

/** Looks somebody up, and shows them. */
export const staffPage = (page: PageContext, props: StaffPageProps): Html => {
  const messages = messagesFor(page.language);
  const { staff } = messages;
  const { sought } = props;
  const isUnknown = sought !== undefined && sought.person === undefined;
  const title = staff.titles[props.role];
  return layout(
    page,
    { title, isWide: true, hasError: isUnknown },
    html`<h1>${title}</h1>
<p class="lead">${staff.leads[props.role]}</p>
<form method="post" action="${props.action}" role="search">
<label for="username">${staff.username}</label>
<input id="username" name="username" value="${sought?.username ?? ''}" maxlength="254" autocomplete="off" autocapitalize="none" spellcheck="false" required${
      isUnknown ? html` aria-invalid="true" aria-describedby="problem"` : ''
    }>
${isUnknown ? html`<p class="problem" id="problem" role="alert">${staff.unknown[props.role]}</p>` : ''}
<button class="primary">${staff.look}</button>
</form>
${sought?.person === undefined ? '' : personSection(messages, sought.person, props.nowMs)}
<form method="post" action="${props.signOutAction}"><button class="secondary">${messages.done.signOut}</button></form>`,
  );
};

const personSection = (messages: Messages, person: Person, nowMs: number): Html => {
  const { staff } = messages;
  const { account, company } = person;
  return html`<section class="others" aria-labelledby="person">
<h2 id="person">${account.username}</h2>
<dl class="facts">
<div><dt>${staff.company}</dt><dd>${company.name}</dd></div>
<div><dt>${staff.account}</dt><dd>${staff.statuses[account.status]}</dd></div>
<div><dt>${staff.sessions}</dt><dd>${staff.sessionCount(person.sessions)}</dd></div>
<div><dt>${staff.codes}</dt><dd>${counter(messages, person.codes, nowMs)}</dd></div>
<div><dt>${staff.recoveryCodes}</dt><dd>${counter(messages, person.recoveryCodes, nowMs)}</dd></div>
</dl>
</section>
<section class="others" aria-labelledby="methods">
<h2 id="methods">${staff.methods}</h2>
${
  person.methods.length === 0
    ? html`<p>${account.arrangement === 0 ? staff.noMethodYet : staff.noMethodLeft}</p>`
    : html`<ul class="lines">${person.methods.map((method) => methodLine(messages, method))}</ul>`
}
</section>
<section class="others" aria-labelledby="activity">
<h2 id="activity">${staff.activity}</h2>
${
  person.lines.length === 0
    ? html`<p>${staff.noActivity}</p>`
    : html`<ul class="lines">${person.lines.map((line) => activityLine(messages, line))}</ul>`
}
</section>`;
};

const methodLine = (messages: Messages, method: Authenticator): Html => {
  const { staff, methods } = messages;
  const kind = methods[method.kind].label;
  const left = method.unusedCodes === undefined ? '' : ` · ${staff.codesLeft(method.unusedCodes)}`;
  const used =
    method.lastUsedAtMs === undefined ? staff.neverUsed : staff.used(messages.date(method.lastUsedAtMs));
  return html`
<li><strong>${method.label === '' ? kind : `${method.label} (${kind})`}</strong>
<span>${staff.since(messages.date(method.boundAtMs))} · ${used}${left}</span></li>`;
};

const activityLine = (messages: Messages, { atMs, event, facts }: AuditLine): Html => {
  const { events } = messages.staff;
  const kind = facts['kind'];
  const { methods } = messages;
  const method =
    typeof kind === 'string' && kind in methods ? methods[kind as keyof typeof methods].label : '';
  return html`
<li><strong>${events[event] ?? event}${method === '' ? '' : `: ${method}`}</strong>
<span><time datetime="${new Date(atMs).toISOString()}">${messages.moment(atMs)}</time></span></li>`;
};

const counter = (
  { staff, duration }: Messages,
  { state, count, untilMs = 0 }: Counter,
  nowMs: number,
): string => {
  if (state === 'locked') return staff.locked(count);
  if (state === 'waits') return staff.waits(count, duration((untilMs - nowMs) / 1000));
  return count === 0 ? staff.noneWrong : staff.wrong(count);
};
