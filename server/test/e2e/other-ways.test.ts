// When it does not go as it goes every day: the phone is not there, the code is wrong and wrong again, somebody else
// had begun. There is always a way on, one click away.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchChromium } from '#test/support/browser.ts';
import { type Demo, startDemo } from '#test/support/demo-process.ts';
import { errorPage } from '#ui/pages/error-page.ts';
import { pageContextOf, showInstead } from './unreachable-pages.ts';
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

test('with a recovery code one gets in without the phone, one click away and once', async () => {
  const username = 'employee@demo.test';
  await inWindow(browser, demo, async (window) => {
    const { page } = window;
    const { recoveryCodes } = await enroll(window, username);
    const [first = '', second = ''] = recoveryCodes;
    await signOut(window);

    await startAtPanel(window);
    await givePassword(window, username);
    await press(page, '/method');
    // As somebody types it from paper: small letters, without hyphens.
    await page.keyboard.type(first.toLowerCase().replaceAll('-', ' '));
    await toPage(page, () => page.keyboard.press('Enter'));
    await isInPanel(window, username);
    assert.equal(await page.locator('#amr').innerText(), 'pwd otp mfa');
    await signOut(window);

    await startAtPanel(window);
    await givePassword(window, username);
    assert.equal(await page.locator('.code').count(), 1, 'the app is asked again, not what was used last');
    await press(page, '/method');
    await page.fill('#code', first);
    await press(page, '/code');
    assert.match(await page.locator('[role=alert]').innerText(), /not right, or it has been used/);
    await page.fill('#code', second);
    await press(page, '/code');
    await isInPanel(window, username);
  });
});

test('after wrong codes one waits, sees for how long, and then gets in', async () => {
  const username = 'shared@demo.test';
  await inWindow(browser, demo, async (window) => {
    const { page } = window;
    const { app } = await enroll(window, username);
    await signOut(window);
    await startAtPanel(window);
    await givePassword(window, username);

    for (const attempt of [1, 2]) {
      await typeCode(page, await app.wrongCode());
      assert.equal(await page.locator('#code').count(), 1, `wrong code ${attempt}`);
    }
    await typeCode(page, await app.wrongCode());
    assert.equal(await page.locator('h1').innerText(), 'Too many wrong codes');
    assert.equal(await page.locator('#code').count(), 0, 'there is no field that takes nothing');
    assert.equal(await page.locator('form[action$="/method"]').count(), 1, 'another way in is still there');
    await press(page, '/retry');

    await typeCode(page, await app.wrongCode());
    const timer = page.locator('[role=timer]');
    assert.match(await timer.innerText(), /^Type a new code in [2-5] seconds\.$/);
    const shown = await timer.innerText();
    await page.locator('[role=timer]', { hasNotText: shown }).waitFor();
    assert.match(await timer.innerText(), /^Type a new code in [1-4] seconds?\.$/);
    assert.equal(await page.locator('button.primary').isDisabled(), true);
    const automatic = page.locator('#automatic');
    const field = page.locator('#code');
    assert.equal(await automatic.isVisible(), false, 'nothing goes on by itself while one waits');
    assert.doesNotMatch((await field.getAttribute('aria-describedby')) ?? '', /automatic/);
    // Typed while waiting it is not sent, and so not lost either.
    const code = await app.code();
    await page.locator('#code').pressSequentially(code);
    assert.equal(await page.locator('#code').inputValue(), code);
    await page.locator('[role=status]', { hasText: 'Type a new code now.' }).waitFor();
    assert.equal(await automatic.isVisible(), true);
    assert.match((await field.getAttribute('aria-describedby')) ?? '', /automatic/);
    await toPage(page, () => page.locator('button.primary').click());
    await isInPanel(window, username);
  });
});

test('while it is busy the button to try again waits, too, and then leads on', async () => {
  await inWindow(browser, demo, async (window) => {
    const { page } = window;
    const context = await pageContextOf(window);
    const busy = errorPage(context, { code: 'busy', seconds: 2, againHref: '/signed-out' });
    await showInstead(window, 'busy', String(busy));
    const again = page.getByRole('link', { name: 'Try again' });
    assert.equal(await again.getAttribute('aria-disabled'), 'true');
    await again.click({ force: true });
    await page.locator('[role=status]', { hasText: 'You can try again now.' }).waitFor();
    assert.equal(await again.getAttribute('aria-disabled'), null);
    await toPage(page, () => again.click());
    assert.equal(page.url(), `${demo.serviceUrl}/signed-out`);
  });
});

test('too many wrong codes at the set-up bring a new key, and the old one is worth nothing', async () => {
  const username = 'operator@demo.test';
  await inWindow(browser, demo, async (window) => {
    const { page } = window;
    await startAtPanel(window);
    await givePassword(window, username);
    const abandoned = await readKey(page);
    for (let attempt = 1; attempt <= 5; attempt++) await typeCode(page, await abandoned.wrongCode());
    assert.equal(await page.locator('h1').innerText(), 'Too many wrong codes');
    assert.equal(await page.locator('.key').count(), 0);
    await press(page, '/retry');
    await typeCode(page, await abandoned.code());
    assert.equal(await page.locator('[role=alert]').count(), 1);
    const app = await readKey(page);
    await typeCode(page, await app.code());
    assert.equal(await button(page).count(), 1);
  });
});

const button = (page: Parameters<typeof readKey>[0]) =>
  page.locator('form[action$="/recovery-codes"] button');

test('who is not the one named on the page starts over as themselves', async () => {
  const username = 'administrator@demo.test';
  await inWindow(browser, demo, async (window) => {
    const { page } = window;
    await enroll(window, username);
    await signOut(window);
    await startAtPanel(window);
    await givePassword(window, username);
    const left = page.url();
    assert.equal(await page.locator('.who strong').innerText(), username);
    await press(page, '/start-over');
    assert.notEqual(page.url(), left);
    assert.equal(await page.locator('#username').inputValue(), '');
    assert.match(await page.locator('.lead').innerText(), /UC panel/, 'where one was going is not forgotten');
    await givePassword(window, 'agent@demo.test');
    assert.equal(await page.locator('.who strong').innerText(), 'agent@demo.test');
  });
});

// Attack A9: names are collected by asking for each with any password and comparing what comes back.
test('a wrong password and an unknown name get the same page', async () => {
  const pageFor = async (username: string) => {
    let text = '';
    await inWindow(browser, demo, async (window) => {
      await startAtPanel(window);
      const address = window.page.url();
      await givePassword(window, username, 'not the password');
      assert.match(
        await window.page.locator('[role=alert]').innerText(),
        /username or password is not right/,
      );
      assert.equal(await window.page.locator('#password').inputValue(), '');
      text = (await window.page.content()).replaceAll(new URL(address).pathname, '').replaceAll(username, '');
    });
    return text;
  };
  assert.equal(await pageFor('employee@demo.test'), await pageFor('nobody@demo.test'));
});

test('after many wrong passwords one waits, whoever one says to be', async () => {
  await inWindow(browser, demo, async (window) => {
    const { page } = window;
    await startAtPanel(window);
    for (let attempt = 1; attempt <= 6; attempt++)
      await givePassword(window, 'nobody.else@demo.test', 'wrong');
    await givePassword(window, 'nobody.else@demo.test', 'wrong');
    assert.match(await page.locator('[role=timer]').innerText(), /^You can try again in [1-5] seconds?\.$/);
    assert.equal(await page.locator('#username').inputValue(), 'nobody.else@demo.test');
    assert.equal(await page.locator('button.primary').isDisabled(), true);
  });
});
