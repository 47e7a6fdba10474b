// Chance that can be had again: everything random in a fault test or a simulation comes from one seed, which a failure
// prints and SECONDRING_TEST_SEED gives back.

/** A seeded generator (mulberry32): good enough to vary a test, and the same on every machine. */
export class Chance {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.#state = this.seed;
  }

  /** From 0 up to and without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to and without the limit. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** Whether something happens that happens this often. */
  happens(share: number): boolean {
    return this.next() < share;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('there is nothing to pick from');
    return item;
  }

  /** One of the items, as often as its weight says. */
  weighted<Item extends { readonly weight: number }>(items: readonly Item[]): Item {
    let left = this.next() * items.reduce((sum, { weight }) => sum + weight, 0);
    const found = items.find(({ weight }) => {
      left -= weight;
      return left < 0;
    });
    return found ?? this.pick(items);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

/** The seed to begin with: the one that is asked for, to see a failure again, or a new one. */
export function firstSeed(): number {
  const asked = process.env.SECONDRING_TEST_SEED;
  return asked === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(asked);
}

/** Whether the run has hours (`npm run test:long`) rather than minutes. */
export const isLong = process.env.SECONDRING_TEST_LONG !== undefined;
