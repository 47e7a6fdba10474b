// From a scene to its page: the one place where the sign-in surface says what is shown when.

import type { Application } from '#core/application.ts';
import { type Authenticator, isOtpClass } from '#core/authenticator.ts';
import type { PasswordFault } from '#core/password.ts';
import type { SignInView } from '#core/ports.ts';
import type { Scene } from '#flows/look-at-sign-in.ts';
import type { CodeError } from '#ui/components/code-error.ts';
import type { Html, PageContext } from '#ui/layout.ts';
import { messagesFor } from '#ui/messages/messages.ts';
import { backupPage } from '#ui/pages/backup-page.ts';
import { codePage } from '#ui/pages/code-page.ts';
import { continuePage } from '#ui/pages/continue-page.ts';
import { donePage } from '#ui/pages/done-page.ts';
import { errorPage } from '#ui/pages/error-page.ts';
import { newPasswordPage } from '#ui/pages/new-password-page.ts';
import { recoveryCodePage } from '#ui/pages/recovery-code-page.ts';
import { setUpTotpPage } from '#ui/pages/set-up-totp-page.ts';
import { type SignInError, signInPage } from '#ui/pages/sign-in-page.ts';

/** What was wrong with what was just sent. */
export type Mistake =
  | 'wrong'
  | 'malformed'
  | { readonly untilMs: number }
  | { readonly fault: PasswordFault }
  | undefined;

export interface SceneContext {
  readonly page: PageContext;
  readonly view: SignInView;
  readonly nowMs: number;
  readonly applications: readonly Application[];
  readonly mistake: Mistake;
  /** Typed before, to be filled in again. */
  readonly username?: string | undefined;
}

/** The path of a sign-in's page, and of what can be done on it. */
export function pathOf(signInId: string, action = ''): string {
  return `/sign-in/${signInId}${action === '' ? '' : `/${action}`}`;
}

/** Renders a scene. */
export function renderScene(scene: Scene, context: SceneContext): Html {
  const { page, view } = context;
  const path = (action: string) => pathOf(view.signIn.id, action);
  const username = view.account?.username ?? '';
  switch (scene.scene) {
    case 'password': {
      const error = signInError(context);
      return signInPage(page, {
        action: path('password'),
        applicationName: view.application.name,
        forgotHref: '/forgot-password',
        username: view.account?.username ?? context.username,
        ...(view.account !== undefined && { notYouAction: path('start-over') }),
        ...(error && { error }),
      });
    }
    case 'code':
      return renderCode(scene, context, username);
    case 'set-up-totp': {
      const error = scene.isDead ? 'too-many' : codeError(context);
      return setUpTotpPage(page, {
        action: path('authenticator-app'),
        username,
        keyUri: scene.keyUri,
        keyText: scene.keyText,
        secondsLeft: (view.signIn.expiresAtMs - context.nowMs) / 1000,
        error,
        retryAction: path('retry'),
        notYouAction: path('start-over'),
      });
    }
    case 'change-password': {
      const { mistake } = context;
      const error = typeof mistake === 'object' && 'fault' in mistake ? mistake.fault : undefined;
      return newPasswordPage(page, {
        action: path('new-password'),
        username,
        isDemanded: true,
        notYouAction: path('start-over'),
        ...(error && { error }),
      });
    }
    case 'backup':
      return backupPage(page, { action: path('recovery-codes'), username });
    case 'continue':
      return continuePage(page, { action: path('continue'), applicationName: view.application.name });
    case 'done':
      return renderDone(scene.session, context);
    case 'no-method-left':
      return errorPage(page, {
        code: 'no-method-left',
        who: { username, notYouAction: path('start-over') },
      });
    case 'over':
      return errorPage(page, { code: 'sign-in-over', beginHref: '/sign-in' });
  }
}

function renderCode(scene: Extract<Scene, { scene: 'code' }>, context: SceneContext, username: string): Html {
  const { page, view } = context;
  const path = (action: string) => pathOf(view.signIn.id, action);
  const { methods } = messagesFor(page.language);
  const nameOf = (one: Authenticator) => (one.label === '' ? methods[one.kind].label : one.label);
  const error =
    scene.standing === 'dead'
      ? 'too-many'
      : typeof scene.standing === 'object'
        ? wait(scene.standing.untilMs, context.nowMs)
        : codeError(context);
  const isLocked = scene.standing === 'locked';
  // The lock is on all short codes together, so that none of them is a way out of it.
  const others = isLocked ? scene.others.filter(({ kind }) => !isOtpClass(kind)) : scene.others;
  const props = {
    action: path('code'),
    username,
    methodLabel: nameOf(scene.method),
    error,
    retryAction: path('retry'),
    locked: isLocked,
    others: others.map((one) => ({
      label: nameOf(one),
      hint: methods[one.kind].hint,
      action: path('method'),
      id: one.id,
    })),
    notYouAction: path('start-over'),
  };
  if (scene.method.kind === 'recovery-code') return recoveryCodePage(page, props);
  return codePage(page, { ...props, helps: whatHelps(others) });
}

/** A recovery code also lifts the lock of the short codes; see acceptChallenge. */
function whatHelps(others: readonly Authenticator[]): 'recovery-code' | 'others' | 'support' {
  if (others.some(({ kind }) => kind === 'recovery-code')) return 'recovery-code';
  return others.length === 0 ? 'support' : 'others';
}

function renderDone(session: Extract<Scene, { scene: 'done' }>['session'], context: SceneContext): Html {
  const { page, view } = context;
  const { methods } = messagesFor(page.language);
  const factors = session.proofs.flatMap(({ kind }) => (kind === 'password' ? [] : [kind]));
  const last = factors.at(-1);
  return donePage(page, {
    username: session.username,
    ...(view.signIn.interaction !== undefined && { applicationName: view.application.name }),
    atMs: session.createdAtMs,
    methodLabel: last === undefined ? '' : methods[last].label,
    isWithoutPhone: last === 'recovery-code',
    applications: context.applications.flatMap(({ name, homeUrl }) =>
      homeUrl === undefined ? [] : [{ name, url: homeUrl }],
    ),
    signOutAction: '/sign-out',
  });
}

function signInError({ mistake, nowMs }: SceneContext): SignInError | undefined {
  if (mistake === undefined) return undefined;
  return isWait(mistake) ? wait(mistake.untilMs, nowMs) : 'wrong-credentials';
}

function codeError({ mistake, nowMs }: SceneContext): CodeError | undefined {
  if (mistake === undefined) return undefined;
  if (isWait(mistake)) return wait(mistake.untilMs, nowMs);
  return mistake === 'wrong' ? 'wrong-code' : 'malformed';
}

function isWait(mistake: Mistake): mistake is { readonly untilMs: number } {
  return typeof mistake === 'object' && 'untilMs' in mistake;
}

function wait(untilMs: number, nowMs: number): { readonly code: 'wait'; readonly seconds: number } {
  return { code: 'wait', seconds: Math.max(1, Math.ceil((untilMs - nowMs) / 1000)) };
}
