// What the library calls the parts of a session: the grant of a client and the `sid` its tokens carry. Both follow from
// our session and the client. The library would make them up and keep them in its session's document, where of two tabs
// that write it at once one forgets the other's, and a panel's code would be refused for that.

import { createHash } from 'node:crypto';
import type { Provider } from 'oidc-provider';

interface LibrarySession {
  readonly uid: string;
  readonly accountId?: string;
}

type Name = (this: LibrarySession, clientId: string, value?: string) => string | undefined;

/** Has the library's sessions name grants and `sid`s so that every copy of a session names the same. */
export function nameBySession(provider: Provider): void {
  const prototype = provider.Session.prototype as unknown as { grantIdFor: Name; sidFor: Name };
  prototype.grantIdFor = nameOf(grantIdOf);
  prototype.sidFor = nameOf(sidOf);
}

/** The identifier of the grant that a session has for a client. */
function grantIdOf(sessionId: string, clientId: string): string {
  return derived('grant', sessionId, clientId);
}

/** The `sid` that a client knows a session by (OIDC Back-Channel Logout 1.0, section 2.1). */
export function sidOf(sessionId: string, clientId: string): string {
  return derived('sid', sessionId, clientId);
}

function nameOf(derive: (sessionId: string, clientId: string) => string): Name {
  return function name(clientId, value) {
    return this.accountId === undefined || value !== undefined ? undefined : derive(this.uid, clientId);
  };
}

function derived(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
