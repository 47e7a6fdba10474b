// Which key signs tokens, and which keys are published. A new key is published first and signs later, so that panels
// and replicas know it by then; an old one stays published until everything it signed has died.

/** Panels keep the published keys for a while; a new one signs when those copies are old, in milliseconds. */
export const publishedBeforeUseMs = 60 * 60 * 1000;
/** An ID token is shown again when a session ends, at most twelve hours later; one more for clocks, in milliseconds. */
export const publishedAfterUseMs = 13 * 60 * 60 * 1000;

interface DatedKey {
  /** Counts the keys of an algorithm from 1. */
  readonly serial: number;
  readonly createdAtMs: number;
}

/** The keys to publish at a moment, the one that signs first; none of none. */
export function publishedKeys<Key extends DatedKey>(keys: readonly Key[], nowMs: number): readonly Key[] {
  const newestFirst = keys.toSorted((a, b) => b.serial - a.serial);
  // The first key of all signs at once: there is no other.
  const signing = newestFirst.find((key) => signsFromMs(key) <= nowMs) ?? newestFirst.at(-1);
  const others = newestFirst.filter((key, place) => {
    if (key === signing) return false;
    const successor = newestFirst[place - 1];
    const isToCome = signing !== undefined && key.serial > signing.serial;
    return isToCome || (successor !== undefined && nowMs < signsFromMs(successor) + publishedAfterUseMs);
  });
  return signing === undefined ? [] : [signing, ...others];
}

/** When a key begins to sign, unless it is the first. */
export function signsFromMs(key: DatedKey): number {
  return key.createdAtMs + publishedBeforeUseMs;
}
