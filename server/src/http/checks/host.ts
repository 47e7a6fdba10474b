// The service answers to its own name only. Links and the issuer come from the configuration, never from a header;
// a request for another host is not for us (attack B18).

import { SecondringError } from '#core/errors.ts';

/** @throws SecondringError `misdirected` unless the Host header is that of the public address */
export function checkHost(host: string | undefined, publicHost: string): void {
  if (host?.toLowerCase() !== publicHost) {
    throw new SecondringError('misdirected', 'This address is not served here.');
  }
}
