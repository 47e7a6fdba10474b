// Reads the documents of the project just far enough to check them against the source: which files they name, where
// their links lead, what their tables say.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Document {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** What no document is about: what was installed, and what a running service wrote. */
const foreign = /^(?:node_modules|\.git|data|data-key)$/;

/** Every path of the repository, folders included. */
export function readPaths(root: string): readonly string[] {
  const exclude = (entry: { readonly name: string }) => foreign.test(entry.name);
  return globSync('**/*', { cwd: root, withFileTypes: true, exclude })
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

/** Every document among the paths. */
export function readDocuments(root: string, paths: readonly string[]): readonly Document[] {
  return paths
    .filter((path) => path.endsWith('.md'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

const link = /\]\(([^)\s]+)\)/g;
const fence = /^```.*?^```$/gms;

/** Relative links that lead nowhere: to a file that is not there, or to a heading that is not in it. */
export function brokenLinks(root: string, { path, text }: Document): readonly string[] {
  return [...text.replaceAll(fence, '').matchAll(link)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(?:https?|mailto):/.test(target))
    .filter((target) => {
      const [file = '', heading] = target.split('#');
      const aim = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(root, aim))) return true;
      return heading !== undefined && !headingsOf(readFileSync(join(root, aim), 'utf8')).has(heading);
    });
}

/** Headings as links name them. */
function headingsOf(text: string): ReadonlySet<string> {
  const headings = [...text.replaceAll(fence, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((one) =>
      one
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

const fileName =
  /(?<![\w/#@.:*-])(?:\.{1,2}\/)?[\w@*-][\w.@*-]*(?:\/[\w.@*-]+)*\.(?:ts|mjs|sql|css|json|md|png)\b/g;
const folderName = /`((?:server|web|scripts|docs)(?:\/[a-z0-9-]+)*\/)`/g;

/** Files and folders that a document names and the repository does not have. A name may leave out its folders. */
export function missingNames(document: Document, paths: readonly string[]): readonly string[] {
  const text = document.text.replaceAll(/https?:\/\/\S+/g, '').replaceAll(link, ']');
  const names = [...text.matchAll(fileName)].map(([name]) => name);
  const folders = [...text.matchAll(folderName)].map(([, name = '']) => name.slice(0, -1));
  return [
    ...names.filter((name) => {
      const isIt = endsIn(name.replace(/^(?:\.{1,2}\/)+/, ''));
      return !paths.some((path) => isIt.test(path));
    }),
    ...folders.filter((folder) => !paths.includes(folder)),
  ];
}

function endsIn(name: string): RegExp {
  const pattern = name.replaceAll(/[.+]/g, '\\$&').replaceAll('*', '[^/]*');
  return new RegExp(`(?:^|/)${pattern}$`);
}

/** Scripts of package.json that a document tells people to run and that are not there. */
export function missingScripts(
  { text }: Document,
  scripts: Readonly<Record<string, string>>,
): readonly string[] {
  return [...text.matchAll(/npm run ([\w:-]+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !(name in scripts));
}

/** The rows of the first table after a heading, cell by cell, without its own two lines of heading. */
export function tableUnder(text: string, heading: string): readonly (readonly string[])[] {
  const after = text.slice(text.indexOf(`${heading}\n`) + heading.length);
  const lines = after.slice(after.search(/^\|/m)).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(2, end).map((line) =>
    line
      .replaceAll(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim()),
  );
}
