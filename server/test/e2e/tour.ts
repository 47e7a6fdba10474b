// A tour of every page in every state a browser can bring it to, in one language: each is checked for accessibility,
// light and dark, on a desk and on the narrowest phone, and photographed to be looked at.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import type { Demo } from '#test/support/demo-process.ts';
import { accessibilityFaults, type Rules } from './accessibility.ts';
import { pageContextOf, showInstead, unreachablePages } from './unreachable-pages.ts';
import {
  enroll,
  givePassword,
  inWindow,
  isInPanel,
  press,
  readKey,
  signOut,
  startAtPanel,
  toPage,
  typeCode,
  type Window,
} from './walk.ts';

const root = join(import.meta.dirname, '../../..');
const desk = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
/** 400 % zoom on a desk is as wide as this (WCAG 2.2, 1.4.10). */
const narrow = { width: 320, height: 640 };

export type Language = 'nl' | 'en';

/** Asked for by who renews the pictures of the manuals. Then every page is photographed in the dark, too. */
const renewsPictures = process.env.SECONDRING_TEST_PICTURES === '1';

class Tour {
  readonly faults: string[] = [];
  readonly #page: Page;
  readonly #language: Language;
  #devtools: CDPSession | undefined;

  constructor(page: Page, language: Language) {
    this.#page = page;
    this.#language = language;
  }

  /** Looks at the page as it is now. */
  async look(name: string): Promise<void> {
    const page = this.#page;
    const note = (faults: readonly string[]) => this.faults.push(...faults.map((one) => `${name}: ${one}`));
    const language = await page.locator('html').getAttribute('lang');
    if (language !== this.#language) note([`is in ${language}`]);
    const check = async (rules: Rules, circumstances: string) =>
      note(await accessibilityFaults(page, rules, circumstances));
    await page.setViewportSize(narrow);
    await check('of width', 'light, narrow');
    await page.emulateMedia({ colorScheme: 'dark' });
    await check('all', 'dark, narrow');
    if (renewsPictures) await this.#photographPhone(`${name}-phone-dark`);
    await page.setViewportSize(desk);
    await check('of colour', 'dark, on a desk');
    if (renewsPictures) await this.#photograph(`${name}-desk-dark`);
    await page.emulateMedia({ colorScheme: 'light' });
    await check('all', 'light, on a desk');
    await this.#photograph(`${name}-desk-light`);
    await this.#photographPhone(`${name}-phone-light`);
    await page.setViewportSize(desk);
  }

  /** As it comes out of the printer. */
  async print(name: string): Promise<void> {
    await this.#page.emulateMedia({ media: 'print' });
    await this.#photograph(`${name}-print`);
    await this.#page.emulateMedia({ media: 'screen' });
  }

  /** For the manuals: the pages that everybody sees. */
  async picture(name: string): Promise<void> {
    if (!renewsPictures) return;
    const folder = join(root, 'docs/pictures');
    mkdirSync(folder, { recursive: true });
    await this.#page.locator('.card').screenshot({ path: join(folder, `${name}.${this.#language}.png`) });
  }

  /**
   * A phone has no mouse, and some of a page is there only then. The screen is made as long as the page, because a
   * photograph of more than the screen is taken with a mouse.
   */
  async #photographPhone(name: string): Promise<void> {
    const page = this.#page;
    this.#devtools ??= await page.context().newCDPSession(page);
    await page.setViewportSize(phone);
    await this.#devtools.send('Emulation.setTouchEmulationEnabled', { enabled: true });
    const height = await page.evaluate<number>('document.documentElement.scrollHeight');
    await page.setViewportSize({ ...phone, height });
    await this.#photograph(name, false);
    await this.#devtools.send('Emulation.setTouchEmulationEnabled', { enabled: false });
  }

  async #photograph(name: string, fullPage = true): Promise<void> {
    const path = join(root, 'screenshots-new', this.#language, `${name}.png`);
    await this.#page.screenshot({ path, fullPage });
  }
}

/** The walks of the tour, each in a browser of its own. */
const walks: Readonly<Record<string, (window: Window, tour: Tour) => Promise<void>>> = {
  'signing in': async (window, tour) => {
    const address = await firstSignIn(window, tour);
    await afterwards(window, tour, address);
  },
  'what goes wrong': async (window, tour) => {
    await enroll(window, 'shared@demo.test');
    await signOut(window);
    await wrongCodes(window, tour, 'shared@demo.test');
    await errors(window, tour);
    await unreachable(window, tour);
  },
  'a forgotten password': forgottenPassword,
  'the staff pages': staffPages,
};
export const walkNames = Object.keys(walks);

/** Takes one walk of the tour. Throws with everything that is wrong on any page. */
export async function takeTour(
  browser: Browser,
  demo: Demo,
  language: Language,
  walk: string,
): Promise<void> {
  const locale = language === 'nl' ? 'nl-NL' : 'en-GB';
  const use = async (window: Window) => {
    const tour = new Tour(window.page, language);
    await walks[walk]?.(window, tour);
    assert.deepEqual(tour.faults, []);
  };
  // Without motion: a colour on its way from light to dark is neither.
  await inWindow(browser, demo, use, { locale, reducedMotion: 'reduce' });
}

const username = 'employee@demo.test';

/** Returns the address of the sign-in. */
async function firstSignIn(window: Window, tour: Tour): Promise<string> {
  const { page, demo } = window;
  await page.goto(demo.panelUrl);
  await tour.look('panel');
  await startAtPanel(window);
  await tour.look('sign-in');
  await tour.picture('sign-in');
  await givePassword(window, 'nobody@demo.test', 'wrong');
  await tour.look('sign-in-wrong');
  for (let attempt = 2; attempt <= 7; attempt++) await givePassword(window, 'nobody@demo.test', 'wrong');
  await tour.look('sign-in-wait');

  await startAtPanel(window);
  const address = page.url();
  await givePassword(window, username);
  const abandoned = await readKey(page);
  await tour.look('set-up');
  await sendMalformed(page, '123 45');
  await tour.look('set-up-malformed');
  await typeCode(page, await abandoned.wrongCode());
  await tour.look('set-up-wrong');
  for (let attempt = 2; attempt <= 5; attempt++) await typeCode(page, await abandoned.wrongCode());
  await tour.look('set-up-too-many');
  await press(page, '/retry');
  await tour.picture('set-up-authenticator-app');
  const app = await readKey(page);
  await typeCode(page, await app.code());
  await tour.look('backup');
  await press(page, '/recovery-codes');
  await tour.look('recovery-codes');
  await tour.print('recovery-codes');
  await tour.picture('recovery-codes');
  await page.locator('[name=kept]').check();
  await press(page, '/backup');
  await isInPanel(window, username);
  return address;
}

async function afterwards({ page, demo }: Window, tour: Tour, address: string): Promise<void> {
  await tour.look('panel-signed-in');
  await page.goto(address);
  await tour.look('done');
  await page.goto(demo.panelUrl);
  await press(page, '/sign-out');
  await tour.look('sign-out');
  await press(page, '/confirm');
  await page.goto(address);
  await tour.look('sign-in-over');
  await page.goto(`${demo.serviceUrl}/signed-out`);
  await tour.look('signed-out');
}

async function forgottenPassword({ page, demo }: Window, tour: Tour): Promise<void> {
  await page.goto(`${demo.serviceUrl}/forgot-password`);
  await tour.look('forgot-password');
  await tour.picture('forgot-password');
  await page.fill('#username', '\u200b');
  await press(page, '/forgot-password');
  await tour.look('forgot-password-malformed');
  await page.fill('#username', username);
  await press(page, '/forgot-password');
  await tour.look('reset-asked');
  const link = page.locator('main a').first();
  do await page.goto(`${demo.serviceUrl}/demo/mail`);
  while ((await link.count()) === 0);
  await tour.look('demo-mail');
  await toPage(page, () => link.click());
  await tour.look('new-password');
  await tour.picture('new-password');
  const address = new URL(page.url());
  await page.fill('#password', 'password1');
  await press(page, address.pathname);
  await tour.look('new-password-common');
  await page.fill('#password', 'Twelve ducks on a slow train');
  await press(page, address.pathname);
  await tour.look('password-chosen');
  await page.goto(address.href);
  await tour.look('void-link');
}

async function wrongCodes(window: Window, tour: Tour, username: string): Promise<void> {
  const { page } = window;
  const wrongCode = '000000';
  await startAtPanel(window);
  await givePassword(window, username);
  await tour.look('code');
  await tour.picture('code');
  await sendMalformed(page, '1234567');
  await tour.look('code-malformed');
  await typeCode(page, wrongCode);
  await tour.look('code-wrong');
  for (let attempt = 2; attempt <= 3; attempt++) await typeCode(page, wrongCode);
  await tour.look('code-too-many');
  await press(page, '/retry');
  await typeCode(page, wrongCode);
  await tour.look('code-wait');

  await press(page, '/method');
  await tour.look('recovery-code');
  await sendMalformed(page, 'ABC');
  await tour.look('recovery-code-malformed');
  const wrongRecoveryCode = '0A-0000-0000-0000-0000';
  await sendMalformed(page, wrongRecoveryCode);
  await tour.look('recovery-code-wrong');
  for (let attempt = 2; attempt <= 3; attempt++) await sendMalformed(page, wrongRecoveryCode);
  await tour.look('recovery-code-too-many');
  await press(page, '/retry');
  for (let attempt = 4; attempt <= 5; attempt++) await sendMalformed(page, wrongRecoveryCode);
  await tour.look('recovery-code-wait');
}

async function staffPages(window: Window, tour: Tour): Promise<void> {
  const { page, demo } = window;
  await enroll(window, 'agent@demo.test');
  await page.goto(`${demo.serviceUrl}/helpdesk`);
  await tour.look('helpdesk');
  await page.fill('#username', 'nobody@demo.test');
  await press(page, '/helpdesk');
  await tour.look('helpdesk-nobody');
  await page.fill('#username', 'agent@demo.test');
  await press(page, '/helpdesk');
  await tour.look('helpdesk-person');
  await tour.picture('helpdesk-person');
  await page.goto(`${demo.serviceUrl}/company`);
  await tour.look('staff-only');
}

async function errors({ page, demo }: Window, tour: Tour): Promise<void> {
  for (const [name, path] of [
    ['not-found', '/nothing-here'],
    ['sign-in-unknown', '/sign-in/unknown'],
    ['method-not-allowed', '/sign-out'],
    ['application-refused', '/oidc/authorize?client_id=unknown'],
  ] as const) {
    await page.goto(`${demo.serviceUrl}${path}`);
    await tour.look(name);
  }
  await page.goto(demo.panelUrl);
  await page.evaluate(`document.querySelector('form').action = '${demo.serviceUrl}/sign-out'`);
  await press(page, '/sign-out');
  await tour.look('forbidden-origin');
}

/** Pages that take hours, a flood or a broken disk to get to. */
async function unreachable(window: Window, tour: Tour): Promise<void> {
  for (const [name, body] of Object.entries(unreachablePages(await pageContextOf(window)))) {
    await showInstead(window, name, body);
    await tour.look(name);
  }
}

/** Sends what is in the field with the Enter key: it is not what the script would send by itself. */
async function sendMalformed(page: Page, text: string): Promise<void> {
  await page.fill('#code', text);
  await toPage(page, () => page.locator('#code').press('Enter'));
}
