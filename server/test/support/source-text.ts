// Reads TypeScript just far enough to know what is code, what is a comment and what is a string.
// Rules about source text need this much: a rule that trips over its own name in a comment, or over an
// import written in a string, soon gets switched off. TypeScript 7 offers no parser to programs.

/** One module that a file asks for, with the names it takes from it (empty for a computed specifier). */
export interface ModuleRequest {
  readonly specifier: string | undefined;
  readonly clause: string;
  readonly line: number;
}

/** Code with comments blanked and each string replaced by `"<index into strings>"`; lines are kept. */
export interface ScannedSource {
  readonly code: string;
  readonly strings: readonly string[];
}

/** A slash after one of these begins a regular expression; after anything else it divides. */
const beforeExpression =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|await|yield))$/;

const regularExpression = /\/(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\\[\n])+\//y;
const quoted = /'(?:\\[\s\S]|[^'\\\n])*(?:'|(?=\n)|$)|"(?:\\[\s\S]|[^"\\\n])*(?:"|(?=\n)|$)/y;

export function scanSource(text: string): ScannedSource {
  const strings: string[] = [];
  let code = '';
  // One entry for each `${` that is open, counting the braces opened inside it.
  const templates: number[] = [];
  let at = text.startsWith('#!') ? endOfLine(text, 0) : 0;

  const keepLines = (skipped: string) => skipped.replace(/[^\n]/g, '');
  const remember = (value: string, source: string) => {
    code += `"${strings.push(value) - 1}"${keepLines(source)}`;
  };
  /** Reads a template from `start` up to its end or its next `${`. */
  const template = (start: number): number => {
    let end = start;
    while (end < text.length && text[end] !== '`' && !text.startsWith('${', end)) {
      end += text[end] === '\\' ? 2 : 1;
    }
    const opens = text.startsWith('${', end);
    remember(text.slice(start, end), text.slice(start, end));
    code += opens ? '+' : '';
    if (opens) templates.push(0);
    return end + (opens ? 2 : 1);
  };

  while (at < text.length) {
    const character = text[at] as string;
    if (text.startsWith('//', at)) {
      at = endOfLine(text, at);
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      const next = end < 0 ? text.length : end + 2;
      code += ` ${keepLines(text.slice(at, next))}`;
      at = next;
    } else if (character === "'" || character === '"') {
      // A literal left open ends with its line, so that a mistake here stays small.
      const literal = matchAt(quoted, text, at) ?? character;
      remember(literal.slice(1, -1), literal);
      at += literal.length;
    } else if (character === '`') {
      at = template(at + 1);
    } else if (character === '}' && templates.at(-1) === 0) {
      templates.pop();
      code += '+';
      at = template(at + 1);
    } else if (character === '/' && beforeExpression.test(code.slice(-80).trimEnd())) {
      const literal = matchAt(regularExpression, text, at) ?? '/';
      code += literal === '/' ? '/' : '"/"';
      at += literal.length;
    } else {
      const depth = templates.length - 1;
      if (depth >= 0 && character === '{') templates[depth] = (templates[depth] as number) + 1;
      if (depth >= 0 && character === '}') templates[depth] = (templates[depth] as number) - 1;
      code += character;
      at += 1;
    }
  }
  return { code, strings };
}

const requests = [
  // import x from "0", export { x } from "0", import type { x } from "0"
  /\b(?:import|export)\b(?<clause>[^;=()]*?)\bfrom\s*"(?<index>\d+)"/g,
  // import "0"
  /\bimport\s*"(?<index>\d+)"/g,
  // import("0") in code and in types, require("0"), import.meta.resolve("0"), or something computed
  /(?<![.\w$])(?:import|require|import\.meta\.resolve)\s*\(\s*(?:"(?<index>\d+)"\s*[,)])?/g,
  /\bnew\s+Worker\s*\(\s*new\s+URL\s*\(\s*"(?<index>\d+)"/g,
  // What these load is not to be read off the source.
  /\b(?:createRequire|getBuiltinModule)\s*\(/g,
];

/** Every module that the source asks for, whatever the syntax. */
export function moduleRequests({ code, strings }: ScannedSource): ModuleRequest[] {
  return requests.flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => ({
      specifier: match.groups?.index === undefined ? undefined : strings[Number(match.groups.index)],
      clause: match.groups?.clause ?? '*',
      line: lineAt(code, match.index),
    })),
  );
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function matchAt(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0];
}
