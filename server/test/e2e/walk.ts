// The steps that people take through a sign-in, one function each, so that the tests read as what somebody does.
// Every step ends when the next page is there.
import assert from 'node:assert/strict';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Demo } from '#test/support/demo-process.ts';
import { AuthenticatorApp } from '#test/support/oathtool.ts';
import { closeWatched, type Watch, watch } from './watch.ts';

/** A page that takes longer, on the slowest machine, is a page that does not come. */
const pageWithinMs = 15_000;

/** One person's browser, with a page open. */
export interface Window {
  readonly demo: Demo;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly watched: Watch;
}

/** Opens a browser that knows nothing yet, lets a person use it, and closes it. */
export async function inWindow(
  browser: Browser,
  demo: Demo,
  use: (window: Window) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  context.setDefaultTimeout(pageWithinMs);
  try {
    const watched = await watch(context, demo);
    await use({ demo, context, page: await context.newPage(), watched });
    await closeWatched(context, watched);
  } finally {
    await context.close();
  }
}

/** Does something that leads to a page, and waits for that page. */
export async function toPage(page: Page, act: () => Promise<unknown>): Promise<void> {
  await Promise.all([page.waitForEvent('load'), act()]);
  // A field takes the focus with the first frame, which may come after that; what is typed before goes nowhere.
  const first = page.locator('[autofocus]');
  if ((await first.count()) > 0) await page.locator('[autofocus]:focus').waitFor();
}

/** Where a button sends to, by the end of its form's action. */
function button(page: Page, ending: string): Locator {
  return page.locator(`form[action$="${ending}"] button:not([type])`).first();
}

export async function press(page: Page, ending: string): Promise<void> {
  await toPage(page, () => button(page, ending).click());
}

/** From the panel to the page that asks for a password, or, with a session, back to the panel. */
export async function startAtPanel({ page, demo }: Window): Promise<void> {
  await page.goto(demo.panelUrl);
  await press(page, '/sign-in');
}

export async function givePassword(
  { page, demo }: Pick<Window, 'page' | 'demo'>,
  username: string,
  password = demo.password,
): Promise<void> {
  await page.fill('#username', username);
  await page.fill('#password', password);
  await press(page, '/password');
}

/** Reads the key off the page and types it into an app. */
export async function readKey(page: Page): Promise<AuthenticatorApp> {
  return new AuthenticatorApp(await page.locator('.key').innerText());
}

/** Types a code key by key; with script the last digit sends it, without a button does. */
export async function typeCode(page: Page, code: string, hasScript = true): Promise<void> {
  await page.locator('#code').fill('');
  if (hasScript) {
    await toPage(page, () => page.locator('#code').pressSequentially(code));
    return;
  }
  await page.locator('#code').pressSequentially(code);
  await toPage(page, () => page.locator('form:has(#code) button.primary').click());
}

/** From the page before the recovery codes to the panel. Returns the codes. */
export async function keepRecoveryCodes(page: Page): Promise<readonly string[]> {
  await press(page, '/recovery-codes');
  const codes = await page.locator('.codes li').allInnerTexts();
  await page.locator('[name=kept]').check();
  await press(page, '/backup');
  return codes;
}

export interface Enrolled {
  readonly app: AuthenticatorApp;
  readonly recoveryCodes: readonly string[];
}

/** The whole first sign-in, from the panel to the panel. */
export async function enroll(window: Window, username: string, hasScript = true): Promise<Enrolled> {
  await startAtPanel(window);
  await givePassword(window, username);
  const app = await readKey(window.page);
  await typeCode(window.page, await app.code(), hasScript);
  const recoveryCodes = await keepRecoveryCodes(window.page);
  await isInPanel(window, username);
  return { app, recoveryCodes };
}

export async function isInPanel({ page, demo }: Window, username: string): Promise<void> {
  assert.equal(page.url(), `${demo.panelUrl}/`);
  assert.equal(await page.locator('#who').innerText(), username);
}

/** Out of the panel and of everything else, by way of the question whether that is meant. */
export async function signOut({ page, demo }: Window): Promise<void> {
  await press(page, '/sign-out');
  await press(page, '/confirm');
  assert.equal(page.url(), `${demo.panelUrl}/`);
  assert.equal(await page.locator('#who').count(), 0);
}
