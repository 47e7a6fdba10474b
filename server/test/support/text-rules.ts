// The rules about words: what a file has to begin with, and what a pure layer must not reach for.
import type { SourceFile, Violation } from './architecture.ts';
import { pureLayers, rawHtmlFile } from './layers.ts';
import { lineAt } from './source-text.ts';

/** Everything that gives another answer the second time. */
const clockOrChance = [
  /\bDate\s*\.\s*now\b/g,
  /\bnew\s+Date\b/g,
  /(?<![.\w$]|\bnew\s+)Date\s*\(/g,
  /\bMath\s*\.\s*random\b/g,
  /\bperformance\s*\.\s*now\b/g,
  /\bprocess\s*\.\s*hrtime\b/g,
  /\bTemporal\s*\.\s*Now\b/g,
  /\bcrypto\s*\.\s*(?:random|getRandom)/g,
];

/** Would let core have what its tsconfig.json refuses. Written in comments, so looked for in the whole text. */
const toldTheCompiler = [/^\s*\/\/\/\s*<reference\b/gm, /@ts-(?:ignore|nocheck|expect-error)\b/g];

/** What marks a string as safe HTML without going through `raw`. */
const forgedHtml = [/\bisEscaped\b/g, /\bdangerouslySetInnerHTML\b/g];

export function violationsOfWords({ path, text }: SourceFile, layer: string, code: string): Violation[] {
  const found: Violation[] = [];
  const look = (rule: Violation['rule'], patterns: readonly RegExp[], where: string, advice: string) => {
    for (const match of patterns.flatMap((pattern) => [...where.matchAll(pattern)])) {
      const message = `${match[0].trim()}: ${advice}`;
      found.push({ rule, path, line: lineAt(where, match.index), message });
    }
  };
  if (pureLayers.includes(layer)) {
    look('clock-or-chance', clockOrChance, code, 'time and random bytes come in as arguments');
  }
  if (layer === 'core')
    look('told-the-compiler', toldTheCompiler, text, 'core takes the compiler at its word');
  if (path !== rawHtmlFile) look('raw-html', forgedHtml, code, `only in ${rawHtmlFile}`);
  return found;
}

export function lacksOpeningComment({ path, text }: SourceFile): boolean {
  const beginning = text.replace(/^#!.*\n/, '').trimStart();
  if (path.endsWith('.sql')) return !/^(?:--|\/\*)/.test(beginning);
  return /\.(?:[cm]?[jt]sx?|css)$/.test(path) && !/^\/[/*]/.test(beginning);
}
