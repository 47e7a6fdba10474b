// Nobody needs a mouse: everything that a first and a second sign-in ask for is reached with the Tab key, in the order in
// which it is read, and it shows where one is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '#test/support/browser.ts';
import { type Demo, startDemo } from '#test/support/demo-process.ts';
import { inWindow, isInPanel, readKey, toPage } from './walk.ts';

let demo: Demo;
let browser: Browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const focused = "document.querySelector(':focus')";

/** Presses Tab until that is where one is. What one passes must be visible, too. */
async function tabTo(page: Page, selector: string): Promise<void> {
  const passed: string[] = [];
  for (let presses = 1; presses <= 8; presses++) {
    await page.keyboard.press('Tab');
    const [isThere, description, outline] = await page.evaluate<[boolean, string, string]>(
      `[${focused}?.matches('${selector}'), ${focused}?.outerHTML, ${focused} && getComputedStyle(${focused}).outline]`,
    );
    assert.doesNotMatch(outline ?? 'none', /\bnone\b|\b0px\b/, `not seen to have the focus: ${description}`);
    if (isThere) return;
    passed.push(description);
  }
  assert.fail(`${selector} was not reached, only:\n${passed.join('\n')}`);
}

const enter = (page: Page) => toPage(page, () => page.keyboard.press('Enter'));

test('with the keyboard alone one sets up an app, signs out, and gets in again', async () => {
  const username = 'employee@demo.test';
  await inWindow(browser, demo, async (window) => {
    const { page } = window;
    const givePassword = async () => {
      await page.goto(demo.panelUrl);
      await tabTo(page, 'button');
      await enter(page);
      // The first field has the focus already.
      await page.keyboard.type(username);
      await tabTo(page, '#password');
      await page.keyboard.type(demo.password);
      await enter(page);
    };

    await givePassword();
    const app = await readKey(page);
    await tabTo(page, '#code');
    await page.keyboard.type('123');
    await enter(page);
    // After a mistake one is where it is mended, with nothing to clear away first.
    const code = await app.code();
    await toPage(page, () => page.keyboard.type(code));
    await tabTo(page, '[action$="/recovery-codes"] button');
    await enter(page);
    await tabTo(page, 'a[download]');
    await tabTo(page, '[name=kept]');
    await page.keyboard.press('Space');
    await tabTo(page, '[action$="/backup"] button');
    await enter(page);
    await isInPanel(window, username);

    await tabTo(page, '[action="/sign-out"] button');
    await enter(page);
    await enter(page);
    await givePassword();
    const next = await app.code();
    await toPage(page, () => page.keyboard.type(next));
    await isInPanel(window, username);
  });
});
