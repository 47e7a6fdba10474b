// Use case: the key that signs the audit's checkpoints. It is made once; of several replicas that make one at once
// each uses the same. Nothing of the OIDC side ever reads it.

import { generateKeyPairSync } from 'node:crypto';
import { auditEvent } from '#core/audit.ts';
import { SecondringError } from '#core/errors.ts';
import type { Ports } from '#core/ports.ts';
import { checkpointKeyOf } from './audit-checkpoint.ts';
import { isNoteKeyName, noteKey, type SigningNoteKey, verifierKeyOf } from './signed-note.ts';
import { newId } from './visitor.ts';

const algorithm = 'Ed25519';

type Needed = Pick<Ports, 'store' | 'log' | 'nowMs' | 'random'>;

/**
 * The key that signs now.
 * @param origin names the log where there is no key yet; afterwards it keeps the name it has
 */
export async function auditKey(ports: Needed, origin: string): Promise<SigningNoteKey> {
  const [present] = await ports.store.auditKeys();
  if (present !== undefined) return checkpointKeyOf(present);
  await createKey(ports, origin);
  const [made] = await ports.store.auditKeys();
  if (made === undefined) throw new SecondringError('internal', 'There is no key for the audit.');
  return checkpointKeyOf(made);
}

async function createKey(ports: Needed, origin: string): Promise<void> {
  if (!isNoteKeyName(origin)) {
    throw new SecondringError('configuration-invalid', `The audit cannot be called ${origin}.`);
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const nowMs = ports.nowMs();
  const verifierKey = verifierKeyOf(noteKey(origin, privateKey));
  const { committed } = await ports.store.commit([
    {
      change: 'audit-key.create',
      ...{ origin, algorithm, nowMs },
      privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
    },
    {
      change: 'audit.append',
      event: auditEvent({ id: newId(ports), atMs: nowMs }, 'audit-key.created', {
        facts: { algorithm, verifierKey },
      }),
    },
  ]);
  if (committed)
    ports.log.info({ verifierKey }, 'the key that signs the audit was made: keep its public half');
}
