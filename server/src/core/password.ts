// What a password must be like (NIST SP 800-63B-4 section 3.1.1.2): long enough, not about its owner, not one of
// those that everybody tries first. There are no rules on letters, digits or signs, since they make passwords worse.

/** Characters of a new password at least. Ours are never the only factor; a single one would need fifteen. */
export const minimumPasswordLength = 8;
/** Characters of a password at most; what is longer is not looked at. */
export const maximumPasswordLength = 1024;

/** Why a new password is not taken. */
export type PasswordFault = 'too-short' | 'too-long' | 'about-you' | 'common' | 'unchanged';

/** What a password must not be made of: names that whoever guesses knows. */
export interface PasswordSurroundings {
  readonly username: string;
  readonly companyName: string;
  readonly providerName: string;
}

/** Parts of names that are shorter than this say nothing about anybody. */
const minimumWordLength = 4;

/**
 * A password as it is hashed: in Unicode NFKC, so that the same keys give the same password on every keyboard and
 * system. Undefined for what can be none: not text, empty, too long.
 */
export function normalizePassword(typed: unknown): string | undefined {
  if (typeof typed !== 'string' || typed.length === 0 || typed.length > maximumPasswordLength)
    return undefined;
  const normalized = typed.normalize('NFKC');
  return normalized.length > maximumPasswordLength || !normalized.isWellFormed() ? undefined : normalized;
}

/**
 * What is wrong with a new password, apart from its being common, which takes a list.
 * @param password as `normalizePassword` gives it; undefined: too long, or none at all
 */
export function passwordFault(
  password: string | undefined,
  typed: unknown,
  surroundings: PasswordSurroundings,
): PasswordFault | undefined {
  if (password === undefined) return typeof typed === 'string' && typed.length > 0 ? 'too-long' : 'too-short';
  // Code points, so that a sign that takes two units counts once.
  if ([...password].length < minimumPasswordLength) return 'too-short';
  return namesOf(surroundings).has(bare(password)) ? 'about-you' : undefined;
}

/** What a password is looked up as among the common ones: capitals make none of them uncommon. */
export function commonPasswordKey(password: string): string {
  return password.toLowerCase();
}

/** Every name around an account, whole and in parts, bare of what people put around it. */
function namesOf({ username, companyName, providerName }: PasswordSurroundings): ReadonlySet<string> {
  const names = [username, companyName, providerName].flatMap((name) => [
    bare(name),
    ...name.split(/[^\p{L}\p{N}]+/u).map(bare),
  ]);
  return new Set(names.filter((name) => name.length >= minimumWordLength));
}

/** Letters only, without the digits and signs that are put at the ends of a name to make a password of it. */
function bare(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .replaceAll(/^\p{N}+|\p{N}+$/gu, '');
}
