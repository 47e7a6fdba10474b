// The figures, one JSON line each. `npm run bench` takes them all; words choose: an engine (sqlite, postgres) and what
// is measured (sign-in, code-flow, flood, at-rest). `scale` is measured only when it is asked for: seeding takes a
// minute for ten thousand people, ten for a hundred thousand. docs/benchmarks.md says what the lines mean.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '#test/support/postgres-server.ts';
import { measureAtRest } from './at-rest.ts';
import { measureCodeFlow } from './code-flow.ts';
import { measureFlood } from './flood.ts';
import { measureSignIns } from './sign-ins.ts';

const people = 2000;
const engines = ['sqlite', 'postgres'] as const;
const scenarios = ['sign-in', 'code-flow', 'flood', 'at-rest'] as const;

const words = process.argv.slice(2);
const unknown = words.filter((word) => ![...engines, ...scenarios, 'scale'].includes(word));
if (unknown.length > 0) throw new RangeError(`There is nothing to measure called ${unknown.join(', ')}`);
const wantedEngines = engines.filter((engine) => words.includes(engine));
const wantedScenarios = [...scenarios, 'scale'].filter((scenario) => words.includes(scenario));
const isWanted = (scenario: string) =>
  wantedScenarios.length === 0 ? scenario !== 'scale' : wantedScenarios.includes(scenario);

const folder = mkdtempSync(join(tmpdir(), 'secondring-bench-'));
const chosen = wantedEngines.length === 0 ? engines : wantedEngines;
const postgres = chosen.includes('postgres') ? await startPostgres() : undefined;
let databases = 0;
try {
  if (isWanted('at-rest')) await measureAtRest();
  for (const store of chosen) {
    const input = async (isHashing: boolean) => ({
      store,
      folder,
      isHashing,
      people,
      databaseUrl: await freshDatabase(),
    });
    const freshDatabase = async () => {
      databases += 1;
      if (store === 'sqlite') return `sqlite:${join(folder, `bench-${databases}.db`)}`;
      return freshPostgresDatabase(postgres?.url ?? '', databases);
    };
    if (isWanted('sign-in')) await measureSignIns(await input(false));
    if (isWanted('sign-in')) await measureSignIns(await input(true));
    if (isWanted('code-flow')) await measureCodeFlow(await input(false));
    if (isWanted('flood')) await measureFlood({ store, people, freshDatabase });
    if (!isWanted('scale')) continue;
    for (const many of [1000, 10_000, 100_000])
      await measureSignIns({ ...(await input(false)), people: many });
  }
} finally {
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function freshPostgresDatabase(url: string, serial: number): Promise<string> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const name = `bench_${serial}`;
  await client.query(`create database ${name}`);
  await client.end();
  const target = new URL(url);
  target.pathname = `/${name}`;
  return target.href;
}
