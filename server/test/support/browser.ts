// Debian's Chromium for tests, each time with a fresh profile and without a way to anything but loopback.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { temporaryFolder } from './each-engine.ts';
import { findProgram } from './programs.ts';

function settings() {
  const executablePath = findProgram('chromium');
  if (executablePath === undefined) throw new Error('Chromium is not installed (Debian: chromium)');
  return {
    executablePath,
    // Root, which machines that test often are, has no sandbox.
    chromiumSandbox: false,
    args: [
      ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', '--no-proxy-server'],
      '--host-resolver-rules=MAP localhost 127.0.0.1, EXCLUDE 127.0.0.1, MAP * ~NOTFOUND',
    ],
  };
}

/** Starts Chromium; every context of it is a browser of its own, without anything another one knows. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch(settings());
}

export interface SetUpBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Starts a Chromium whose owner refuses all cookies in its settings. */
export async function launchChromiumWithoutCookies(): Promise<SetUpBrowser> {
  const profile = temporaryFolder();
  const cookiesBlocked = 2;
  const preferences = { profile: { default_content_setting_values: { cookies: cookiesBlocked } } };
  mkdirSync(join(profile.path, 'Default'));
  writeFileSync(join(profile.path, 'Default/Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile.path, settings());
  return {
    context,
    async close() {
      await context.close();
      profile.remove();
    },
  };
}
