// Where script is switched off, or did not arrive, everything works with a button more.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchChromium } from '#test/support/browser.ts';
import { type Demo, startDemo } from '#test/support/demo-process.ts';
import {
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

let demo: Demo;
let browser: Browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('without script the whole line works, the first time and the second', async () => {
  const username = 'employee@demo.test';
  const use = async (window: Window) => {
    const { page } = window;
    await startAtPanel(window);
    assert.equal(await page.locator('[data-reveal]').isVisible(), false, 'no button that does nothing');
    await givePassword(window, username);

    const app = await readKey(page);
    for (const button of await page.locator('[data-copy]').all())
      assert.equal(await button.isVisible(), false);
    assert.equal(await page.locator('#automatic').isVisible(), false, 'nothing is said that does not happen');
    await typeCode(page, await app.wrongCode(), false);
    assert.equal(await page.locator('[role=alert]').count(), 1);
    await typeCode(page, await app.code(), false);

    await press(page, '/recovery-codes');
    const codes = await page.locator('.codes li').allInnerTexts();
    assert.equal(await page.locator('[data-print]').isVisible(), false);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('a[download]').click(),
    ]);
    const file = readFileSync(await download.path(), 'utf8');
    assert.ok(codes.length === 10 && codes.every((code) => file.includes(code)));
    await page.locator('[name=kept]').check();
    await press(page, '/backup');
    await isInPanel(window, username);
    await signOut(window);

    await startAtPanel(window);
    await givePassword(window, username);
    await typeCode(page, await app.code(), false);
    await isInPanel(window, username);
    await signOut(window);

    await startAtPanel(window);
    await givePassword(window, username);
    await press(page, '/method');
    await page.fill('#code', codes[0] ?? '');
    await toPage(page, () => page.keyboard.press('Enter'));
    await isInPanel(window, username);
  };
  await inWindow(browser, demo, use, { javaScriptEnabled: false });
});
