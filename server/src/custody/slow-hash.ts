// Passwords and recovery codes are hashed with argon2id, slowly on purpose: 18 ms of a core and 19 MiB each.
// That is also how a flood of sign-ins would take the whole machine, so only as many run at a time as there
// are cores, the rest waits in line, the line is bounded, and beyond it people are asked to come back. Networks take
// turns in it: who floods it from one place waits behind themselves.

import { randomBytes } from 'node:crypto';
import { hash as argon2Hash, verify as argon2Verify, type Options } from '@node-rs/argon2';
import { SecondringError } from '#core/errors.ts';
import type { HashLine, SlowHash } from '#core/ports.ts';

/** What does the hashing; only tests pass another than argon2. */
export interface HashEngine {
  hash(secret: string, options: Options): Promise<string>;
  verify(phc: string, secret: string): Promise<boolean>;
}

/** OWASP's first choice, m=19 MiB, t=2, p=1; RFC 9106 §4 explains the letters. 2 is argon2id. */
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;

const saltLength = 16;
const retryAfterSeconds = 2;

/**
 * The PHC strings that are verified: argon2id of version 19 with bounded costs. argon2 would obey whatever
 * the stored string says, so one edited row could otherwise ask for 4 TiB or a week.
 */
const phcPattern =
  /^\$argon2id\$v=19\$m=(\d{1,10}),t=(\d{1,2}),p=([1-4])\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/;
const memoryCostLimitKib = 256 * 1024;
const timeCostLimit = 10;

/**
 * Slow hashing for the whole process; make one and share it. Every call rejects with `busy` when the line is
 * full, `verify` also with `stored-hash-unreadable`. Hashes are PHC strings with a fresh salt of 16 bytes.
 *
 * @param limits `places`: how many hashes run at a time, as many as there are cores. `waitingLimit`: how many
 * callers may wait for a place before the next one is refused with `busy`.
 * @throws RangeError for limits that let nothing through
 */
export function createSlowHash(
  limits: { readonly places: number; readonly waitingLimit: number },
  engine: HashEngine = { hash: argon2Hash, verify: argon2Verify },
): SlowHash & { readonly line: () => HashLine } {
  const { ensureRoom, inTurn, line } = createTurnstile(limits.places, limits.waitingLimit);
  const nobody = hashOfNothing();

  async function verify(secret: string, phc: string, network: string): Promise<boolean> {
    refuseUnreadable(phc);
    return inTurn(network, () =>
      engine.verify(phc, secret).catch((cause: unknown) => {
        throw new SecondringError('stored-hash-unreadable', 'A stored hash cannot be read.', { cause });
      }),
    );
  }

  return {
    ensureRoom,
    hash: (secret) => inTurn(ourselves, () => engine.hash(secret, parameters)),
    verify,
    verifyNothing: async (secret, network) => {
      await verify(secret, nobody, network);
      return false;
    },
    line,
  };
}

/** Who waits when nobody from outside does: a hash for a set of codes, or for an account that is being made. */
const ourselves = '';

/** The part of the line that one network may take. */
export const shareOfLine = 1 / 4;

/**
 * Runs tasks `places` at a time. Who waits stands in the line of their network, in the order they came, and the
 * networks take turns. A place that becomes free goes straight to the next in turn, so nobody overtakes.
 */
function createTurnstile(places: number, waitingLimit: number) {
  if (!Number.isInteger(places) || places < 1) throw new RangeError(`There cannot be ${places} places`);
  if (!Number.isInteger(waitingLimit) || waitingLimit < 0) throw new RangeError(`No line of ${waitingLimit}`);
  const waitingLimitOfOne = Math.ceil(waitingLimit * shareOfLine);
  let free = places;
  let waiting = 0;
  /** The networks that wait, the next in turn first. */
  const lines = new Map<string, (() => void)[]>();
  let begun = 0;
  let waitedMs = 0;
  let refused = 0;

  function ensureRoom(network: string): void {
    if (free > 0) return;
    const ownLimit = network === ourselves ? waitingLimit : waitingLimitOfOne;
    if (waiting < waitingLimit && (lines.get(network)?.length ?? 0) < ownLimit) return;
    refused += 1;
    const message = 'Too many sign-ins at once. Try again in a moment.';
    throw new SecondringError('busy', message, { retryAfterSeconds });
  }

  function standInLine(network: string): Promise<void> {
    return new Promise((proceed) => {
      const line = lines.get(network) ?? [];
      line.push(proceed);
      lines.set(network, line);
      waiting += 1;
    });
  }

  function nextInTurn(): (() => void) | undefined {
    const [turn] = lines;
    if (turn === undefined) return undefined;
    const [network, line] = turn;
    const next = line.shift();
    lines.delete(network);
    if (line.length > 0) lines.set(network, line);
    waiting -= 1;
    return next;
  }

  async function inTurn<Result>(network: string, task: () => Promise<Result>): Promise<Result> {
    ensureRoom(network);
    if (free > 0) free -= 1;
    else {
      const sinceMs = performance.now();
      await standInLine(network);
      waitedMs += performance.now() - sinceMs;
    }
    begun += 1;
    try {
      return await task();
    } finally {
      const next = nextInTurn();
      if (next === undefined) free += 1;
      else next();
    }
  }

  const line = (): HashLine => ({
    running: places - free,
    waiting,
    begun,
    waitedMs,
    refused,
  });
  return { ensureRoom, inTurn, line };
}

/** A PHC string of the same costs that no secret has: salt and hash are random. Needs no hashing to make. */
function hashOfNothing(): string {
  const { memoryCost, timeCost, parallelism, outputLen } = parameters;
  const base64 = (length: number) => randomBytes(length).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${base64(saltLength)}$${base64(outputLen)}`;
}

function refuseUnreadable(phc: string): void {
  const costs = phcPattern.exec(phc);
  const isBounded = Number(costs?.[1]) <= memoryCostLimitKib && Number(costs?.[2]) <= timeCostLimit;
  if (!isBounded) throw new SecondringError('stored-hash-unreadable', 'A stored hash cannot be read.');
}
