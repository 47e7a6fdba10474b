// Finds programs that the tests need from the machine, without running them.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian puts programs, even where PATH leaves the folders for administrators out. */
const usualFolders = ['/usr/bin', '/usr/sbin', '/bin', '/sbin'];

/** The first folder that holds all these programs: `first`, then PATH, then the usual places. */
export function folderWith(names: readonly string[], first: readonly string[] = []): string | undefined {
  const inPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...first, ...inPath, ...usualFolders].find((folder) =>
    names.every((name) => isExecutable(join(folder, name))),
  );
}

/** The full path of a program, or undefined. */
export function findProgram(name: string): string | undefined {
  const folder = folderWith([name]);
  return folder === undefined ? undefined : join(folder, name);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first of these files that is there. */
export function findFile(paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(path));
}
