// The line that everybody walks: a login without any sign-in method comes from a panel, sets up an authenticator app,
// keeps its recovery codes and is in; and from then on needs a password and six digits, with no click between.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '#test/support/browser.ts';
import { type Demo, startDemo } from '#test/support/demo-process.ts';
import { temporaryFolder } from '#test/support/each-engine.ts';
import { findProgram } from '#test/support/programs.ts';
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

test('a login that never signed in sets up an app, gets in, and gets in again', async (t) => {
  const username = 'fresh@demo.test';
  await inWindow(browser, demo, async (window) => {
    const { page } = window;
    const secrets: string[] = [];
    await page.addInitScript(
      'window.print = () => { window.timesPrinted = (window.timesPrinted ?? 0) + 1; };',
    );
    await startAtPanel(window);
    assert.match(page.url(), /\/sign-in\/[\w-]+$/);
    assert.match(await page.locator('.lead').innerText(), /UC panel/);
    await givePassword(window, username);

    const app = await readKey(page);
    const key = (await page.locator('.key').innerText()).replaceAll(' ', '');
    secrets.push(key);
    await t.test('the QR code and the link for the phone hold the key that is shown', async (t) => {
      const link = (await page.locator('.phone-only a').getAttribute('href')) ?? '';
      const { protocol, host, pathname, searchParams } = new URL(link);
      assert.deepEqual([protocol, host], ['otpauth:', 'totp']);
      assert.equal(decodeURIComponent(pathname), `/Demo Telecom:${username}`);
      assert.equal(searchParams.get('secret'), key);
      assert.equal(searchParams.get('issuer'), 'Demo Telecom');
      if (findProgram('zbarimg') === undefined)
        return t.skip('zbarimg is not installed (Debian: zbar-tools)');
      // Phones point their cameras at dark pages, too.
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        assert.equal(await readQrCode(page), link);
      }
      await page.emulateMedia({ colorScheme: 'light' });
    });

    const wrongCode = await app.wrongCode();
    await typeCode(page, wrongCode);
    assert.equal(await page.locator('[role=alert]').count(), 1);
    assert.equal((await page.locator('.key').innerText()).replaceAll(' ', ''), key, 'the key stays');

    const enrollmentCode = await app.code();
    secrets.push(enrollmentCode);
    await typeCode(page, enrollmentCode);

    await press(page, '/recovery-codes');
    const codes = await page.locator('.codes li').allInnerTexts();
    secrets.push(...codes);
    await t.test('ten recovery codes can be kept on disk and on paper', async () => {
      assert.equal(new Set(codes).size, 10);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.locator('a[download]').click(),
      ]);
      assert.equal(download.suggestedFilename(), 'recovery-codes.txt');
      const lines = readFileSync(await download.path(), 'utf8').split('\n');
      assert.deepEqual(
        lines.filter((line) => codes.includes(line)),
        codes,
      );
      assert.ok(lines.some((line) => line.includes(username)));
      await window.context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.locator('[data-copy]').click();
      await page.getByText('Copied').waitFor();
      assert.equal(await page.evaluate('navigator.clipboard.readText()'), codes.join('\n'));
      await page.locator('[data-print]').click();
      assert.equal(await page.evaluate('window.timesPrinted'), 1);
    });
    await t.test('they are not left behind without saying that they were kept', async () => {
      await page.locator('form[action$="/backup"] button').click();
      assert.equal(await page.locator('[name=kept]:invalid').count(), 1);
      assert.equal(await page.locator('.codes').count(), 1);
    });
    await page.locator('[name=kept]').check();
    const fromMs = Date.now();
    await press(page, '/backup');

    await isInPanel(window, username);
    assert.equal(await page.locator('#amr').innerText(), 'pwd otp mfa');
    assert.match(await page.locator('#acr').innerText(), /^urn:secondring:acr:/);
    const when = await page.locator('#when').innerText();
    assert.ok(momentsSince(fromMs - 60_000).includes(when), when);
    await signOut(window);

    await t.test('the second time nothing is clicked between the code and the panel', async () => {
      await startAtPanel(window);
      await givePassword(window, username);
      // The field has the focus: whoever types, types there.
      const code = await app.code();
      secrets.push(code);
      await toPage(page, () => page.keyboard.type(code));
      await isInPanel(window, username);
      await signOut(window);
    });

    await t.test('the code used just now is refused, and nothing says that it had been right', async () => {
      await startAtPanel(window);
      await givePassword(window, username);
      await typeCode(page, secrets.at(-1) ?? '');
      const refusalOfUsed = await page.locator('[role=alert]').innerText();
      assert.match(page.url(), new RegExp(`^${demo.serviceUrl}/sign-in/`));
      await typeCode(page, await app.wrongCode());
      assert.equal(await page.locator('[role=alert]').innerText(), refusalOfUsed);
    });

    await t.test('a restart forgets nobody: neither the app nor who is signed in', async () => {
      const code = await app.code();
      secrets.push(code);
      await startAtPanel(window);
      await givePassword(window, username);
      await demo.restart();
      await typeCode(page, code);
      // The panel forgot whom it had sent. The session is there, so that asking again needs nothing.
      await startAtPanel(window);
      await isInPanel(window, username);
      await demo.restart();
      await startAtPanel(window);
      await isInPanel(window, username);
    });

    // Attack C05: whoever reads the log gets in. Nothing that was typed or shown may be in it.
    assert.equal(secrets.length, 14);
    for (const secret of secrets) assert.ok(!demo.output().includes(secret), demo.output());
  });
});

/** Photographs the QR code as a camera would and has it read by a program that is not ours. */
async function readQrCode(page: Page): Promise<string> {
  const folder = temporaryFolder();
  try {
    const path = join(folder.path, 'qr.png');
    await page.locator('svg.qr').screenshot({ path });
    const options = ['--quiet', '--raw', '--nodbus', path];
    return (await promisify(execFile)('zbarimg', options)).stdout.trim();
  } finally {
    folder.remove();
  }
}

/** Every second since then, as the panel writes it. */
function momentsSince(fromMs: number): string[] {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium' });
  const seconds = Math.ceil((Date.now() - fromMs) / 1000) + 1;
  return Array.from({ length: seconds }, (_, index) => format.format(fromMs + index * 1000));
}
