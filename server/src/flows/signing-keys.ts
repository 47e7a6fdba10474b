// Use case: the keys that sign tokens. The first is made when there is none; of several replicas that make one at
// once each uses the same.

import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { auditEvent } from '#core/audit.ts';
import { SecondringError } from '#core/errors.ts';
import type { Ports, SigningKey } from '#core/ports.ts';
import { newId } from './visitor.ts';

/** The algorithm tokens are signed with: ES256, in a third of the time of RS256. */
const algorithm = 'ES256';

/** The signing keys, newest first; makes the first one. */
export async function signingKeys(ports: Ports): Promise<readonly [SigningKey, ...SigningKey[]]> {
  const present = await ports.store.signingKeys();
  const [newest, ...older] = present.length > 0 ? present : await createFirst(ports);
  if (newest === undefined) throw new SecondringError('internal', 'There is no signing key.');
  return [newest, ...older];
}

/** A signing key as private JWK, as the OIDC library takes it. */
export function privateJwkOf(key: SigningKey): Record<string, unknown> {
  const jwk = createPrivateKey({ key: Buffer.from(key.privateKey), format: 'der', type: 'pkcs8' }).export({
    format: 'jwk',
  });
  return { ...jwk, kid: key.id, alg: key.algorithm, use: 'sig' };
}

async function createFirst(ports: Ports): Promise<readonly SigningKey[]> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = newId(ports);
  const nowMs = ports.nowMs();
  await ports.store.commit([
    {
      change: 'signing-key.create',
      id,
      algorithm,
      publicJwk: JSON.stringify(createPublicKey(privateKey).export({ format: 'jwk' })),
      privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
      nowMs,
    },
    {
      change: 'audit.append',
      event: auditEvent({ id: newId(ports), atMs: nowMs }, 'signing-key.created', {
        facts: { keyId: id, algorithm },
      }),
    },
  ]);
  return ports.store.signingKeys();
}
