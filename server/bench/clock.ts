// The time in a bench's world, the same in every process. Where as many sign-ins as possible are measured it runs sixty
// times as fast as the real one: a code is good for half a second, so that two thousand accounts can sign in over and
// over while nobody's code works twice.

/** How fast time goes where sign-ins are counted. */
export const hurried = 60;

const startedAtMs = 1_790_000_000_000;

/** The clock of a world in which time goes so many times as fast, in milliseconds. */
export function benchClock(speed: number): () => number {
  return () => startedAtMs + (Date.now() - startedAtMs) * speed;
}
