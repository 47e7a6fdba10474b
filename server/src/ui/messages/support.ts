/**
 * Whom a person can call, as a sentence that says so needs it: the catalogues put the number where their
 * language wants it, and a sentence that forgets it in one language fails the type check.
 */
import type { html } from 'hono/html';

export type Support = {
  provider: string;
  /** The number as a link to call it; empty where none is configured. */
  phone: ReturnType<typeof html> | '';
};
