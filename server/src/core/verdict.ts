// One shape for the answer of every factor, so that a sign-in never has to know which kind it asked.

/**
 * What checking a response to a challenge gave: accepted, with the state the authenticator must have
 * afterwards, or refused. `next` has to be stored in the same commit that acts on the acceptance, under the
 * condition that the stored state is still the one that was checked.
 */
export type Verdict<Next> =
  | { readonly verdict: 'accepted'; readonly next: Next }
  | { readonly verdict: 'refused'; readonly reason: RefusedReason };

/**
 * Why a response was refused. `wrong` and `used` must look the same to whoever answered (a page that tells
 * them apart confirms that a stolen code was right); the difference is for the audit only. `malformed` means
 * that nothing was compared at all.
 */
export type RefusedReason = 'wrong' | 'used' | 'malformed';
