// How the main process arranges for the staff process: which program it is, what it may read, and by which database
// role. It stands beside the two compositions because it knows of both.

import { realpathSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Configuration } from '#config/configuration.ts';
import { SecondringError } from '#core/errors.ts';
import type { Ports, StaffProcess } from '#core/ports.ts';
import { keepStaffProcess, type StaffProcessOptions } from '#jobs/staff-process.ts';
import { isPostgresUrl, sqlitePath } from '#store/open-engine.ts';

/** What tests hold in their hand. */
export type StaffOutside = Partial<Pick<StaffProcessOptions, 'later'>>;

/** The keeper of the staff process for a configuration; with PostgreSQL and no role for it there are no staff pages. */
export function arrangeStaffProcess(
  { databaseUrl, staffDatabaseUrl }: Configuration,
  ports: Ports,
  { later = laterByTimer }: StaffOutside,
): StaffProcess {
  const url = isPostgresUrl(databaseUrl) ? staffDatabaseUrl : `sqlite:${resolve(sqlitePath(databaseUrl))}`;
  if (url === undefined) return noStaffProcess();
  return keepStaffProcess({
    entry: resolve(import.meta.dirname, 'staff.ts'),
    readable: [...programFiles(), ...(isPostgresUrl(url) ? [] : [sqlitePath(url)])],
    databaseUrl: url,
    providerName: async () => (await ports.store.providerName()) ?? 'Secondring',
    log: ports.log,
    random: ports.random,
    later,
  });
}

/** Our own program and its packages, folder by folder: the data and the key may lie right beside them. */
function programFiles(): readonly string[] {
  const server = resolve(import.meta.dirname, '..');
  const hono = realpathSync(fileURLToPath(import.meta.resolve('hono')));
  const packages = hono.slice(0, hono.lastIndexOf(`${sep}node_modules${sep}`) + `${sep}node_modules`.length);
  return [
    import.meta.dirname,
    resolve(server, 'package.json'),
    resolve(server, '../web/client'),
    packages,
    resolve(dirname(packages), 'package.json'),
  ];
}

function noStaffProcess(): StaffProcess {
  return {
    async reach() {
      throw new SecondringError('staff-unavailable', 'There is no database role for the staff pages.', {
        hint: 'Make one with docs/operate/staff-role.sql and name it in SECONDRING_STAFF_DATABASE_URL.',
      });
    },
    close: async () => undefined,
  };
}

function laterByTimer(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
