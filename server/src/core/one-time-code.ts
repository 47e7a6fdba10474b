// Every factor that takes digits reads them here, so that one rule decides what a code may look like.

/** The longest input that is looked at, in UTF-16 units; a code with generous spacing stays far below it. */
const inputLimit = 32;

/**
 * The digits of a code as a person typed them: ASCII spaces and hyphens are dropped, and what remains must be
 * exactly `digits` ASCII digits. Anything else gives `undefined`: other types, more than 32 characters, digits
 * of other scripts, control characters, signs, exponents.
 *
 * @param input whatever arrived, of any type
 * @param digits how many digits the code has
 */
export function normalizeDigits(input: unknown, digits: number): string | undefined {
  if (typeof input !== 'string' || input.length > inputLimit) return undefined;
  const bare = input.replaceAll(/[ -]/g, '');
  if (bare.length !== digits || !/^[0-9]+$/.test(bare)) return undefined;
  return bare;
}
