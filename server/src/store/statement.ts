// One SQL statement with named parameters, near the type of what it takes. Statements are written once; where an
// engine needs other words, it has its own text beside the common one.

export type Value = string | number | Uint8Array | null;
export type Row = Readonly<Record<string, Value>>;

export interface Statement {
  readonly name: string;
  readonly sql: string;
  readonly postgres: string;
  /** The table it changes; undefined for reads and announcements. */
  readonly table: string | undefined;
  /** 'one': exactly one row must change, else the whole list is refused. 'any': unconditional. */
  readonly expects: 'one' | 'any';
}

/** One statement of a commit, with its values. */
export interface Part {
  readonly statement: Statement;
  readonly values: Readonly<Record<string, Value>>;
  /** The place in the list of changes it came from. */
  readonly position: number;
}

/** Declares a statement that must change exactly one row. */
export function one(name: string, sql: string, postgres = sql): Statement {
  return { name, sql, postgres, table: tableOf(sql), expects: 'one' };
}

/** Declares a statement that may change any number of rows, none included. */
export function any(name: string, sql: string, postgres = sql): Statement {
  return { name, sql, postgres, table: tableOf(sql), expects: 'any' };
}

/** Declares a read. */
export function read(name: string, sql: string, postgres = sql): Statement {
  return { name, sql, postgres, table: tableOf(sql), expects: 'any' };
}

function tableOf(sql: string): string | undefined {
  return /^\s*(?:insert into|update|delete from)\s+(\w+)/.exec(sql)?.[1];
}

export interface Compiled {
  readonly text: string;
  /** The parameters' names in the order of their places. */
  readonly names: readonly string[];
}

const parameter = /(?<!:):([a-z][A-Za-z0-9]*)/g;

/** Rewrites `:name` into the engine's own places: `?1`, `?2` … for SQLite, `$1`, `$2` … for PostgreSQL. */
export function compile(sql: string, mark: '?' | '$', firstPlace = 1): Compiled {
  const names: string[] = [];
  const text = sql.replaceAll(parameter, (_, name: string) => {
    let index = names.indexOf(name);
    if (index < 0) index = names.push(name) - 1;
    return `${mark}${firstPlace + index}`;
  });
  return { text, names };
}

/** The values of a compiled statement in the order of its places; a missing one is a defect of the statement. */
export function valuesOf(compiled: Compiled, values: Readonly<Record<string, Value>>): Value[] {
  return compiled.names.map((name) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`the statement wants a value named ${name}`);
    return value;
  });
}
