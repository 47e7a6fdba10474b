// A backup as a file: lines under gzip, for its owner's eyes only, on disk before it has its name, and never in the
// place of another file.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, fsyncSync, openSync } from 'node:fs';
import { type FileHandle, link, open, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { SecondringError } from '#core/errors.ts';

/**
 * Writes a file that must not exist. It gets its name after `write` and `verify` are through and all is on disk; a
 * crash before that leaves a file with `.part` at its end and nothing else.
 * @param write is given how to write one line
 * @param verify is given the path of what was written
 * @throws SecondringError `already-exists`, `configuration-invalid` where it cannot be written
 */
export async function writeNewFile<Written>(
  path: string,
  write: (line: (text: string) => Promise<void>) => Promise<Written>,
  verify: (path: string) => Promise<void>,
): Promise<Written> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) throw alreadyThere(path);
  const draft = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    const written = await writeDraft(draft, write);
    await verify(draft);
    // Fails where the name was taken meanwhile; renaming would not.
    await link(draft, path);
    syncFolder(dirname(resolve(path)));
    return written;
  } catch (error) {
    if (error instanceof SecondringError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere(path);
    throw new SecondringError('configuration-invalid', `${path} cannot be written.`, {
      cause: error,
      hint: 'Name a file in a folder that exists, may be written, and has room.',
    });
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDraft<Written>(
  draft: string,
  write: (line: (text: string) => Promise<void>) => Promise<Written>,
): Promise<Written> {
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  const file = await open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  try {
    const gzip = createGzip();
    const compressed = pipeline(gzip, toFile(file));
    // Whoever waits for room waits for a fault as well, so that a full disk is not waited on for ever.
    const failed = compressed.then(() => new Promise<never>(() => undefined));
    failed.catch(() => undefined);
    const written = await write(async (text) => {
      if (gzip.write(`${text}\n`)) return;
      await Promise.race([once(gzip, 'drain'), failed]);
    }).catch((error: unknown) => {
      gzip.destroy();
      throw error;
    });
    gzip.end();
    await compressed;
    await file.sync();
    return written;
  } finally {
    await file.close();
  }
}

/** Writes to a file that stays open, for its fsync. */
function toFile(file: FileHandle): Writable {
  return new Writable({
    write(bytes: Uint8Array, _encoding, done) {
      file.writeFile(bytes).then(() => done(), done);
    },
  });
}

/**
 * The lines of a file.
 * @throws SecondringError `not-found`, `backup-foreign`, `backup-damaged`
 */
export async function* linesOf(path: string): AsyncIterable<string> {
  const compressed = createReadStream(path);
  const plain = createGunzip();
  let fault: NodeJS.ErrnoException | undefined;
  // What goes wrong ends the lines, and is said after them.
  const done = pipeline(compressed, plain).catch((error: NodeJS.ErrnoException) => {
    fault = error;
  });
  try {
    yield* createInterface({ input: plain, crlfDelay: Number.POSITIVE_INFINITY });
    await done;
  } catch (error) {
    fault ??= error as NodeJS.ErrnoException;
  } finally {
    compressed.destroy();
    plain.destroy();
  }
  if (fault !== undefined) throw unreadable(path, fault);
}

function unreadable(path: string, cause: NodeJS.ErrnoException): SecondringError {
  if (cause.code === 'ENOENT') return new SecondringError('not-found', `There is no file ${path}.`);
  if (cause.code === 'Z_DATA_ERROR' || cause.code === 'Z_BUF_ERROR') {
    return new SecondringError('backup-damaged', `The backup ${path} is damaged or cut off.`, {
      cause,
      hint: 'Use another backup. Nothing of this one was restored.',
    });
  }
  return new SecondringError('backup-foreign', `${path} cannot be read as a backup.`, { cause });
}

function alreadyThere(path: string): SecondringError {
  return new SecondringError('already-exists', `${path} exists already and is not overwritten.`, {
    hint: 'Name a file that does not exist.',
  });
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
