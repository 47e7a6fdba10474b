// The pages that no walk through the demo comes to: they take hours of waiting, a flood, or something broken.
import type { Html, PageContext } from '#ui/layout.ts';
import { type Language, messagesFor } from '#ui/messages/messages.ts';
import { codePage } from '#ui/pages/code-page.ts';
import { continuePage } from '#ui/pages/continue-page.ts';
import { type ErrorPageCode, errorPage } from '#ui/pages/error-page.ts';
import { forgotPasswordPage, noMailPage } from '#ui/pages/forgot-password-page.ts';
import { newPasswordPage } from '#ui/pages/new-password-page.ts';
import { recoveryCodePage } from '#ui/pages/recovery-code-page.ts';
import { signInPage } from '#ui/pages/sign-in-page.ts';
import type { Window } from './walk.ts';

const username = 'employee@demo.test';
const action = '/sign-in/id';

/** What the demo tells its pages, in the language of the window. */
export async function pageContextOf({ page, demo }: Window): Promise<PageContext> {
  await page.goto(`${demo.serviceUrl}/signed-out`);
  const attribute = async (selector: string, name: string) =>
    (await page.locator(selector).getAttribute(name)) ?? '';
  return {
    language: (await attribute('html', 'lang')) as Language,
    providerName: 'Demo Telecom',
    supportPhone: '085-0000000',
    path: '/sign-in/id',
    assets: {
      css: await attribute('link[rel=stylesheet]', 'href'),
      script: await attribute('script', 'src'),
      icon: await attribute('link[rel=icon]', 'href'),
    },
  };
}

/** Shows a page rendered here as if it had been served. */
export async function showInstead(window: Window, name: string, body: string): Promise<void> {
  const { page, demo, context } = window;
  const answer = await context.request.get(`${demo.serviceUrl}/signed-out`);
  const address = `${demo.serviceUrl}/sign-in/${name}`;
  await context.route(address, (route) => route.fulfill({ body, headers: answer.headers() }));
  await page.goto(address);
}

/** Each by its name, as the text that would be sent. */
export function unreachablePages(page: PageContext): Readonly<Record<string, string>> {
  const { methods } = messagesFor(page.language);
  const method = (kind: 'totp' | 'recovery-code') => ({ ...methods[kind], action, id: kind });
  const asked = { action, username, notYouAction: action, locked: true };
  const errorAs = (code: ErrorPageCode, more: object = {}) =>
    errorPage(page, { code, againHref: action, beginHref: '/sign-in', ...more });
  const pages: Readonly<Record<string, Html>> = {
    'sign-in-busy': signInPage(page, {
      forgotHref: '/f',
      action,
      applicationName: 'UC panel',
      username,
      error: 'busy',
    }),
    'forgot-password-wait': forgotPasswordPage(page, {
      ...{ action, backHref: '/sign-in', username, error: { code: 'wait', seconds: 90 } },
    }),
    'no-mail': noMailPage(page, { backHref: '/sign-in' }),
    'new-password-demanded': newPasswordPage(page, {
      action,
      username,
      isDemanded: true,
      notYouAction: action,
    }),
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
