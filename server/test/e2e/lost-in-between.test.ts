// Tabs, the back button, refused cookies, addresses from somewhere else: what browsers do to a sign-in that expected
// one tab and one direction. No page is a dead end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchChromium, launchChromiumWithoutCookies } from '#test/support/browser.ts';
import { type Demo, startDemo } from '#test/support/demo-process.ts';
import {
  enroll,
  givePassword,
  inWindow,
  isInPanel,
  keepRecoveryCodes,
  press,
  readKey,
  signOut,
  startAtPanel,
  toPage,
  typeCode,
} from './walk.ts';
import { closeWatched, watch } from './watch.ts';

let demo: Demo;
let browser: Browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

for (const { order, username } of [
  { order: 'the later tab first', username: 'employee@demo.test' },
  { order: 'the earlier tab first', username: 'shared@demo.test' },
]) {
  test(`two tabs sign in without disturbing each other, ${order}`, async () => {
    await inWindow(browser, demo, async (window) => {
      const { app } = await enroll(window, username);
      await signOut(window);
      const tabs = [window, { ...window, page: await window.context.newPage() }];
      for (const tab of tabs) await startAtPanel(tab);
      if (order.includes('later')) tabs.reverse();
      for (const tab of tabs) await givePassword(tab, username);
      for (const tab of tabs) {
        await typeCode(tab.page, await app.code());
        await isInPanel(tab, username);
      }
    });
  });
}

test('the back button shows no code and no key again, and leads back to the panel', async () => {
  const username = 'administrator@demo.test';
  await inWindow(browser, demo, async (window) => {
    const { page } = window;
    await startAtPanel(window);
    await givePassword(window, username);
    const app = await readKey(page);
    await typeCode(page, await app.code());
    await press(page, '/recovery-codes');
    const [code = ''] = await page.locator('.codes li').allInnerTexts();
    await page.locator('[name=kept]').check();
    await press(page, '/backup');
    await isInPanel(window, username);
    const panelUrl = page.url();

    for (let back = 1; back <= 3; back++) {
      // What was sent with a form is not kept, and Chromium then shows a page of its own.
      await page.goBack().catch((error: Error) => assert.match(error.message, /ERR_CACHE_MISS/));
      const text = await page.locator('body').innerText();
      assert.ok(!text.includes(code), 'the recovery codes came back');
      assert.equal(await page.locator('.key').count(), 0, 'the key came back');
      if (page.url().startsWith(`${demo.serviceUrl}/sign-in/`) && !page.url().endsWith('codes')) break;
    }
    assert.match(await page.locator('h1').innerText(), /You are signed in to UC panel/);
    await toPage(page, () => page.getByRole('link', { name: 'UC panel' }).click());
    assert.equal(page.url(), panelUrl);
    await isInPanel(window, username);
  });
});

test('a sign-in that is over says so and offers a new one', async () => {
  const username = 'agent@demo.test';
  await inWindow(browser, demo, async (window) => {
    const { page } = window;
    await startAtPanel(window);
    const address = page.url();
    await givePassword(window, username);
    const app = await readKey(page);
    await typeCode(page, await app.code());
    await keepRecoveryCodes(page);
    await signOut(window);
    const answer = await page.goto(address);
    assert.equal(answer?.status(), 410);
    assert.match(await page.locator('h1').innerText(), /^This sign-in is over$/);
    await toPage(page, () => page.getByRole('link', { name: 'Start again' }).click());
    await givePassword(window, username);
    await typeCode(page, await app.code());
    assert.equal(await page.locator('h1').innerText(), 'You are signed in');
    assert.equal(
      await page.getByRole('link', { name: 'UC panel' }).getAttribute('href'),
      `${demo.panelUrl}/`,
    );
  });
});

test('signing out of a panel when one is signed out already leads back to the panel', async () => {
  const username = 'operator@demo.test';
  await inWindow(browser, demo, async (window) => {
    const { page } = window;
    await enroll(window, username);
    const tab = await window.context.newPage();
    await tab.goto(`${demo.serviceUrl}/oidc/sign-out`);
    await press(tab, '/confirm');
    assert.equal(await tab.locator('h1').innerText(), 'You are signed out');
    await press(page, '/sign-out');
    await page.waitForURL(`${demo.panelUrl}/`);
    assert.equal(await page.locator('#who').count(), 0);
  });
});

// Attack B2: the address of a sign-in is sent to somebody else, who completes it for the sender.
test('the address of a sign-in is of no use in another browser', async () => {
  let address = '';
  await inWindow(browser, demo, async (window) => {
    await startAtPanel(window);
    address = window.page.url();
    await inWindow(browser, demo, async (other) => {
      const { page } = other;
      await startAtPanel(other);
      const answer = await page.goto(address);
      assert.equal(answer?.status(), 403);
      assert.match(await page.locator('h1').innerText(), /cannot find this sign-in/);
      await toPage(page, () => page.getByRole('link', { name: 'Start again' }).click());
      assert.equal(await page.locator('#username').count(), 1);
      assert.notEqual(page.url(), address);
    });
    await window.page.reload();
    assert.equal(await window.page.locator('#username').count(), 1, 'in its own it goes on');
  });
});

test('who refuses cookies is told so, at the first page', async () => {
  const { context, close } = await launchChromiumWithoutCookies();
  try {
    const watched = await watch(context, demo);
    const page = await context.newPage();
    await page.goto(demo.panelUrl);
    await press(page, '/sign-in');
    assert.match(await page.locator('main').innerText(), /cookies/i);
    await page.goto(`${demo.serviceUrl}/sign-in`);
    assert.match(await page.locator('main').innerText(), /cookies/i);
    await closeWatched(context, watched);
  } finally {
    await close();
  }
});
