// What axe-core finds on a page, and what it does not look for: whether anything has to be scrolled for sideways.
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Two looks at a page suffice for all rules; after those only what changes with colours or with the width is new. */
export type Rules = 'all' | 'of colour' | 'of width';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
// Our pages keep their styles in one file of their own origin: there is nothing to fetch for axe.
const common = { resultTypes: ['violations'], preload: false };
const options: Readonly<Record<Rules, unknown>> = {
  all: { ...common, runOnly: { type: 'tag', values: tags } },
  'of colour': { ...common, runOnly: ['color-contrast'] },
  'of width': { ...common, runOnly: ['target-size'] },
};

/** One line for each fault on the page as it is shown now. */
export async function accessibilityFaults(
  page: Page,
  rules: Rules,
  circumstances: string,
): Promise<readonly string[]> {
  const isThere = await page.evaluate<boolean>("typeof axe === 'object'");
  if (!isThere) await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>(
    `axe.run(document, ${JSON.stringify(options[rules])})`,
  );
  const faults = violations.map(
    ({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target).join(', ')}`,
  );
  const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
  const tooWidePx = await page.evaluate<number>(overflow);
  if (tooWidePx > 0) faults.push(`${tooWidePx} px too wide`);
  return faults.map((fault) => `${fault} (${circumstances})`);
}
