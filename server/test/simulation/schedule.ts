// Decides what happens next. Every use that a flow makes of the store waits here until it is its turn; whose turn it is,
// and what goes wrong with it, is drawn from the seed. Between two turns everything that can run has run, so that the
// same seed gives the same history to the last step, however the machine is loaded.

import { SecondringError } from '#core/errors.ts';
import type { Chance } from '../support/chance.ts';

export type Fault =
  /** It fails, and nothing was done. */
  | 'lost'
  /** It is done, and the answer is lost. */
  | 'unanswered';

interface Waiting {
  readonly label: string;
  readonly isCommit: boolean;
  readonly run: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class Schedule {
  readonly #chance: Chance;
  readonly #tell: (line: string) => void;
  #waiting: Waiting[] = [];
  /** How often something goes wrong. */
  faultShare = 0;

  constructor(chance: Chance, tell: (line: string) => void) {
    this.#chance = chance;
    this.#tell = tell;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Waits for its turn. */
  request<Value>(label: string, isCommit: boolean, run: () => Promise<Value>): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      this.#waiting.push({ label, isCommit, run, resolve: resolve as Waiting['resolve'], reject });
    });
  }

  /** Gives one of those who wait their turn. */
  async step(): Promise<void> {
    const [next] = this.#waiting.splice(this.#chance.below(this.#waiting.length), 1);
    if (next === undefined) return;
    const fault = this.#chance.happens(this.faultShare) ? this.#faultOf(next) : undefined;
    this.#tell(`  ${next.label}${fault === undefined ? '' : ` (${fault})`}`);
    try {
      const value = fault === 'lost' ? undefined : await next.run();
      if (fault === undefined) next.resolve(value);
      else next.reject(new SecondringError('store-unavailable', `The simulated store says: ${fault}.`));
    } catch (error) {
      next.reject(error);
    }
    await settled();
  }

  /** The process dies: what waits never gets its turn, and nobody hears of it. */
  crash(): void {
    this.#waiting = [];
  }

  #faultOf({ isCommit }: Waiting): Fault {
    return isCommit && this.#chance.happens(0.5) ? 'unanswered' : 'lost';
  }
}

/** Lets everything run that waits for nothing. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
