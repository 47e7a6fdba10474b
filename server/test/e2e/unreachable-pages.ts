// The pages that no walk through the demo comes to: they take hours of waiting, a flood, or something broken.
import type { Html, PageContext } from '#ui/layout.ts';
import { messagesFor } from '#ui/messages/messages.ts';
import { codePage } from '#ui/pages/code-page.ts';
import { continuePage } from '#ui/pages/continue-page.ts';
import { type ErrorPageCode, errorPage } from '#ui/pages/error-page.ts';
import { recoveryCodePage } from '#ui/pages/recovery-code-page.ts';
import { signInPage } from '#ui/pages/sign-in-page.ts';

const username = 'employee@demo.test';
const action = '/sign-in/id';

/** Each by its name, as the text that would be sent. */
export function unreachablePages(page: PageContext): Readonly<Record<string, string>> {
  const { methods } = messagesFor(page.language);
  const method = (kind: 'totp' | 'recovery-code') => ({ ...methods[kind], action, id: kind });
  const asked = { action, username, notYouAction: action, locked: true };
  const errorAs = (code: ErrorPageCode, more: object = {}) =>
    errorPage(page, { code, againHref: action, beginHref: '/sign-in', ...more });
  const pages: Readonly<Record<string, Html>> = {
    'sign-in-busy': signInPage(page, { action, applicationName: 'UC panel', username, error: 'busy' }),
    'code-locked': codePage(page, {
      ...asked,
      methodLabel: methods.totp.label,
      others: [method('recovery-code')],
      helps: 'recovery-code',
    }),
    'code-locked-for-good': codePage(page, { ...asked, methodLabel: methods.totp.label, others: [] }),
    'recovery-code-locked': recoveryCodePage(page, { ...asked, others: [method('totp')] }),
    continue: continuePage(page, { action, applicationName: 'UC panel' }),
    'no-method-left': errorAs('no-method-left', { who: { username, notYouAction: action } }),
    'sign-in-expired': errorAs('sign-in-expired'),
    'set-up-expired': errorAs('set-up-expired'),
    busy: errorAs('busy', { seconds: 30 }),
    unavailable: errorAs('unavailable'),
    internal: errorAs('internal', { incidentId: '5f2d08c1a97e' }),
    misdirected: errorAs('misdirected'),
    'too-large': errorAs('too-large'),
    'malformed-request': errorAs('malformed-request'),
    'account-disabled': errorAs('account-disabled'),
    'too-many-pending': errorAs('too-many-pending'),
  };
  return Object.fromEntries(Object.entries(pages).map(([name, html]) => [name, String(html)]));
}
