// What the sign-in pages need of the OIDC side: to hand a completed sign-in back to the application that asked.
// It is a port, so that the two surfaces do not know each other.

import type { SessionView } from '#core/ports.ts';
import type { SetCookie } from './route.ts';

export interface Interactions {
  /**
   * Ends an interaction with a session.
   * @returns where the browser goes on, undefined when the application's request is over
   */
  finish(
    interaction: string,
    session: SessionView,
  ): Promise<{ readonly location: string; readonly cookies: readonly SetCookie[] } | undefined>;
}
