// Whether this process may be sent people: its store answers, has the schema of this version, its keys open, and both
// clocks agree (security.md F-30). Asked by anyone as often as they like: it looks once a second at most, one look at a
// time, and says which check fails and nothing more. The log says the rest, when the answer changes.

import type { Log, StoreHealth } from '#core/ports.ts';

/** An answer this old is given again. */
const freshMs = 1000;
/** A store that has not answered by then counts as one that does not. */
const answerWithinMs = 2000;
const skewWarnMs = 2000;
const skewRefusedMs = 5000;
/** Whoever asked within this time is taken to ask again. */
const askedWithinMs = 30_000;

export type Check = 'store' | 'schema' | 'keys' | 'clock' | 'stopping';

export interface Readiness {
  /** Which checks fail; none: ready. Who asks so is taken to ask again. */
  ask(): Promise<readonly Check[]>;
  /** The same, for who does not decide by it where people are sent. */
  failing(): Promise<readonly Check[]>;
  /** The clock of the database ahead of ours, in milliseconds, when last looked at. */
  skewMs(): number;
  /** From now on the answer is no. Returns whether somebody has been asking, and is to hear of it. */
  stop(): boolean;
}

/** What a look found: the checks that fail, and why. */
interface Look {
  readonly failing: readonly Check[];
  readonly cause?: string;
  readonly skewMs: number;
}

/**
 * @param outside `look` asks the store; `nowMs` is the clock that is compared; `elapsedMs` never goes back
 */
export function createReadiness(outside: {
  readonly look: () => Promise<StoreHealth>;
  readonly nowMs: () => number;
  readonly elapsedMs: () => number;
  readonly log: Log;
}): Readiness {
  const { log, elapsedMs } = outside;
  let isStopping = false;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let last: { readonly look: Look; readonly atMs: number } | undefined;
  let asking: Promise<Look> | undefined;
  /** A look that is still out, perhaps after it was given up: a second one would only add to its trouble. */
  let out: Promise<Look> | undefined;

  async function look(): Promise<Look> {
    const beforeMs = outside.nowMs();
    const health = await outside.look();
    const afterMs = outside.nowMs();
    const failing: Check[] = [];
    if (!health.schemaIsOurs) failing.push('schema');
    if (!health.keysOpen) failing.push('keys');
    const skewMs = health.clockMs === undefined ? 0 : health.clockMs - (beforeMs + afterMs) / 2;
    // Half of the way there and back is how far the answer may be off for no fault of a clock.
    const sureMs = Math.abs(skewMs) - Math.abs(afterMs - beforeMs) / 2;
    if (sureMs > skewRefusedMs) failing.push('clock');
    return { failing, skewMs };
  }

  async function lookWithin(): Promise<Look> {
    out ??= look()
      .catch((error: unknown): Look => ({ failing: ['store'], cause: reasonOf(error), skewMs: 0 }))
      .finally(() => {
        out = undefined;
      });
    let patience: NodeJS.Timeout | undefined;
    const late = new Promise<Look>((resolve) => {
      const cause = `no answer within ${answerWithinMs} ms`;
      patience = setTimeout(resolve, answerWithinMs, { failing: ['store'], cause, skewMs: 0 });
    });
    const found = await Promise.race([out, late]);
    clearTimeout(patience);
    tell(log, last?.look, found);
    last = { look: found, atMs: elapsedMs() };
    return found;
  }

  async function failing(): Promise<readonly Check[]> {
    if (isStopping) return ['stopping'];
    if (last !== undefined && elapsedMs() - last.atMs < freshMs) return last.look.failing;
    asking ??= lookWithin().finally(() => {
      asking = undefined;
    });
    const found = await asking;
    return isStopping ? ['stopping'] : found.failing;
  }

  return {
    ask() {
      askedAtMs = elapsedMs();
      return failing();
    },
    failing,
    skewMs: () => last?.look.skewMs ?? 0,
    stop() {
      isStopping = true;
      return elapsedMs() - askedAtMs < askedWithinMs;
    },
  };
}

/** With what the database's own driver said, which is what an operator can act on. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? String(error) : `${error} ${cause}`;
}

/** The log hears of changes, and not of every look. */
function tell(log: Log, before: Look | undefined, now: Look): void {
  const facts = { failing: now.failing, skewMs: Math.round(now.skewMs), cause: now.cause };
  const was = before?.failing.join() ?? '';
  const is = now.failing.join();
  if (is !== was && is !== '') log.error(facts, 'not ready for requests');
  else if (is !== was) log.info({}, 'ready for requests again');
  const isOff = Math.abs(now.skewMs) > skewWarnMs;
  const wasOff = before !== undefined && Math.abs(before.skewMs) > skewWarnMs;
  if (isOff && !wasOff) log.warn(facts, "the database's clock and ours differ");
}
