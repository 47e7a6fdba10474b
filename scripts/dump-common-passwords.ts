// Writes the list of common passwords that the service ships: those of a published list that are long enough to be
// asked about, one a line, sorted, compressed. Run it after its package was updated; a test fails until then.

import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { dictionary } from '@zxcvbn-ts/language-common';
import { commonPasswordKey, minimumPasswordLength, normalizePassword } from '../server/src/core/password.ts';

const target = new URL('../server/src/custody/common-passwords.txt.gz', import.meta.url);

/** The list as text, with a line break before and after every entry. */
export function commonPasswordList(): string {
  const keys = dictionary['passwords-common']
    .map((password) => normalizePassword(password) ?? '')
    .filter((password) => [...password].length >= minimumPasswordLength)
    .map(commonPasswordKey);
  return `\n${[...new Set(keys)].toSorted().join('\n')}\n`;
}

if (import.meta.main) writeFileSync(target, gzipSync(commonPasswordList(), { level: 9 }));
