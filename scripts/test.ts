// `npm test`: everything, with every real component. `npm test -- sign-in totp` runs only the test files whose
// paths contain one of the words, and leaves out the checks of the source.
import { startPostgres } from '../server/test/support/postgres-server.ts';
import { ensureDebianPackages } from './debian-packages.ts';
import { runTests, testFiles } from './run-tests.ts';
import { runStaticChecks } from './static-checks.ts';
import { add, conclude } from './tally.ts';

const words = process.argv.slice(2);

await conclude(async (signal) => {
  await ensureDebianPackages(signal);
  const postgres = await startPostgres();
  try {
    const environment = { ...process.env, SECONDRING_TEST_POSTGRES_URL: postgres.url };
    if (words.length > 0) {
      const chosen = testFiles().filter((path) => words.some((word) => path.includes(word)));
      return await runTests(chosen, environment, signal);
    }
    return add(await runStaticChecks(signal), await runTests(testFiles(), environment, signal));
  } finally {
    await postgres.stop();
  }
});
