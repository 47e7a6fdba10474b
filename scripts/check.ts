// `npm run check`: what can be known in under a minute and without anything from Debian, on the embedded store.
import { runTests, testFiles } from './run-tests.ts';
import { runStaticChecks } from './static-checks.ts';
import { add, conclude } from './tally.ts';

await conclude(async (signal) => {
  const { SECONDRING_TEST_POSTGRES_URL: _, ...environment } = process.env;
  const files = testFiles().filter((path) => !path.startsWith('server/test/e2e/'));
  return add(await runStaticChecks(signal), await runTests(files, environment, signal));
});
