/**
 * What can be wrong with a code, and the sentence for it: the same list for every page that asks for a code.
 */
import type { Html } from '../layout.ts';
import type { Messages } from '../messages/messages.ts';
import { problem, type Wait } from './problem.ts';

/** Why a code was not accepted. After 'too-many' the challenge is dead and only a new one helps. */
export type CodeError = 'wrong-code' | 'malformed' | 'too-many' | { code: 'wait'; seconds: number };

/** What a page that asks for codes can be told about them. */
export type CodeState = {
  error?: CodeError | undefined;
  /** No codes are taken until the method is unlocked: only the other ways are left. */
  locked?: boolean | undefined;
};

/** Whether there is no point in typing a code on this page any more. */
export const isClosed = ({ error, locked }: CodeState): boolean => locked === true || error === 'too-many';

/** The sentences a page has for its codes. */
export type CodeErrorMessages = Record<'wrong-code' | 'malformed' | 'too-many' | 'wait', string>;

/** Renders the error, or nothing when there is none. */
export const codeProblem = (
  messages: Messages,
  sentences: CodeErrorMessages,
  error: CodeError | undefined,
  waitFor: Wait['for'],
): Html | '' => {
  if (error === undefined) return '';
  if (typeof error === 'string') return problem(messages, sentences[error]);
  return problem(messages, sentences.wait, { seconds: error.seconds, for: waitFor });
};
