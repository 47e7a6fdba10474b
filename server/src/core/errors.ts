// Every fault the service can name. A fault is not a refusal: "wrong code" is an answer of a flow, a lost
// database is a fault. Faults are rendered in one place (http/problem.ts); whatever is not in this union is
// an internal error, of which nothing leaks but an incident id.

/** Closed list of faults. Adding one means adding its sentence for people (ui) and its HTTP status (http). */
export type ErrorCode =
  // asked too much, or too early
  | 'busy'
  | 'not-found'
  | 'malformed-request'
  | 'too-large'
  | 'method-not-allowed'
  | 'misdirected'
  | 'forbidden-origin'
  | 'sign-in-unknown'
  | 'sign-in-expired'
  | 'set-up-expired'
  | 'application-refused'
  | 'staff-only'
  | 'staff-unavailable'
  // custody
  | 'stored-hash-unreadable'
  | 'sealed-value-unreadable'
  | 'binding-invalid'
  | 'master-key-missing'
  | 'master-key-exposed'
  | 'master-key-wrong'
  | 'master-key-malformed'
  // store
  | 'store-unavailable'
  | 'store-newer'
  | 'store-corrupt'
  | 'commit-malformed'
  | 'store-fenced'
  | 'store-not-empty'
  | 'backup-damaged'
  | 'backup-foreign'
  // operation
  | 'not-understood'
  | 'configuration-invalid'
  | 'already-exists'
  | 'internal';

export interface ErrorDetails {
  /** When it is worth trying again, in seconds. */
  readonly retryAfterSeconds?: number;
  /** What to do next, for the person at the command line. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The one error class of the project: a code for programs, a sentence for people. */
export class SecondringError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'SecondringError';
    this.code = code;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.hint = details.hint;
  }
}

/** Whether a caught value is a fault with the given code. */
export function isFault(error: unknown, code: ErrorCode): error is SecondringError {
  return error instanceof SecondringError && error.code === code;
}
