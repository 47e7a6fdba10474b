// `npm run check`: what can be known in under a minute and without anything from Debian: the source itself, and the tests
// that stand beside what they test, on the embedded store.
import { runTests, testFiles } from './run-tests.ts';
import { runStaticChecks } from './static-checks.ts';
import { add, conclude } from './tally.ts';

await conclude(async (signal) => {
  const { SECONDRING_TEST_POSTGRES_URL: _, ...environment } = process.env;
  const isAcrossLayers = (path: string) => /^server\/test\/.*\//.test(path);
  const files = testFiles().filter((path) => !isAcrossLayers(path));
  return add(await runStaticChecks(signal), await runTests(files, environment, signal));
});
