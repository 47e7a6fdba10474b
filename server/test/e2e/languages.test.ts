// Who comes with a Dutch browser reads Dutch, everybody else English, and a choice made with the links at the foot of
// the page is kept.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '#test/support/browser.ts';
import { type Demo, startDemo } from '#test/support/demo-process.ts';
import { enroll, givePassword, inWindow, press, startAtPanel, toPage, type Window } from './walk.ts';

let demo: Demo;
let browser: Browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const languageOf = (page: Page) => page.locator('html').getAttribute('lang');

for (const { locale, language, heading } of [
  { locale: 'nl-NL', language: 'nl', heading: 'Inloggen' },
  { locale: 'nl-BE', language: 'nl', heading: 'Inloggen' },
  { locale: 'en-US', language: 'en', heading: 'Sign in' },
  { locale: 'de-DE', language: 'en', heading: 'Sign in' },
]) {
  test(`a browser set to ${locale} gets ${language}`, async () => {
    const use = async ({ page }: Window) => {
      await page.goto(`${demo.serviceUrl}/sign-in`);
      assert.equal(await languageOf(page), language);
      assert.equal(await page.locator('h1').innerText(), heading);
      assert.equal(await page.locator('footer [aria-current]').getAttribute('lang'), language);
    };
    await inWindow(browser, demo, use, { locale });
  });
}

test('a language that was chosen stays: in this sign-in, after it, and in what the panel leads to', async () => {
  const use = async (window: Window) => {
    const { page } = window;
    await startAtPanel(window);
    assert.equal(await languageOf(page), 'en');
    await toPage(page, () => page.getByRole('link', { name: 'Nederlands' }).click());
    assert.equal(await languageOf(page), 'nl');
    // What is sent from the page that was chosen is answered in the language that was chosen.
    await givePassword(window, 'employee@demo.test', 'not the password');
    assert.equal(await languageOf(page), 'nl');
    assert.match(await page.locator('[role=alert]').innerText(), /wachtwoord/);

    await enroll(window, 'employee@demo.test');
    await press(page, '/sign-out');
    assert.equal(await page.locator('h1').innerText(), 'Uitloggen?');
    await page.goto(`${demo.serviceUrl}/nothing-here`);
    assert.equal(await languageOf(page), 'nl');
    await page.goto(`${demo.serviceUrl}/sign-in`);
    assert.equal(await languageOf(page), 'nl');

    // And back, with the other link.
    await toPage(page, () => page.getByRole('link', { name: 'English' }).click());
    assert.equal(await languageOf(page), 'en');
    await page.goto(`${demo.serviceUrl}/sign-in`);
    assert.equal(await languageOf(page), 'en');
  };
  await inWindow(browser, demo, use, { locale: 'en-GB' });
});

test('changing the language half-way loses nothing that was done', async () => {
  await inWindow(browser, demo, async (window) => {
    const { page } = window;
    await startAtPanel(window);
    await givePassword(window, 'shared@demo.test');
    const key = await page.locator('.key').innerText();
    await toPage(page, () => page.getByRole('link', { name: 'Nederlands' }).click());
    assert.equal(await languageOf(page), 'nl');
    assert.equal(await page.locator('.key').innerText(), key);
  });
});
