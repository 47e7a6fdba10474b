// Passwords that everybody tries first, from a list shipped with the product (NIST SP 800-63B-4 section 3.1.1.2). It is
// read when somebody chooses a password and forgotten afterwards: that is rare, takes a millisecond or two, and costs
// neither memory at rest nor time at the start. Nothing is asked of anybody outside.

import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { CommonPasswords } from '#core/ports.ts';

const file = new URL('./common-passwords.txt.gz', import.meta.url);
const decompress = promisify(gunzip);

/** The list behind its port. */
export const commonPasswords: CommonPasswords = {
  async has(key) {
    if (key.includes('\n')) return false;
    return (await readCommonPasswords()).includes(`\n${key}\n`);
  },
};

/** The list as text, with a line break before and after every entry. */
export async function readCommonPasswords(): Promise<string> {
  return (await decompress(await readFile(file))).toString();
}
