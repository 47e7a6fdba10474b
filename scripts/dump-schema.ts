// Writes server/src/store/schema.sql: the whole schema as it stands after all migrations, in one readable file, so
// that a change of it shows in a diff as what it comes to and not only as one more migration. `npm run schema`
// writes it; a test of the store fails when it is out of date.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate } from '../server/src/store/migrate.ts';
import { openEngine } from '../server/src/store/open-engine.ts';

export const schemaFile = join(import.meta.dirname, '../server/src/store/schema.sql');

const heading = `-- The schema after all migrations, as SQLite has it. Written by \`npm run schema\`; do not edit.
`;

/** The schema of a freshly migrated embedded store: tables by name, each followed by its indexes by name. */
export async function dumpSchema(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'secondring-schema-'));
  try {
    const path = join(folder, 'schema.db');
    const engine = await openEngine(`sqlite:${path}`);
    try {
      await migrate(engine, 0);
    } finally {
      await engine.close();
    }
    return heading + statementsOf(path).join('');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function statementsOf(path: string): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    // What SQLite makes of itself for primary keys and unique columns has no text of its own.
    const rows = database
      .prepare(`select sql from sqlite_schema where sql is not null order by tbl_name, type = 'index', name`)
      .all();
    return rows.map(({ sql }) => {
      const text = String(sql).replace(/^CREATE (TABLE|(?:UNIQUE )?INDEX|TRIGGER|VIEW)/, (word) =>
        word.toLowerCase(),
      );
      return `${text.startsWith('create table') ? '\n' : ''}${text};\n`;
    });
  } finally {
    database.close();
  }
}

if (import.meta.main) {
  writeFileSync(schemaFile, await dumpSchema());
  console.log('server/src/store/schema.sql is written.');
}
