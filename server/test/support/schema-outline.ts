// A schema as a list of plain statements that both engines can be brought to: columns with the class of their type,
// keys, unique and foreign keys, indexes, and of each condition the columns and values it speaks of (the engines
// spell conditions in their own words).
import type { RawDatabase, RawRow } from './raw-database.ts';

const classes: Readonly<Record<string, string>> = {
  TEXT: 'text',
  INTEGER: 'integer',
  BLOB: 'bytes',
  text: 'text',
  bigint: 'integer',
  bytea: 'bytes',
};

const text = (row: RawRow, column: string): string => String(row[column] ?? '');
const grouped = <Key>(rows: readonly RawRow[], keyOf: (row: RawRow) => Key): RawRow[][] => [
  ...Map.groupBy(rows, keyOf).values(),
];
const columnsOf = (rows: readonly RawRow[], column = 'name') =>
  rows.map((row) => text(row, column)).join(', ');

/** What a condition is about, whatever the words. */
function subjects(condition: string, columns: readonly string[]): string {
  const plain = condition.replaceAll(/::\w+(\[\])?/g, '').replaceAll(/'(-?\d+)'/g, '$1');
  const values = plain.match(/'[^']*'|-?\b\d+\b/g) ?? [];
  const words = new Set(plain.replaceAll(/'[^']*'/g, '').match(/\w+/g) ?? []);
  const about = [...columns.filter((column) => words.has(column)), ...values];
  // `is null` and `is not null` are all that some conditions have to say.
  if (/\bis not null\b/i.test(plain)) about.push('present');
  else if (/\bis null\b/i.test(plain)) about.push('absent');
  return [...new Set(about)].toSorted().join(' ');
}

function columnLine(
  table: string,
  name: string,
  type: string,
  isRequired: boolean,
  standard: string,
): string {
  const required = isRequired ? ' not null' : '';
  const value = standard === '' ? '' : ` default ${standard.replace(/::\w+$/, '').replaceAll(/^'|'$/g, '')}`;
  return `${table}.${name} ${classes[type] ?? type}${required}${value}`;
}

/** The outline of an SQLite database. */
export async function sqliteOutline(raw: RawDatabase): Promise<string[]> {
  const lines: string[] = [];
  for (const table of await raw.tables()) {
    const info = await raw.rows('select * from pragma_table_info($1)', table);
    const names = info.map((row) => text(row, 'name'));
    const key = info.filter((row) => row.pk !== 0).toSorted((a, b) => Number(a.pk) - Number(b.pk));
    lines.push(`${table} primary key (${columnsOf(key)})`);
    for (const row of info) {
      lines.push(
        columnLine(table, text(row, 'name'), text(row, 'type'), row.notnull === 1, text(row, 'dflt_value')),
      );
    }
    for (const index of await raw.rows('select * from pragma_index_list($1)', table)) {
      if (index.origin === 'pk') continue;
      const columns = columnsOf(await raw.rows('select * from pragma_index_info($1)', text(index, 'name')));
      if (index.origin === 'u') lines.push(`${table} unique (${columns})`);
      else {
        const sql = await sqlOf(raw, text(index, 'name'));
        const where = / where (.*)$/s.exec(sql)?.[1];
        lines.push(indexLine(table, text(index, 'name'), index.unique === 1, columns, where, names));
      }
    }
    const references = await raw.rows('select * from pragma_foreign_key_list($1) order by id, seq', table);
    for (const group of grouped(references, (row) => row.id)) {
      const [first] = group;
      if (first === undefined) continue;
      const there = `${text(first, 'table')} (${columnsOf(group, 'to')})`;
      lines.push(
        `${table} (${columnsOf(group, 'from')}) refers to ${there} ${text(first, 'on_delete').toLowerCase()}`,
      );
    }
    for (const condition of checksIn(await sqlOf(raw, table))) {
      lines.push(`${table} check ${subjects(condition, names)}`);
    }
  }
  return lines.toSorted();
}

function indexLine(
  table: string,
  name: string,
  isUnique: boolean,
  columns: string,
  where: string | undefined,
  names: readonly string[],
): string {
  const condition = where === undefined ? '' : ` where ${subjects(where, names)}`;
  return `${table} ${isUnique ? 'unique ' : ''}index ${name} (${columns})${condition}`;
}

async function sqlOf(raw: RawDatabase, name: string): Promise<string> {
  const [row] = await raw.rows('select sql from sqlite_schema where name = $1', name);
  return text(row ?? {}, 'sql');
}

/** The conditions of a `create table`, each with the brackets it stands in closed. */
function checksIn(sql: string): string[] {
  return [...sql.matchAll(/\bcheck \(/g)].map(({ index }) => {
    const from = sql.indexOf('(', index);
    let depth = 0;
    for (let at = from; ; at += 1) {
      if (sql[at] === '(') depth += 1;
      if (sql[at] === ')') depth -= 1;
      if (depth === 0) return sql.slice(from, at + 1);
    }
  });
}

/** The outline of a PostgreSQL database. */
export async function postgresOutline(raw: RawDatabase): Promise<string[]> {
  const info = await raw.rows(
    `select * from information_schema.columns where table_schema = 'public' order by ordinal_position`,
  );
  const names = (table: string) =>
    info.filter((row) => row.table_name === table).map((row) => text(row, 'column_name'));
  const lines = info.map((row) =>
    columnLine(
      text(row, 'table_name'),
      text(row, 'column_name'),
      text(row, 'data_type'),
      row.is_nullable === 'NO',
      text(row, 'column_default'),
    ),
  );

  const constraints = await raw.rows(
    `select conrelid::regclass::text as table, contype, pg_get_constraintdef(oid) as definition
     from pg_constraint where connamespace = 'public'::regnamespace`,
  );
  for (const row of constraints) lines.push(constraintLine(row, names(text(row, 'table'))));

  const indexes = await raw.rows(
    `select indrelid::regclass::text as table, indexrelid::regclass::text as name, indisunique,
       pg_get_indexdef(indexrelid) as definition, pg_get_expr(indpred, indrelid) as condition
     from pg_index where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
       and not exists (select 1 from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))`,
  );
  for (const row of indexes) {
    const columns = /\(([^)]*)\)/.exec(text(row, 'definition'))?.[1] ?? '';
    const where = row.condition === null ? undefined : text(row, 'condition');
    const isUnique = (row.indisunique as unknown) === true;
    const table = text(row, 'table');
    lines.push(indexLine(table, text(row, 'name'), isUnique, columns, where, names(table)));
  }
  return lines.toSorted();
}

function constraintLine(row: RawRow, names: readonly string[]): string {
  const definition = text(row, 'definition');
  const table = text(row, 'table');
  if (row.contype === 'c') return `${table} check ${subjects(definition, names)}`;
  if (row.contype !== 'f')
    return `${table} ${definition.replace(/^(PRIMARY KEY|UNIQUE)/, (word) => word.toLowerCase())}`;
  const [, own, other, theirs, rest = ''] =
    /^FOREIGN KEY \((.*?)\) REFERENCES (\w+)\((.*?)\)(.*)$/.exec(definition) ?? [];
  const onDelete = /ON DELETE (\w+)/.exec(rest)?.[1]?.toLowerCase() ?? 'no action';
  return `${table} (${own}) refers to ${other} (${theirs}) ${onDelete}`;
}
