// Reads a project's folders and files from disk, for rules that are about the source as a whole.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFile } from './architecture.ts';

export interface SourceTree {
  readonly files: readonly SourceFile[];
  readonly folders: readonly string[];
}

const topFolders = ['server', 'web', 'scripts'];
const withText = /\.(?:[cm]?[jt]sx?|css|sql|json)$/;

export function readSourceTree(root: string): SourceTree {
  const entries = globSync(`{${topFolders.join(',')}}/**`, {
    cwd: root,
    withFileTypes: true,
    exclude: (entry) => entry.name === 'node_modules',
  });
  const pathOf = (entry: { parentPath: string; name: string }) =>
    join(entry.parentPath, entry.name)
      .slice(root.length + 1)
      .replaceAll('\\', '/');
  return {
    files: entries
      .filter((entry) => entry.isFile() && withText.test(entry.name))
      .map(pathOf)
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
    folders: entries.filter((entry) => entry.isDirectory()).map(pathOf),
  };
}
