// What one check of the doctor found.

export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string;
  /** A fault keeps the service from working or makes it unsafe; advice does not. */
  readonly state: 'fine' | 'advice' | 'fault';
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** A check that found nothing wrong. */
export function fine(check: string, message: string): Finding {
  return { check, state: 'fine', message };
}

/** A check that found a fault. */
export function fault(check: string, message: string, hint: string): Finding {
  return { check, state: 'fault', message, hint };
}

/** A check that found something worth changing. */
export function advice(check: string, message: string, hint: string): Finding {
  return { check, state: 'advice', message, hint };
}

/** The finding that a caught fault is. */
export function faultFrom(check: string, error: unknown): Finding {
  const { message, hint, cause } = error as { message?: string; hint?: string; cause?: { message?: string } };
  const because = cause?.message === undefined ? '' : ` (${cause.message})`;
  return fault(check, `${message ?? String(error)}${because}`, hint ?? 'See the cause, then try again.');
}
