// Tells a panel that a session ended, with a signed logout token (OIDC Back-Channel Logout 1.0, section 2.5). When to
// and how often is the outbox's to say; the library makes the token and sends it.

import type { Deliver } from '#core/ports.ts';
import type { OidcLibrary } from './loaded-once.ts';
import { sidOf } from './session-names.ts';

interface LogoutClient {
  readonly backchannelLogoutUri?: string;
  backchannelLogout(accountId: string, sid: string): Promise<void>;
}

/** Delivers logout tokens. It throws when a panel does not take one, so that it is tried again. */
export function tellByBackChannel(library: OidcLibrary): Deliver<'back-channel-logout'> {
  return async ({ payload: { clientId, accountId, sessionId } }) => {
    const provider = await library();
    const client = (await provider.Client.find(clientId)) as unknown as LogoutClient | undefined;
    // A panel that is not registered any more, or does not want to hear of it any more, has been told.
    if (client?.backchannelLogoutUri === undefined) return 'delivered';
    await client.backchannelLogout(accountId, sidOf(sessionId, clientId));
    return 'delivered';
  };
}
