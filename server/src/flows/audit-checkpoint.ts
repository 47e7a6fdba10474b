// What is signed of the audit's tree: origin, size and root, as a C2SP tlog-checkpoint. Whoever keeps one outside can
// tell later whether leaves were changed, left out or cut off since.

import { createPrivateKey } from 'node:crypto';
import type { AuditKey } from '#core/audit-store.ts';
import { hashBytes } from '#core/merkle-tree.ts';
import { type NoteKey, noteKey, openNote, type SigningNoteKey, signNote } from './signed-note.ts';

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** A checkpoint as a signed note. */
export function signCheckpoint(tree: Omit<Checkpoint, 'origin'>, key: SigningNoteKey): string {
  return signNote(`${key.name}\n${tree.size}\n${Buffer.from(tree.root).toString('base64')}\n`, key);
}

/** What a note says; undefined when it is no checkpoint signed by one of these keys under its own name. */
export function openCheckpoint(note: string, keys: readonly NoteKey[]): Checkpoint | undefined {
  const text = openNote(note, keys);
  // Extension lines after the third may stand in others' checkpoints (tlog-checkpoint, note text), never in ours.
  const [, origin, digits, encoded = ''] =
    /^(.+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]+=)\n$/.exec(text ?? '') ?? [];
  const [size, root] = [Number(digits), Buffer.from(encoded, 'base64')];
  if (origin === undefined || !keys.some(({ name }) => name === origin)) return undefined;
  if (!Number.isSafeInteger(size) || root.length !== hashBytes) return undefined;
  return root.toString('base64') === encoded ? { origin, size, root } : undefined;
}

/** A stored key, ready to sign. */
export function checkpointKeyOf({ origin, privateKey }: AuditKey): SigningNoteKey {
  return noteKey(origin, createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' }));
}
