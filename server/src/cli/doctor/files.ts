// The data folder: there, writable, nobody else's business, and with room to grow.

import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import type { Configuration } from '#config/configuration.ts';
import { advice, type Finding, fault, fine } from './finding.ts';

const groupAndOthers = 0o077;
/** With less than this a busy day fills the disk, and a full disk refuses every sign-in. */
const leastFreeBytes = 256 * 1024 * 1024;
const mebibyte = 1024 * 1024;

/** What is said of the folder in which an embedded store keeps its files. */
export function examineFiles({ dataFolder, databaseUrl }: Configuration): readonly Finding[] {
  if (!databaseUrl.startsWith('sqlite:')) {
    return [fine('data folder', 'not used: the database is PostgreSQL')];
  }
  const folder = dirname(resolve(databaseUrl.replace(/^sqlite:(\/\/)?/, '')));
  const existing = nearestExisting(folder);
  return [examineFolder(folder, existing, resolve(dataFolder)), examineSpace(existing)];
}

function examineFolder(folder: string, existing: string, dataFolder: string): Finding {
  const check = 'data folder';
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch {
    return fault(check, `${existing} cannot be written.`, 'Give it to the user that runs the service.');
  }
  if (existing !== folder) return fine(check, `${folder} is made at the first start`);
  const mode = statSync(folder).mode & 0o777;
  if ((mode & groupAndOthers) === 0) return fine(check, folder);
  const message = `${folder} is open to other users of the machine (mode ${mode.toString(8).padStart(4, '0')}).`;
  const hint = `Run: chmod 0700 ${folder}`;
  return folder === dataFolder ? fault(check, message, hint) : advice(check, message, hint);
}

function examineSpace(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const shown = `${Math.floor(free / mebibyte)} MiB free`;
  if (free >= leastFreeBytes) return fine('disk space', shown);
  return fault('disk space', `Only ${shown} at ${folder}.`, 'Free some space before the disk is full.');
}

/** Whether a file lies in a folder or below it. */
export function isWithin(folder: string, file: string): boolean {
  return resolve(file).startsWith(resolve(folder) + sep);
}

function nearestExisting(path: string): string {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      statSync(folder);
      return folder;
    } catch {
      if (folder === dirname(folder)) return folder;
    }
  }
}
