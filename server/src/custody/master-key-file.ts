// Where the master key comes from: the configuration, or a file of its own outside the data folder. A key is
// only ever made together with an empty store; beside a full one a new key would look like a start and be a loss.

import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { dirname } from 'node:path';
import { SecondringError } from '#core/errors.ts';
import { type MasterKey, parseMasterKeys } from './master-key.ts';

export interface LoadedMasterKeys {
  /** The first seals, all open. */
  readonly keys: readonly [MasterKey, ...MasterKey[]];
  /** `created` calls for telling the operator to keep a copy. */
  readonly source: 'value' | 'file' | 'created';
}

/** More than any list of keys takes, and little enough to read whatever the file turns out to be. */
const fileSizeLimit = 4096;

/** Bits of the file mode that let anybody but the owner in. */
const groupAndOthers = 0o077;

/**
 * The master keys: from `value` if given, else from the file, else newly made into the file, which happens
 * only while the store is empty and `mayCreate` (never with PostgreSQL, where several replicas would each make
 * one). Runs once, at start, and therefore synchronously.
 *
 * @throws SecondringError `master-key-missing`, `master-key-exposed` (others may read the file) or
 * `master-key-malformed`, each with a hint that says what to do
 */
export function loadMasterKey(from: {
  readonly value?: string | undefined;
  readonly filePath: string;
  readonly storeIsEmpty: boolean;
  readonly mayCreate: boolean;
}): LoadedMasterKeys {
  const { value, filePath } = from;
  if (value !== undefined) return { keys: parseMasterKeys(value), source: 'value' };
  const found = readKeyFile(filePath);
  if (found !== undefined) return { keys: found, source: 'file' };

  if (!from.storeIsEmpty) {
    throw new SecondringError('master-key-missing', `The database is in use, but ${filePath} is gone.`, {
      hint: `Put the master key of this database back into ${filePath} or set SECONDRING_MASTER_KEY. Without it nothing that is sealed in the database can be read.`,
    });
  }
  if (!from.mayCreate) {
    throw new SecondringError('master-key-missing', 'No master key is given, and none may be made here.', {
      hint: 'Make one with: openssl rand -base64 32, and give the same one to every replica as SECONDRING_MASTER_KEY.',
    });
  }
  const isOurs = createKeyFile(filePath);
  // Read back even when we wrote it: what counts is what the next start will find.
  const keys = readKeyFile(filePath);
  if (keys === undefined) throw unusable(filePath, 'vanished as it was made');
  return { keys, source: isOurs ? 'created' : 'file' };
}

/** The keys of the file, or `undefined` where there is no file. */
function readKeyFile(filePath: string): LoadedMasterKeys['keys'] | undefined {
  const file = openKeyFile(filePath);
  if (file === undefined) return undefined;
  try {
    // Of what was opened, not of what the path says by now.
    const status = fs.fstatSync(file);
    if (!status.isFile()) throw unusable(filePath, 'is not a regular file');
    if ((status.mode & groupAndOthers) !== 0) {
      const mode = (status.mode & 0o777).toString(8).padStart(4, '0');
      throw new SecondringError(
        'master-key-exposed',
        `The master key in ${filePath} can be read by others than its owner (mode ${mode}).`,
        { hint: `Run: chmod 0400 ${shellQuoted(filePath)}` },
      );
    }
    if (status.size > fileSizeLimit) throw unusable(filePath, 'is too large for a master key');
    const bytes = Buffer.alloc(fileSizeLimit);
    try {
      return parseMasterKeys(bytes.toString('ascii', 0, fs.readSync(file, bytes)));
    } finally {
      bytes.fill(0);
    }
  } finally {
    fs.closeSync(file);
  }
}

function openKeyFile(filePath: string): number | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  try {
    // Not through a link, which somebody else may own, and not waiting for the other end of a pipe.
    return fs.openSync(filePath, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (cause) {
    const code = errorCodeOf(cause);
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') throw unusable(filePath, 'is a link, not a regular file');
    throw new SecondringError(
      'master-key-missing',
      `The master key in ${filePath} cannot be read (${code}).`,
      {
        hint: 'The file must belong to the user that runs the service.',
        cause,
      },
    );
  }
}

/**
 * Makes a key file, owner-only, and says whether it was us: of two that start at once, one wins. Written in
 * full under another name first and then linked, which fails where the name is taken; so a crash never leaves
 * half a key, and no existing key is ever overwritten.
 */
function createKeyFile(filePath: string): boolean {
  const folder = dirname(filePath);
  const draftPath = `${filePath}.${randomBytes(8).toString('hex')}.new`;
  try {
    const topmostMade = fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      writeDraft(draftPath);
      fs.linkSync(draftPath, filePath);
    } finally {
      fs.rmSync(draftPath, { force: true });
    }
    syncFolders(folder, topmostMade);
    return true;
  } catch (cause) {
    if (errorCodeOf(cause) === 'EEXIST') return false;
    throw new SecondringError(
      'master-key-missing',
      `No master key could be made in ${folder} (${errorCodeOf(cause)}).`,
      { hint: `Let the user that runs the service write ${folder}, or set SECONDRING_MASTER_KEY.`, cause },
    );
  }
}

function writeDraft(draftPath: string): void {
  const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;
  const file = fs.openSync(draftPath, O_WRONLY | O_CREAT | O_EXCL, 0o400);
  const bytes = randomBytes(32);
  const text = Buffer.from(`${bytes.toString('base64')}\n`, 'ascii');
  try {
    fs.writeFileSync(file, text);
    fs.fsyncSync(file);
  } finally {
    bytes.fill(0);
    text.fill(0);
    fs.closeSync(file);
  }
}

/** A name in a folder is on disk only after the folder was synced, and so is the name of a new folder. */
function syncFolders(folder: string, topmostMade: string | undefined): void {
  const last = topmostMade === undefined ? folder : dirname(topmostMade);
  for (let path = folder; ; path = dirname(path)) {
    const descriptor = fs.openSync(path, fs.constants.O_RDONLY);
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    if (path === last || path === dirname(path)) return;
  }
}

function unusable(filePath: string, what: string): SecondringError {
  return new SecondringError('master-key-malformed', `The master key file ${filePath} ${what}.`, {
    hint: 'A master key file is a regular file of mode 0400 with the output of: openssl rand -base64 32',
  });
}

function errorCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

function shellQuoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
