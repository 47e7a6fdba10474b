// What a person sees while something behind the service is broken.

import { en } from '#ui/messages/en.ts';
import type { WebAnswer } from '../support/web-client.ts';

/** Whether a page says that the service cannot help just now, and what to do: in words, with a status and a time. */
export function isUnavailable(answer: WebAnswer): boolean {
  const { title, next } = en.errors.unavailable;
  return (
    answer.status === 503 &&
    Number(answer.headers.get('retry-after')) > 0 &&
    answer.text.includes(title) &&
    answer.text.includes(next)
  );
}
