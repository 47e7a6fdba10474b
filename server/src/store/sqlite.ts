// The embedded engine: Node's own SQLite in WAL mode with synchronous=FULL. All lists waiting in one turn of the
// event loop share one transaction, each under its own savepoint, and are acknowledged after its one fsync (group
// commit). When the shared transaction itself is lost (a full disk rolls it back, savepoints and all), every list
// in it fails.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SecondringError } from '#core/errors.ts';
import {
  type Access,
  type AloneSession,
  createWatchers,
  type Engine,
  otherEpoch,
  type Refusal,
} from './engine.ts';
import { current as readEpoch } from './queries/epoch.ts';
import {
  type Compiled,
  compile,
  type Part,
  type Row,
  type Statement,
  type Value,
  valuesOf,
} from './statement.ts';

/** Lists in one transaction at most; more wait for the next, so that no answer waits for a whole crowd. */
const listsPerTransaction = 256;
/** How long a transaction waits for the lists it expects, in milliseconds: about as long as an fsync takes. */
const lingerMs = 0.5;
/** How long to wait for another process that writes (a backup, the command line), in milliseconds. */
const busyTimeoutMs = 5000;
/** How long to wait for another process that migrates, in milliseconds; each attempt waits `busyTimeoutMs`. */
const aloneWithinMs = 10 * 60_000;

/** Rows of a snapshot that are held in memory at a time. */
const rowsPerBatch = 500;

/** A part with its statement prepared and its values in their places. */
interface Ready {
  readonly part: Part;
  readonly statement: StatementSync;
  readonly values: readonly Value[];
}

interface Waiting {
  readonly epoch: number | undefined;
  readonly parts: readonly Ready[];
  readonly resolve: (refusal: Refusal) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Opens the database file; for `everything` it is created where it is not there.
 * @throws SecondringError `store-unavailable` when it cannot be opened, `store-corrupt` when it is no database
 */
export function openSqlite(path: string, access: Access): Engine {
  const database = open(path, access);
  const watchers = createWatchers();
  // Prepared once: what stands around every list would otherwise be parsed anew each time.
  const [begin, commit, rollback, savepoint, release, rollbackTo] = [
    'begin immediate',
    'commit',
    'rollback',
    'savepoint list',
    'release list',
    'rollback to list',
  ].map((sql) => database.prepare(sql)) as [
    StatementSync,
    StatementSync,
    StatementSync,
    StatementSync,
    StatementSync,
    StatementSync,
  ];
  const prepared = new Map<Statement, { compiled: Compiled; statement: StatementSync }>();
  let waiting: Waiting[] = [];
  let scheduled = false;
  /** How many lists the next transaction is likely to gather. */
  let expected = 0;
  let closed = false;

  function prepare(statement: Statement): { compiled: Compiled; statement: StatementSync } {
    let ready = prepared.get(statement);
    if (ready === undefined) {
      const compiled = compile(statement.sql, '?');
      ready = { compiled, statement: database.prepare(compiled.text) };
      prepared.set(statement, ready);
    }
    return ready;
  }

  function makeReady(part: Part): Ready {
    const { compiled, statement } = prepare(part.statement);
    return { part, statement, values: valuesOf(compiled, part.values) };
  }

  function runParts(parts: readonly Ready[]): Refusal {
    for (const { part, statement, values } of parts) {
      const { changes } = statement.run(...values);
      if (part.statement.expects === 'one' && changes !== 1) return part.position;
    }
    return undefined;
  }

  function runList(parts: readonly Ready[]): Refusal {
    if (parts.length === 1) return runParts(parts);
    savepoint.run();
    const refusal = runParts(parts);
    if (refusal !== undefined) rollbackTo.run();
    release.run();
    return refusal;
  }

  /** In the same transaction as the lists that depend on it. */
  function currentEpoch(): number | undefined {
    const row = prepare(readEpoch).statement.get();
    return row === undefined ? undefined : Number(row['epoch']);
  }

  function flush(): void {
    scheduled = false;
    const lists = waiting.slice(0, listsPerTransaction);
    // Closing flushes what waits; the turn that was scheduled for it then finds nothing.
    if (lists.length === 0) return;
    waiting = waiting.slice(listsPerTransaction);
    expected = lists.length === 1 ? Math.floor(expected / 2) : lists.length + 1;
    if (waiting.length > 0) schedule();
    const outcomes: { list: Waiting; refusal: Refusal }[] = [];
    const failed: { list: Waiting; error: unknown }[] = [];
    try {
      begin.run();
      const epoch = lists.some((list) => list.epoch !== undefined) ? currentEpoch() : undefined;
      for (const list of lists) {
        if (list.epoch !== undefined && list.epoch !== epoch) {
          outcomes.push({ list, refusal: otherEpoch });
          continue;
        }
        try {
          outcomes.push({ list, refusal: runList(list.parts) });
        } catch (error) {
          // Without its transaction nothing of the whole batch is there; with it, only this list is undone.
          if (!database.isTransaction) throw error;
          if (list.parts.length > 1) {
            rollbackTo.run();
            release.run();
          }
          failed.push({ list, error });
        }
      }
      commit.run();
    } catch (error) {
      if (database.isTransaction) rollback.run();
      const fault = unavailable(error);
      for (const list of lists) list.reject(fault);
      return;
    }
    for (const { list, error } of failed) list.reject(unavailable(error));
    for (const { list, refusal } of outcomes) {
      if (refusal === undefined) announce(list.parts);
      list.resolve(refusal);
    }
  }

  function announce(parts: readonly Ready[]): void {
    for (const { part } of parts) {
      if (part.statement.name === 'sign-in.announce') watchers.announce(String(part.values['id']));
    }
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    const untilMs = performance.now() + lingerMs;
    // Where several commit at a time, a moment's wait brings them into one transaction and saves their fsyncs; who
    // commits alone never waits.
    const flushWhenGathered = () => {
      const isGathered = expected <= 1 || waiting.length >= expected;
      if (isGathered || performance.now() >= untilMs) flush();
      else setImmediate(flushWhenGathered);
    };
    setImmediate(flushWhenGathered);
  }

  return {
    kind: 'sqlite',
    async apply(parts, epoch) {
      if (closed) throw unavailable(new Error('the store is closed'));
      const ready = parts.map(makeReady);
      return new Promise((resolve, reject) => {
        waiting.push({ parts: ready, epoch, resolve, reject });
        schedule();
      });
    },
    async read(statement, values) {
      if (closed) throw unavailable(new Error('the store is closed'));
      const ready = prepare(statement);
      const placed = valuesOf(ready.compiled, values);
      try {
        return ready.statement.all(...placed) as Row[];
      } catch (error) {
        throw unavailable(error);
      }
    },
    async runAlone(work) {
      if (closed) throw unavailable(new Error('the store is closed'));
      try {
        // SQLite changes a table by making it anew, and dropping the old one would take along what refers to it.
        database.exec('pragma foreign_keys = off');
        await beginAlone(database);
        await work(aloneSession(database));
        const broken = database.prepare('pragma foreign_key_check').all().length;
        if (broken > 0)
          throw new SecondringError('store-corrupt', `A migration would break ${broken} references.`);
        database.exec('commit');
      } catch (error) {
        if (database.isTransaction) database.exec('rollback');
        throw unavailable(error);
      } finally {
        database.exec('pragma foreign_keys = on');
      }
    },
    async readSnapshot(work) {
      // In write-ahead mode a reader keeps what it saw first, and holds no writer up.
      const reader = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
      try {
        reader.exec('begin');
        await work((sql) => inBatches(reader, sql));
      } catch (error) {
        throw error instanceof SecondringError ? error : unavailable(error);
      } finally {
        reader.close();
      }
    },
    watch: watchers.watch,
    async close() {
      if (closed) return;
      while (waiting.length > 0) flush();
      closed = true;
      database.close();
    },
  };
}

function open(path: string, access: Access): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (access === 'reading') return openToRead(path);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    enterWal(database);
    database.exec(`
      pragma synchronous = full;
      pragma foreign_keys = on;
      pragma trusted_schema = off;
      pragma secure_delete = fast;
      pragma cache_size = -16384;
      pragma wal_autocheckpoint = 4000;
      pragma temp_store = memory;
    `);
    return database;
  } catch (error) {
    database?.close();
    throw unavailable(error, `The database ${path} cannot be opened.`);
  }
}

/** Waits for another process that migrates for as long as a migration may take, and lets this process live meanwhile. */
async function beginAlone(database: DatabaseSync): Promise<void> {
  const giveUpMs = performance.now() + aloneWithinMs;
  for (;;) {
    try {
      database.exec('begin exclusive');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpMs) throw error;
      await nextTurn();
    }
  }
}

/** The file as another process keeps it; nothing about it is set here, because setting some of it is writing. */
function openToRead(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs, readOnly: true });
  database.exec('pragma query_only = on; pragma trusted_schema = off; pragma temp_store = memory');
  return database;
}

/** Entering write-ahead mode does not wait for another process that is just making the same database; we do. */
function enterWal(database: DatabaseSync): void {
  const giveUpMs = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      database.exec('pragma journal_mode = wal');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

function aloneSession(database: DatabaseSync): AloneSession {
  const prepared = new Map<string, StatementSync>();
  const prepare = (text: string) => {
    const statement = prepared.get(text) ?? database.prepare(text);
    prepared.set(text, statement);
    return statement;
  };
  return {
    kind: 'sqlite',
    async run(script) {
      database.exec(script);
    },
    async rows(sql) {
      return database.prepare(sql).all() as Row[];
    },
    async change({ sql }, values) {
      const compiled = compile(sql, '?');
      return Number(prepare(compiled.text).run(...valuesOf(compiled, values)).changes);
    },
    async insertRows(table, columns, rows) {
      const marks = columns.map(() => '?').join(', ');
      const statement = prepare(`insert into ${table} (${columns.join(', ')}) values (${marks})`);
      for (const row of rows) statement.run(...row);
    },
    // The transaction is exclusive: nobody else writes, and who waits begins after it.
    lockEpoch: async () => undefined,
  };
}

async function* inBatches(database: DatabaseSync, sql: string): AsyncIterable<readonly Row[]> {
  let batch: Row[] = [];
  for (const row of database.prepare(sql).iterate()) {
    batch.push(row as Row);
    if (batch.length < rowsPerBatch) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function isBusy(error: unknown): boolean {
  return (error as { errcode?: unknown }).errcode === 5;
}

/** SQLite's own codes (sqlite.org/rescode.html): 11 is a corrupt file, 26 is no database at all. */
function unavailable(error: unknown, message = 'The database did not answer.'): SecondringError {
  if (error instanceof SecondringError) return error;
  const code = (error as { errcode?: unknown }).errcode;
  const primary = typeof code === 'number' ? code & 0xff : undefined;
  if (primary === 11 || primary === 26) {
    const hint = 'Stop the service and restore the last backup.';
    return new SecondringError('store-corrupt', 'The database file is damaged.', { cause: error, hint });
  }
  const hint = primary === 13 ? 'The disk is full: free some space.' : 'See the cause, then try again.';
  return new SecondringError('store-unavailable', message, { cause: error, hint, retryAfterSeconds: 5 });
}
