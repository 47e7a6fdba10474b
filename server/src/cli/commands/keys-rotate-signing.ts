// The key that signs tokens is replaced, with an overlap in which panels know both.

import { rotateSigningKey } from '#flows/signing-keys.ts';
import type { Command } from '../command.ts';

export const keysRotateSigning: Command = {
  name: 'keys rotate signing',
  summary: 'Makes a new key for signing tokens, published now and used from an hour later on',
  about: [
    'Services that run publish it within half a minute, without a restart. The old key stays published for thirteen hours after the new one has begun to sign, until every token it signed has died. While a new key waits for its hour no other is made.',
  ],
  async run(_given, desk) {
    const { keyId, isNew, signsFromMs } = await rotateSigningKey(await desk.openPorts());
    const signsFrom = new Date(signsFromMs).toISOString();
    return {
      facts: { keyId, isNew, signsFrom },
      lines: [
        isNew
          ? `The key ${keyId} is published, and signs from ${signsFrom} on.`
          : `The key ${keyId} is published already, and signs from ${signsFrom} on; no other was made.`,
      ],
    };
  },
};
