// The sign-in surface: what a browser can ask for, in the order in which people do. Which of it makes sense is
// decided by the sign-in's state and not by the address: asking out of order shows what there is to do instead.

import type { Ports, SignInView } from '#core/ports.ts';
import type { SignIn } from '#core/sign-in.ts';
import { begin } from '#flows/begin-sign-in.ts';
import { changePassword } from '#flows/change-password.ts';
import { proveTotp, renewEnrollment } from '#flows/enroll-totp.ts';
import { signOut as endSession, fetchSession, sessionOf } from '#flows/fetch-session.ts';
import { giveCode, pickMethod, retryMethod } from '#flows/give-code.ts';
import { givePassword } from '#flows/give-password.ts';
import { confirmBackup, issueRecoveryCodes } from '#flows/issue-recovery-codes.ts';
import { loadSignIn } from '#flows/load-sign-in.ts';
import { lookAt, type Scene } from '#flows/look-at-sign-in.ts';
import type { Outcome } from '#flows/outcome.ts';
import { recoveryCodesPage } from '#ui/pages/recovery-codes-page.ts';
import { signedOutPage } from '#ui/pages/sign-out-page.ts';
import type { Interactions } from '../interactions.ts';
import { type Answer, beginning, get, type PageRequest, post, type Route, redirect } from '../route.ts';
import { type Mistake, pathOf, renderScene } from './pages.ts';

/**
 * The routes of the sign-in pages. What is done on a sign-in's page is sent to an address below it; opened by a reload
 * or by hand, that address leads back to the page.
 */
export function signInRoutes(ports: Ports, interactions: Interactions): readonly Route[] {
  const step = stepOf(ports, interactions);
  const actions = [
    post(
      '/sign-in/:id/password',
      step((visitor, id, form) =>
        givePassword(ports, visitor, id, { username: form.get('username'), password: form.get('password') }),
      ),
    ),
    post('/sign-in/:id/new-password', (request) => takeNewPassword(ports, step, request)),
    post(
      '/sign-in/:id/code',
      step((visitor, id, form) => giveCode(ports, visitor, id, form.get('code'))),
    ),
    post(
      '/sign-in/:id/method',
      step((visitor, id, form) => pickMethod(ports, visitor, id, form.get('authenticator'))),
    ),
    post(
      '/sign-in/:id/retry',
      step((visitor, id) => retry(ports, visitor, id)),
    ),
    post(
      '/sign-in/:id/authenticator-app',
      step((visitor, id, form) => proveTotp(ports, visitor, id, form.get('code'))),
    ),
    post('/sign-in/:id/recovery-codes', (request) => showRecoveryCodes(ports, request)),
    post(
      '/sign-in/:id/backup',
      step((visitor, id) => confirmBackup(ports, visitor, id)),
    ),
    post(
      '/sign-in/:id/continue',
      step((visitor, id) => fetchSession(ports, visitor, id)),
    ),
    beginning(post('/sign-in/:id/start-over', (request) => startOver(ports, request))),
  ];
  return [
    get('/', async () => redirect('/sign-in')),
    beginning(get('/sign-in', (request) => beginHere(ports, request))),
    get('/sign-in/:id', (request) => show(ports, request)),
    ...actions,
    ...actions.map(({ path }) => get(path, async (request) => redirect(pathOf(idOf(request))))),
    post('/sign-out', (request) => signOut(ports, request)),
    get('/signed-out', async ({ page }) => ({
      answer: 'page',
      html: signedOutPage(page, { startHref: '/sign-in' }),
    })),
  ];
}

type Step = (visitor: PageRequest['visitor'], id: string, form: PageRequest['form']) => Promise<Outcome>;

/** Runs one step of a sign-in and answers with what it came to. */
function stepOf(ports: Ports, interactions: Interactions): (take: Step) => Route['handle'] {
  return (take) => async (request) => {
    const id = idOf(request);
    const outcome = await take(request.visitor, id, request.form);
    switch (outcome.outcome) {
      case 'advanced':
        return outcome.sessionToken === undefined
          ? redirect(pathOf(id))
          : leave(ports, interactions, request, outcome.signIn, outcome.sessionToken);
      case 'overtaken':
        return handBackAgain(ports, interactions, request);
      case 'refused':
        return show(ports, request, outcome.reason);
      case 'wait':
        return showView(ports, request, outcome.view, { untilMs: outcome.untilMs });
      case 'locked':
      case 'dead':
        return show(ports, request, 'wrong');
    }
  };
}

async function beginHere(ports: Ports, { visitor }: PageRequest): Promise<Answer> {
  const { signIn, browserKey } = await begin(ports, visitor, {});
  return redirect(pathOf(signIn.id), [{ cookie: 'browser', value: browserKey }]);
}

async function show(ports: Ports, request: PageRequest, mistake?: Mistake): Promise<Answer> {
  return showView(ports, request, await loadSignIn(ports, request.visitor, idOf(request)), mistake);
}

async function showView(
  ports: Ports,
  request: PageRequest,
  view: SignInView,
  mistake: Mistake,
): Promise<Answer> {
  const { page, visitor } = request;
  const scene = await lookAt(ports, visitor, view, page.providerName);
  // Another request was first and ended it: this browser has its session by then, if not yet in this request.
  const isEnded = scene.scene === 'done' || scene.scene === 'over';
  if (mistake !== undefined && isEnded) return redirect(pathOf(view.signIn.id));
  const html = renderScene(scene, {
    page: { ...page, path: pathOf(view.signIn.id) },
    view,
    nowMs: ports.nowMs(),
    applications: scene.scene === 'done' ? await ports.store.applications() : [],
    mistake,
    username: request.form.get('username'),
  });
  return { answer: 'page', status: statusOf(scene, mistake), html, formOrigins: formOriginsOf(view) };
}

function statusOf({ scene }: Scene, mistake: Mistake): number {
  if (scene === 'over') return 410;
  if (mistake === undefined) return 200;
  return typeof mistake === 'object' && 'untilMs' in mistake ? 429 : 422;
}

/** A password that is not taken is said so on its page; everything else is a step as any other. */
async function takeNewPassword(
  ports: Ports,
  step: ReturnType<typeof stepOf>,
  request: PageRequest,
): Promise<Answer> {
  const id = idOf(request);
  const outcome = await changePassword(ports, request.visitor, id, request.form.get('password'));
  if (outcome.outcome === 'unacceptable') return show(ports, request, { fault: outcome.fault });
  return step(async () => outcome)(request);
}

/** With a session in hand: to the application that asked, or to our own page that says so. */
async function leave(
  ports: Ports,
  interactions: Interactions,
  request: PageRequest,
  signIn: SignIn,
  sessionToken: string,
): Promise<Answer> {
  const visitor = { ...request.visitor, sessionToken };
  const answer = await handBack(ports, interactions, { ...request, visitor }, signIn);
  return { ...answer, cookies: [{ cookie: 'session', value: sessionToken }, ...(answer.cookies ?? [])] };
}

/** Another request was first: what it came to is where this one goes. */
async function handBackAgain(
  ports: Ports,
  interactions: Interactions,
  request: PageRequest,
): Promise<Answer> {
  const { signIn } = await loadSignIn(ports, request.visitor, idOf(request));
  return handBack(ports, interactions, request, signIn);
}

async function handBack(
  ports: Ports,
  interactions: Interactions,
  request: PageRequest,
  { id, interaction, sessionId, wants }: SignIn,
): Promise<Answer> {
  if (interaction === undefined) return redirect(wants.leadsTo ?? pathOf(id));
  const session = await sessionOf(ports, request.visitor);
  if (session === undefined || session.id !== sessionId) return redirect(pathOf(id));
  const finished = await interactions.finish(interaction, session);
  return finished === undefined ? redirect(pathOf(id)) : redirect(finished.location, finished.cookies);
}

async function showRecoveryCodes(ports: Ports, request: PageRequest): Promise<Answer> {
  const id = idOf(request);
  const view = await loadSignIn(ports, request.visitor, id);
  const issued = await issueRecoveryCodes(ports, request.visitor, id);
  if (issued.outcome === 'overtaken') return redirect(pathOf(id));
  const html = recoveryCodesPage(
    { ...request.page, path: pathOf(id) },
    {
      codes: issued.codes,
      continueAction: pathOf(id, 'backup'),
      username: issued.username,
      createdAtMs: ports.nowMs(),
    },
  );
  return { answer: 'page', html, formOrigins: formOriginsOf(view) };
}

async function retry(ports: Ports, visitor: PageRequest['visitor'], id: string): Promise<Outcome> {
  const { signIn } = await loadSignIn(ports, visitor, id);
  return signIn.state === 'enrollment'
    ? renewEnrollment(ports, visitor, id)
    : retryMethod(ports, visitor, id);
}

/** The same application, asked for anew by the same browser; what was given so far is left behind. */
async function startOver(ports: Ports, request: PageRequest): Promise<Answer> {
  const { signIn } = await loadSignIn(ports, request.visitor, idOf(request));
  const { applicationId, interaction, wants } = signIn;
  const again = { applicationId, wants, ...(interaction === undefined ? {} : { interaction }) };
  const { signIn: next, browserKey } = await begin(ports, request.visitor, again);
  return redirect(pathOf(next.id), [{ cookie: 'browser', value: browserKey }]);
}

async function signOut(ports: Ports, { visitor }: PageRequest): Promise<Answer> {
  const session = await sessionOf(ports, visitor);
  if (session !== undefined) await endSession(ports, session, visitor);
  return redirect('/signed-out', [
    { cookie: 'session', value: '' },
    { cookie: 'oidcSession', value: '' },
  ]);
}

function formOriginsOf({ client }: SignInView): readonly string[] {
  return (client?.redirectUris ?? []).map((uri) => new URL(uri).origin);
}

function idOf(request: PageRequest): string {
  return request.parameters['id'] ?? '';
}
