// The leaf of an audit event: SHA-256(0x00 ‖ canonical bytes) (RFC 6962 section 2.1), with a salted commitment in
// the place of the personal fields (security.md §5.6).

import { createHash, hash, randomFillSync } from 'node:crypto';
import { type AuditEvent, canonicalEvent, canonicalPersonal } from '#core/audit.ts';
import { leafHashOf } from '#core/merkle-tree.ts';

export interface AuditLeaf {
  readonly event: AuditEvent;
  readonly canonical: string;
  readonly hash: Uint8Array;
  /** What can be erased without breaking the leaf. */
  readonly personal: { readonly salt: Uint8Array; readonly fields: string } | undefined;
}

const saltBytes = 16;

/** Makes the leaf of an event. */
export function leafOf(event: AuditEvent): AuditLeaf {
  const personal = personalOf(event);
  const canonical = canonicalEvent(event, personal?.commitment);
  return {
    event,
    canonical,
    hash: leafHash(canonical),
    personal: personal === undefined ? undefined : { salt: personal.salt, fields: personal.fields },
  };
}

/** The hash of a leaf's canonical text. */
export function leafHash(canonical: string): Uint8Array {
  return leafHashOf((text) => hash('sha256', text ?? '', 'buffer'), canonical);
}

/** The commitment to personal fields: SHA-256(salt ‖ text); the salt is random and erased with the fields. */
export function commitment(salt: Uint8Array, fields: string): string {
  return createHash('sha256').update(salt).update(fields).digest('base64url');
}

function personalOf(event: AuditEvent) {
  if (Object.keys(event.personal).length === 0) return undefined;
  const salt = randomFillSync(new Uint8Array(saltBytes));
  const fields = canonicalPersonal(event);
  return { salt, fields, commitment: commitment(salt, fields) };
}
