// A forgotten password, from the link on the sign-in page through the mail to the panel: the new password counts once
// the factor was proven with it, and the old one never again. With script and without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '#test/support/browser.ts';
import { type Demo, startDemo } from '#test/support/demo-process.ts';
import {
  enroll,
  givePassword,
  inWindow,
  isInPanel,
  press,
  signOut,
  startAtPanel,
  toPage,
  typeCode,
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

const chosen = 'Twelve ducks on a slow train';

for (const [how, username, hasScript] of [
  ['with script', 'employee@demo.test', true],
  ['without script', 'shared@demo.test', false],
] as const) {
  test(`a forgotten password is chosen anew by mail and put in force by the factor, ${how}`, async () => {
    await inWindow(
      browser,
      demo,
      async (window) => {
        const { page } = window;
        const { app } = await enroll(window, username, hasScript);
        await signOut(window);

        await startAtPanel(window);
        await toPage(page, () => page.locator('a[href="/forgot-password"]').click());
        await page.fill('#username', username);
        await press(page, '/forgot-password');
        assert.equal(await page.locator('h1').innerText(), 'Look in your mail');

        await openMail(page, `Choose a new password for Demo Telecom`, username);
        await toPage(page, () => page.locator('main a').first().click());
        assert.equal(await page.locator('#username').inputValue(), username);
        const link = new URL(page.url()).pathname;
        for (const [typed, why] of [
          ['Password1', /Many people use/],
          [username, /user name/],
        ] as const) {
          await page.fill('#password', typed);
          await press(page, link);
          assert.match(await page.locator('[role=alert]').innerText(), why);
        }
        await page.fill('#password', chosen);
        await press(page, link);
        assert.equal(await page.locator('h1').innerText(), 'Now sign in with it');

        await startAtPanel(window);
        await givePassword(window, username, chosen);
        await typeCode(page, await app.code(), hasScript);
        await isInPanel(window, username);
        await signOut(window);

        await startAtPanel(window);
        await givePassword(window, username);
        assert.match(await page.locator('[role=alert]').innerText(), /not right/);
        await openMail(page, 'Your password for Demo Telecom was changed', username);
        await page.goto(`${demo.serviceUrl}${link}`);
        assert.equal(await page.locator('h1').innerText(), 'This link does not work any more');
      },
      { javaScriptEnabled: hasScript },
    );
  });
}

/** The demo's inbox, once the newest mail has this subject. */
async function openMail(page: Page, subject: string, username: string): Promise<void> {
  const newest = page.locator('main h2').first();
  for (let looks = 0; looks < 50; looks += 1) {
    await page.goto(`${demo.serviceUrl}/demo/mail`);
    if ((await newest.count()) === 0 || (await newest.innerText()) !== subject) continue;
    assert.equal(await page.locator('main h2 + p').first().innerText(), username);
    return;
  }
  assert.fail(`no mail "${subject}" for ${username}`);
}
