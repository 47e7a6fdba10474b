// An application as the OIDC library knows it: a confidential client with one flow, exact redirect addresses, and
// a secret of which we hold the hash.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdapterPayload, Provider } from 'oidc-provider';
import type { ClientView } from '#core/ports.ts';

/** The library's metadata of a client. */
export function clientMetadata(view: ClientView | undefined): AdapterPayload | undefined {
  if (view === undefined) return undefined;
  const { client, application } = view;
  return {
    client_id: client.clientId,
    client_name: application.name,
    client_secret: client.secretHash,
    redirect_uris: [...client.redirectUris],
    post_logout_redirect_uris: [...client.postLogoutRedirectUris],
    ...(client.backchannelLogoutUri !== undefined && {
      backchannel_logout_uri: client.backchannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: 'ES256',
  } as AdapterPayload;
}

/** Has the library compare a presented secret with the hash we hold, in constant time. */
export function compareSecretsByHash(provider: Provider): void {
  const prototype = provider.Client.prototype as unknown as {
    clientSecret: string;
    compareClientSecret: (presented: string) => boolean;
  };
  prototype.compareClientSecret = function compareClientSecret(presented) {
    const held = Buffer.from(this.clientSecret, 'base64url');
    const given = createHash('sha256').update(presented).digest();
    return held.length === given.length && timingSafeEqual(held, given);
  };
}
