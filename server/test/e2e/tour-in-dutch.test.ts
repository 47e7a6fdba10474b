// Every page in every state, in Dutch: see tour.ts.
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchChromium } from '#test/support/browser.ts';
import { type Demo, startDemo } from '#test/support/demo-process.ts';
import { takeTour, walkNames } from './tour.ts';

let demo: Demo;
let browser: Browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

for (const walk of walkNames) {
  test(`every page in every state is accessible, in Dutch: ${walk}`, () =>
    takeTour(browser, demo, 'nl', walk));
}
