// The surface for who forgot the password. It asks nothing of a session or a sign-in: what is chosen here is not in
// force before a sign-in proves a factor.

import type { Ports } from '#core/ports.ts';
import { askForReset } from '#flows/forget-password.ts';
import { choosePassword, lookAtReset } from '#flows/reset-password.ts';
import {
  type ForgotPasswordPageProps,
  forgotPasswordPage,
  noMailPage,
  resetAskedPage,
} from '#ui/pages/forgot-password-page.ts';
import { newPasswordPage, passwordChosenPage, voidLinkPage } from '#ui/pages/new-password-page.ts';
import { type Answer, get, type PageRequest, post, type Route, redirect } from '../route.ts';

const askHref = '/forgot-password';
const askedHref = '/forgot-password/asked';
const chosenHref = '/reset-password';
const backHref = '/sign-in';

/** The routes of the password pages. */
export function passwordRoutes(ports: Ports): readonly Route[] {
  return [
    get(askHref, async ({ page }) =>
      ports.mailer === undefined
        ? { answer: 'page', html: noMailPage(page, { backHref }) }
        : { answer: 'page', html: forgotPasswordPage(page, { action: askHref, backHref }) },
    ),
    post(askHref, (request) => ask(ports, request)),
    get(askedHref, async ({ page }) => ({ answer: 'page', html: resetAskedPage(page, { backHref }) })),
    get(chosenHref, async ({ page }) => ({
      answer: 'page',
      html: passwordChosenPage(page, { startHref: backHref }),
    })),
    get('/reset-password/:token', (request) => show(ports, request)),
    post('/reset-password/:token', (request) => choose(ports, request)),
  ];
}

async function ask(ports: Ports, { page, visitor, form }: PageRequest): Promise<Answer> {
  const username = form.get('username');
  const asked = await askForReset(ports, visitor, username);
  const again = (status: number, error: NonNullable<ForgotPasswordPageProps['error']>): Answer => ({
    answer: 'page',
    status,
    html: forgotPasswordPage(page, { action: askHref, backHref, username, error }),
  });
  switch (asked.outcome) {
    case 'asked':
      return redirect(askedHref);
    case 'malformed':
      return again(422, 'malformed');
    case 'wait':
      return again(429, {
        code: 'wait',
        seconds: Math.max(1, Math.ceil((asked.untilMs - ports.nowMs()) / 1000)),
      });
    case 'no-mail':
      return { answer: 'page', html: noMailPage(page, { backHref }) };
  }
}

/** Looking changes nothing: mail programs and scanners open links, too. */
async function show(ports: Ports, { page, parameters }: PageRequest): Promise<Answer> {
  const view = await lookAtReset(ports, tokenOf(parameters));
  if (view === undefined) return voidLink(page);
  const { username } = view.account;
  return { answer: 'page', html: newPasswordPage(page, { action: page.path, username, isDemanded: false }) };
}

async function choose(ports: Ports, { page, visitor, parameters, form }: PageRequest): Promise<Answer> {
  const chosen = await choosePassword(ports, visitor, tokenOf(parameters), form.get('password'));
  switch (chosen.outcome) {
    case 'chosen':
      return redirect(chosenHref);
    case 'void':
      return voidLink(page);
    case 'refused': {
      const { username, fault: error } = chosen;
      const html = newPasswordPage(page, { action: page.path, username, isDemanded: false, error });
      return { answer: 'page', status: 422, html };
    }
  }
}

/** The path is not repeated on it: there is nothing more to do with this link. */
function voidLink(page: PageRequest['page']): Answer {
  return { answer: 'page', status: 410, html: voidLinkPage({ ...page, path: askHref }, { askHref }) };
}

function tokenOf(parameters: PageRequest['parameters']): string {
  return parameters['token'] ?? '';
}
