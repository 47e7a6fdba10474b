// The real components that the tests need and npm cannot bring. Root gets them installed, because a machine
// that runs tests as root is there to run tests; everybody else gets the command to run.

import { postgresPrograms } from '../server/test/support/postgres-server.ts';
import { findProgram } from '../server/test/support/programs.ts';
import { runGroup } from './process-group.ts';

const packages = [
  { name: 'postgresql-15', isPresent: () => postgresPrograms() !== undefined },
  { name: 'chromium', isPresent: () => findProgram('chromium') !== undefined },
  // Both browsers run without a screen, and bring the fonts they need with them as dependencies.
  { name: 'firefox-esr', isPresent: () => findProgram('firefox-esr') !== undefined },
  { name: 'oathtool', isPresent: () => findProgram('oathtool') !== undefined },
  { name: 'zbar-tools', isPresent: () => findProgram('zbarimg') !== undefined },
  // Its `systemd-analyze` reads the unit that docs/operate tells to install; nothing of it has to run.
  { name: 'systemd', isPresent: () => findProgram('systemd-analyze') !== undefined },
  { name: 'strace', isPresent: () => findProgram('strace') !== undefined },
  { name: 'faketime', isPresent: () => findProgram('faketime') !== undefined },
] as const;

/** Interrupting dpkg leaves a machine that has to be repaired, so it is let finish. */
const graceMs = 5 * 60_000;
/** Two runs at once install one after the other; the second finds nothing left to do. */
const lockFile = '/run/secondring-packages.lock';

export async function ensureDebianPackages(signal: AbortSignal): Promise<void> {
  const missing = packages.filter(({ isPresent }) => !isPresent()).map(({ name }) => name);
  if (missing.length === 0) return;
  const update = 'apt-get update';
  const install = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) {
    throw new Error(`The tests need more from this machine. Run:\n\n  sudo ${update} && sudo ${install}`);
  }
  console.log(`Installing ${missing.join(', ')} from Debian's packages …`);
  const { succeeded, output } = await runGroup({
    program: 'flock',
    options: [lockFile, 'sh', '-c', `${update} && ${install}`],
    environment: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    output: 'keep',
    signal,
    graceMs,
  });
  signal.throwIfAborted();
  if (!succeeded) throw new Error(`Installing failed:\n\n${output.trim()}\n\n(${update} && ${install})`);
  const absent = packages.filter(({ isPresent }) => !isPresent()).map(({ name }) => name);
  if (absent.length > 0) throw new Error(`Installed, but not found afterwards: ${absent.join(', ')}`);
}
