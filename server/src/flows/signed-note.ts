// Signed notes with Ed25519 (C2SP signed-note): text, an empty line, and a line for each signature. What we write is
// one signature; what we read may have others beside it, of witnesses, which are not ours to judge.

import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { sha256 } from './sha256.ts';

/** The type of a signature in the key id and before the key (C2SP signed-note, signature types). */
const ed25519Type = 1;
const keyIdBytes = 4;
const signatureBytes = 64;
/** More is no note of ours. */
const maximumSignatures = 100;

export interface NoteKey {
  /** Without space or plus sign. */
  readonly name: string;
  readonly publicKey: KeyObject;
  /** 4 bytes: SHA-256(name ‖ 0x0A ‖ type ‖ public key), its beginning. */
  readonly id: Buffer;
}

export interface SigningNoteKey extends NoteKey {
  readonly privateKey: KeyObject;
}

/** Whether a name may stand in a signature line. */
export function isNoteKeyName(name: string): boolean {
  return name !== '' && !/[\s+\p{Cc}]/u.test(name);
}

export function noteKey(name: string, privateKey: KeyObject): SigningNoteKey {
  const publicKey = createPublicKey(privateKey);
  const hashed = sha256(`${name}\n`, typedKey(publicKey));
  return { name, publicKey, privateKey, id: Buffer.from(hashed).subarray(0, keyIdBytes) };
}

/** The key as others take it to check notes with: `name+id+key`. */
export function verifierKeyOf({ name, id, publicKey }: NoteKey): string {
  return `${name}+${id.toString('hex')}+${typedKey(publicKey).toString('base64')}`;
}

/** @param text ends with a line feed */
export function signNote(text: string, key: SigningNoteKey): string {
  const signature = sign(undefined, Buffer.from(text), key.privateKey);
  return `${text}\n— ${key.name} ${Buffer.concat([key.id, signature]).toString('base64')}\n`;
}

/**
 * The text of a note that one of these keys signed; undefined for any other. A note that names one of the keys and
 * is not signed by it is refused whatever else stands below it.
 */
export function openNote(note: string, keys: readonly NoteKey[]): string | undefined {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) return undefined;
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > maximumSignatures) return undefined;
  let isSigned = false;
  for (const line of lines) {
    const found = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
    if (found === null) return undefined;
    const [, name, encoded = ''] = found;
    const bytes = Buffer.from(encoded, 'base64');
    // Base64 with stray bits at its end says the same in other letters.
    if (bytes.toString('base64') !== encoded || bytes.length <= keyIdBytes) return undefined;
    const key = keys.find((one) => one.name === name && one.id.equals(bytes.subarray(0, keyIdBytes)));
    if (key === undefined) continue;
    const signature = bytes.subarray(keyIdBytes);
    if (signature.length !== signatureBytes) return undefined;
    if (!verify(undefined, Buffer.from(text), key.publicKey, signature)) return undefined;
    isSigned = true;
  }
  return isSigned ? text : undefined;
}

/** The type and the 32 bytes of the key. */
function typedKey(publicKey: KeyObject): Buffer {
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return Buffer.concat([Buffer.of(ed25519Type), Buffer.from(x, 'base64url')]);
}
