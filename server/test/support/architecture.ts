// Checks the source against the layer table and the rules that keep the table honest. A pure function over
// texts: the test runs it over this repository, and over a planted violation of each rule.
import { violationsOfImports } from './import-rules.ts';
import { layers } from './layers.ts';
import { moduleRequests, scanSource } from './source-text.ts';
import { lacksOpeningComment, violationsOfWords } from './text-rules.ts';

export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export const rules = [
  'layer',
  'builtin',
  'package',
  'sibling',
  'import-style',
  'computed-import',
  'place',
  'clock-or-chance',
  'told-the-compiler',
  'folder-name',
  'vectors',
  'opening-comment',
  'raw-html',
] as const;

export type Rule = (typeof rules)[number];

export interface Violation {
  readonly rule: Rule;
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const isCode = (path: string) => /\.[cm]?[jt]sx?$/.test(path);
const isTest = (path: string) => path.endsWith('.test.ts');

/** What stands at the root of server/src is main; of everything else there the first folder is the layer. */
export function layerOf(path: string): string | undefined {
  if (/^server\/src\/[^/]+\.ts$/.test(path)) return 'main';
  if (path.startsWith('server/test/')) return 'test';
  if (path.startsWith('web/')) return 'web';
  return /^server\/src\/([^/]+)\//.exec(path)?.[1];
}

/** The whole check. `folders` are all folders of the project, `files` all files with their text. */
export function findViolations(files: readonly SourceFile[], folders: readonly string[]): Violation[] {
  const source = files.filter(({ path }) => path.startsWith('server/src/') || path.startsWith('web/'));
  return [
    ...source.filter(({ path }) => isCode(path)).flatMap(violationsInCode),
    ...source
      .filter((file) => file.path.startsWith('server/src/') && !isTest(file.path))
      .filter(lacksOpeningComment)
      .map(({ path }) => at('opening-comment', path, 'begin with a comment that says why the file exists')),
    ...folders
      .filter((folder) => /(^|\/)(utils?|helpers?|common|services?)$/.test(folder))
      .map((folder) => at('folder-name', folder, 'name the folder after what is in it')),
    ...folders
      .filter((folder) => /^server\/src\/factors\/[^/]+$/.test(folder))
      .filter((folder) => !files.some(({ path }) => path === `${folder}/vectors.json`))
      .map((folder) => at('vectors', folder, 'a factor needs a vectors.json')),
  ];
}

function at(rule: Rule, path: string, message: string): Violation {
  return { rule, path, line: 1, message };
}

function violationsInCode(file: SourceFile): Violation[] {
  const layer = layerOf(file.path);
  const table = layer === undefined ? undefined : layers[layer];
  if (layer === undefined || table === undefined) {
    return [at('place', file.path, 'source is at the root or in a folder of the layer table')];
  }
  const source = scanSource(file.text);
  const requests = moduleRequests(source);
  const tested = isTest(file.path);
  return [
    ...violationsOfImports({ path: file.path, layer, table, free: tested }, requests),
    ...(tested ? [] : violationsOfWords(file, layer, source.code)),
  ];
}
