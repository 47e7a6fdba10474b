// Use case: the keys that sign tokens. The first is made when there is none; of several replicas that make one at
// once each uses the same.

import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { auditEvent } from '#core/audit.ts';
import { SecondringError } from '#core/errors.ts';
import type { Ports, SigningKey } from '#core/ports.ts';
import { publishedKeys, signsFromMs } from '#core/signing-key.ts';
import { newId } from './visitor.ts';

/** The algorithm tokens are signed with: ES256, in a third of the time of RS256. */
const algorithm = 'ES256';

/** The keys to publish now, the one that signs first; makes the first of all. */
export async function signingKeys(ports: Ports): Promise<readonly [SigningKey, ...SigningKey[]]> {
  const present = await ports.store.signingKeys();
  if (present.length === 0) await createKey(ports, 1);
  const keys = present.length > 0 ? present : await ports.store.signingKeys();
  const [signing, ...others] = publishedKeys(keys, ports.nowMs());
  if (signing === undefined) throw new SecondringError('internal', 'There is no signing key.');
  return [signing, ...others];
}

/** Makes the next key, unless one is waiting to be used. */
export async function rotateSigningKey(
  ports: Ports,
): Promise<{ readonly keyId: string; readonly isNew: boolean; readonly signsFromMs: number }> {
  const [signing, ...others] = await signingKeys(ports);
  const waiting = others.find((key) => key.serial > signing.serial);
  if (waiting !== undefined) {
    return { keyId: waiting.id, isNew: false, signsFromMs: signsFromMs(waiting) };
  }
  const { committed, id } = await createKey(ports, signing.serial + 1);
  const made = (await ports.store.signingKeys()).find((key) => key.serial === signing.serial + 1);
  if (made === undefined) throw new SecondringError('internal', 'The new signing key is not there.');
  return { keyId: made.id, isNew: committed && made.id === id, signsFromMs: signsFromMs(made) };
}

/** A signing key as private JWK, as the OIDC library takes it. */
export function privateJwkOf(key: SigningKey): Record<string, unknown> {
  const jwk = createPrivateKey({ key: Buffer.from(key.privateKey), format: 'der', type: 'pkcs8' }).export({
    format: 'jwk',
  });
  return { ...jwk, kid: key.id, alg: key.algorithm, use: 'sig' };
}

async function createKey(ports: Ports, serial: number): Promise<{ id: string; committed: boolean }> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = newId(ports);
  const nowMs = ports.nowMs();
  const { committed } = await ports.store.commit([
    {
      change: 'signing-key.create',
      id,
      algorithm,
      serial,
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
  return { id, committed };
}
