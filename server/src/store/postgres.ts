// The engine for many replicas: PostgreSQL. A list of changes is one statement, so one round trip: its parts are
// joined into one data-modifying CTE, prepared once for each shape of list, whose last select fails the statement
// when a part did not change the row it must. Announcements reach other replicas by LISTEN/NOTIFY.

import pg from 'pg';
import { SecondringError } from '#core/errors.ts';
import {
  type Access,
  type AloneSession,
  createWatchers,
  type Engine,
  otherEpoch,
  type Refusal,
} from './engine.ts';
import { expected as expectedEpoch } from './queries/epoch.ts';
import { compile, type Part, type Row, type Statement, type Value, valuesOf } from './statement.ts';

const channel = 'secondring_sign_ins';
/** Key of the advisory lock that migrations hold; any constant does. */
const migrationLock = 7_226_003;
const connections = 16;
const readingConnections = 2;
const connectTimeoutMs = 5000;
const statementTimeoutMs = 10_000;
/** A server that is silent keeps no statement to any time: then we end the connection ourselves, a little later. */
const silenceTimeoutMs = 12_000;
const idleTimeoutMs = 5 * 60_000;
const relistenAfterMs = 1000;
/** Deadlock and serialization failures undo the whole list, so trying again is safe (PostgreSQL 15, 13.5). */
const attempts = 4;

/** The protocol's own limit is 65,535. */
const parametersPerStatement = 10_000;
/** Rows of a snapshot that are held in memory at a time. */
const rowsPerBatch = 500;

const int8 = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

interface Shape {
  readonly name: string;
  readonly text: string;
  values(parts: readonly Part[]): Value[];
}

/**
 * Opens a pool of connections.
 * @throws SecondringError `store-unavailable` when the server cannot be reached
 */
export async function openPostgres(url: string, access: Access): Promise<Engine> {
  const pool = new pg.Pool({
    connectionString: url,
    types,
    max: access === 'reading' ? readingConnections : connections,
    ...(access === 'reading' && { options: '-c default_transaction_read_only=on' }),
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: silenceTimeoutMs,
    keepAlive: true,
    application_name: 'secondring',
  });
  // A connection that breaks while idle is replaced by the pool; the next query says what is wrong.
  pool.on('error', () => undefined);
  const shapes = new Map<string, Shape>();
  const reads = new Map<Statement, ReturnType<typeof compile>>();
  const watchers = createWatchers();
  const listener = listen(url, watchers.announce, watchers.announceAll);

  function shapeOf(parts: readonly Part[]): Shape {
    const key = parts.map((part) => part.statement.name).join('+');
    let shape = shapes.get(key);
    if (shape === undefined) {
      shape = joinParts(`commit_${shapes.size + 1}`, parts);
      shapes.set(key, shape);
    }
    return shape;
  }

  async function applyOnce(parts: readonly Part[]): Promise<Refusal> {
    const shape = shapeOf(parts);
    try {
      await queryKeeping(pool, { name: shape.name, text: shape.text, values: shape.values(parts) });
      return undefined;
    } catch (error) {
      if (!isDatabaseError(error) || error.code !== 'SR001') throw error;
      return parts[Number(error.message)]?.position ?? 0;
    }
  }

  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw unavailable(error, 'The PostgreSQL server cannot be reached.');
  }

  return {
    kind: 'postgres',
    async apply(changes, epoch) {
      const guard: Part[] =
        epoch === undefined ? [] : [{ statement: expectedEpoch, values: { epoch }, position: otherEpoch }];
      const parts = [...guard, ...changes];
      for (let attempt = 1; ; attempt++) {
        try {
          return await applyOnce(parts);
        } catch (error) {
          const isConflict = isDatabaseError(error) && (error.code === '40P01' || error.code === '40001');
          if (!isConflict || attempt === attempts) throw unavailable(error);
        }
      }
    },
    async read(statement, values) {
      let compiled = reads.get(statement);
      if (compiled === undefined) {
        compiled = compile(statement.postgres, '$');
        reads.set(statement, compiled);
      }
      try {
        const name = `read_${statement.name}`;
        const result = await pool.query({ name, text: compiled.text, values: valuesOf(compiled, values) });
        return result.rows as Row[];
      } catch (error) {
        // Text with a NUL cannot be stored, so there is nothing by that name.
        if (isDatabaseError(error) && error.code === '22021') return [];
        throw unavailable(error);
      }
    },
    async runAlone(work) {
      // A connection of its own: a migration may take long, and so may waiting for another process that makes it.
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs });
      client.on('error', toldByQuery);
      try {
        await client.connect();
        await client.query('begin');
        await client.query('select pg_advisory_xact_lock($1)', [migrationLock]);
        await work(aloneSession(client));
        await client.query('commit');
      } catch (error) {
        await client.query('rollback').catch(() => undefined);
        throw unavailable(error);
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    async readSnapshot(work) {
      const client = await pool.connect();
      try {
        await client.query('begin isolation level repeatable read read only');
        await client.query('set local statement_timeout = 0');
        await work((sql) => inBatches(client, sql));
        await client.query('commit');
        client.release();
      } catch (error) {
        client.release(true);
        throw unavailable(error);
      }
    },
    watch(id, onAnnounced) {
      listener.start();
      return watchers.watch(id, onAnnounced);
    },
    async close() {
      await listener.stop();
      await pool.end();
    },
  };
}

/**
 * Queries over a connection of the pool and keeps it when the server refuses: the pool's own query would close it, and
 * every refused commit would cost a new connection.
 */
async function queryKeeping(pool: pg.Pool, query: pg.QueryConfig): Promise<void> {
  const client = await pool.connect();
  // The pool listens only while nobody has it; a connection that breaks with nobody listening ends the process.
  client.on('error', toldByQuery);
  let isUsable = true;
  try {
    await client.query(query);
  } catch (error) {
    isUsable = isDatabaseError(error) && !isEnd(error);
    throw error;
  } finally {
    client.off('error', toldByQuery);
    client.release(!isUsable);
  }
}

/** A connection that breaks is also an error of the query on it, which says so where somebody waits for it. */
function toldByQuery(): void {}

/** The server's last words on a connection (PostgreSQL 15, appendix A): ended by somebody, or failed. */
function isEnd({ code = '' }: pg.DatabaseError): boolean {
  return code.startsWith('57P') || code.startsWith('08');
}

/** Joins parts into one statement: `with p0 as (…), p1 as (…) select secondring_expect_one(count of p0), …`. */
function joinParts(name: string, parts: readonly Part[]): Shape {
  const pieces: string[] = [];
  const verdicts: string[] = [];
  const compiled: ReturnType<typeof compile>[] = [];
  let place = 1;
  for (const [index, { statement }] of parts.entries()) {
    const piece = compile(statement.postgres, '$', place);
    place += piece.names.length;
    compiled.push(piece);
    const isSelect = /^\s*select/i.test(piece.text);
    pieces.push(`p${index} as (${piece.text}${isSelect ? '' : ' returning 1'})`);
    const count = `(select count(*) from p${index})`;
    if (statement.expects === 'one') verdicts.push(`secondring_expect_one(${count}, ${index})`);
    else if (isSelect) verdicts.push(count);
  }
  const text = `with ${pieces.join(',\n')}\nselect ${verdicts.length === 0 ? '1' : verdicts.join(', ')}`;
  const values = (list: readonly Part[]) =>
    list.flatMap((part, index) => {
      const piece = compiled[index];
      return piece === undefined ? [] : valuesOf(piece, part.values);
    });
  return { name, text, values };
}

/**
 * Listens on a connection of its own, opened when somebody first watches; after a break it listens again and has every
 * watcher look for itself.
 */
function listen(
  url: string,
  announce: (id: string) => void,
  announceAll: () => void,
): { readonly start: () => void; readonly stop: () => Promise<void> } {
  let stopped = false;
  let connecting: Promise<void> | undefined;
  let current: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: connectTimeoutMs,
      application_name: 'secondring listener',
      keepAlive: true,
    });
    current = client;
    const again = () => {
      if (stopped || current !== client) return;
      current = undefined;
      client.end().catch(() => undefined);
      timer = setTimeout(() => {
        connecting = connect();
      }, relistenAfterMs);
    };
    client.on('error', again);
    client.on('end', again);
    client.on('notification', (message) => announce(message.payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
      announceAll();
    } catch {
      again();
    }
  }

  return {
    start() {
      if (!stopped) connecting ??= connect();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await connecting;
      await current?.end().catch(() => undefined);
    },
  };
}

function aloneSession(client: pg.Client): AloneSession {
  return {
    kind: 'postgres',
    async run(script) {
      await client.query(script);
    },
    async rows(sql) {
      const result = await client.query({ text: sql, types });
      return result.rows as Row[];
    },
    async change({ postgres }, values) {
      const compiled = compile(postgres, '$');
      return (await client.query(compiled.text, valuesOf(compiled, values))).rowCount ?? 0;
    },
    async insertRows(table, columns, rows) {
      const atOnce = Math.max(1, Math.floor(parametersPerStatement / columns.length));
      for (let first = 0; first < rows.length; first += atOnce) {
        const some = rows.slice(first, first + atOnce);
        let place = 0;
        const marks = some.map((row) => `(${row.map(() => `$${++place}`).join(', ')})`).join(', ');
        await client.query(`insert into ${table} (${columns.join(', ')}) values ${marks}`, some.flat());
      }
    },
    // Every commit reads the epoch, so it holds this table in its weakest mode to its end; and it takes its snapshot
    // after it got that, so that who had to wait sees the new epoch (PostgreSQL 15, 13.3.1 and 13.2.1).
    async lockEpoch() {
      await client.query('lock table store_epoch in access exclusive mode');
    },
  };
}

async function* inBatches(client: pg.PoolClient, sql: string): AsyncIterable<readonly Row[]> {
  await client.query(`declare snapshot no scroll cursor for ${sql}`);
  for (;;) {
    const { rows } = await client.query({ text: `fetch ${rowsPerBatch} from snapshot`, types });
    if (rows.length === 0) break;
    yield rows as Row[];
  }
  await client.query('close snapshot');
}

function isDatabaseError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError;
}

function unavailable(error: unknown, message = 'The database did not answer.'): SecondringError {
  if (error instanceof SecondringError) return error;
  const hint = 'Check that PostgreSQL runs and that SECONDRING_DATABASE_URL is right, then try again.';
  return new SecondringError('store-unavailable', message, { cause: error, hint, retryAfterSeconds: 5 });
}
