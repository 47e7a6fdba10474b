// SHA-256 as the pure parts take it.

import { hash } from 'node:crypto';
import type { Sha256 } from '#core/merkle-tree.ts';

// Always at once: a hash object for each call costs more to collect than joining the pieces.
export const sha256: Sha256 = (...pieces) => {
  const [only = ''] = pieces;
  return hash('sha256', pieces.length < 2 ? only : Buffer.concat(pieces.map(bytesOf)), 'buffer');
};

const bytesOf = (piece: string | Uint8Array) => (typeof piece === 'string' ? Buffer.from(piece) : piece);
