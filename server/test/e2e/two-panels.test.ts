// One session for all panels: in the second one nothing is asked, and signing out of one is signing out of both, in
// the tab that did it and in the one that only finds out.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '#test/support/browser.ts';
import { type Demo, startDemo } from '#test/support/demo-process.ts';
import { enroll, inWindow, press, signOut, startAtPanel } from './walk.ts';

let demo: Demo;
let browser: Browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('signed in at one panel, in at the other; signed out of one, out of both', async () => {
  const username = 'employee@demo.test';
  await inWindow(browser, demo, async (window) => {
    await enroll(window, username);
    const other = await window.context.newPage();
    await other.goto(demo.companyPanelUrl);
    await press(other, '/sign-in');
    assert.equal(other.url(), `${demo.companyPanelUrl}/`, 'nothing was asked');
    assert.equal(await other.locator('#who').innerText(), username);

    await signOut(window);
    await strangerSoon(other);

    // And the other way round, from a session of its own.
    await startAtPanel(window);
    assert.match(window.page.url(), /\/sign-in\//, 'the session is over everywhere');
  });
});

/** The panel is told in the background; a person sees it at their next look. */
async function strangerSoon(page: Page): Promise<void> {
  for (;;) {
    await page.reload();
    if ((await page.locator('#who').count()) === 0) return;
  }
}
