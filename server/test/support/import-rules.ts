// The rules about imports: which layer may ask for what, and how it has to write that down.
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { layerOf, type Rule, type Violation } from './architecture.ts';
import { type Layer, mayImport, pureLayers, rawHtmlFile, siblingsApart } from './layers.ts';
import type { ModuleRequest } from './source-text.ts';

interface Importer {
  readonly path: string;
  readonly layer: string;
  readonly table: Layer;
  /** Tests may import everything, but write it down the same way. */
  readonly free: boolean;
}

type Finding = readonly [rule: Rule, message: string];

export function violationsOfImports(from: Importer, requests: readonly ModuleRequest[]): Violation[] {
  return requests.flatMap((request) => {
    const findings = [...styleFindings(from, request)];
    if (!from.free) findings.push(...tableFindings(from, request), ...rawHtmlFindings(from, request));
    return findings.map(([rule, message]) => ({ rule, path: from.path, line: request.line, message }));
  });
}

/** What a relative or `#` specifier points to, as a path from the root; undefined for other modules. */
function aimOf(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier);
  if (specifier.startsWith('#test/')) return posix.join('server/test', specifier.slice('#test/'.length));
  if (specifier.startsWith('#')) return posix.join('server/src', specifier.slice(1));
  return undefined;
}

/** Inside a layer `./x.ts`, across layers `#layer/x.ts`: every dependency between layers shows in a diff. */
function* styleFindings({ path, layer }: Importer, { specifier }: ModuleRequest): Iterable<Finding> {
  const aim = specifier === undefined ? undefined : aimOf(path, specifier);
  if (specifier === undefined || aim === undefined) return;
  if (!/\.(ts|json)$/.test(aim)) yield ['import-style', `"${specifier}" must end in .ts`];
  const aimsAt = layerOf(aim);
  if (specifier.startsWith('#')) {
    if (aimsAt === layer) yield ['import-style', `"${specifier}" is the same layer: write ./ or ../`];
    if (specifier.includes('/.')) yield ['import-style', `"${specifier}" wanders between folders`];
  } else if (aimsAt !== layer && aimsAt !== undefined && !['main', 'web'].includes(aimsAt)) {
    yield ['import-style', `"${specifier}" is another layer: write #${aimsAt}/`];
  }
}

function* tableFindings(from: Importer, { specifier, clause }: ModuleRequest): Iterable<Finding> {
  const { path, layer, table } = from;
  if (specifier === undefined) {
    if (layer !== 'demo') yield ['computed-import', 'what is imported must be readable here'];
    return;
  }
  const aim = aimOf(path, specifier);
  if (aim !== undefined) {
    const aimsAt = layerOf(aim) ?? 'what is outside of the layers';
    if (aimsAt !== layer && !table.layers.includes(aimsAt)) {
      yield ['layer', `${layer} may not import ${aimsAt} ("${specifier}")`];
    }
    if (aimsAt === layer && siblingsApart.includes(layer) && areSiblings(path, aim)) {
      yield ['sibling', `${folderOf(path)} may not know ${folderOf(aim)} ("${specifier}")`];
    }
  } else if (isBuiltin(specifier)) {
    const name = specifier.startsWith('node:') ? specifier : `node:${specifier}`;
    if (!mayImport(table.builtins, name)) yield ['builtin', `${layer} may not import "${specifier}"`];
    if (pureLayers.includes(layer) && /\brandom|getRandomValues|webcrypto|\*/.test(clause)) {
      yield ['clock-or-chance', `random bytes come in as an argument, not from "${specifier}"`];
    }
  } else if (!isPackage(specifier) || !mayImport(table.packages, specifier)) {
    yield ['package', `${layer} may not import "${specifier}"`];
  }
}

/** The folder inside the layer: a kind of factor, a surface. */
const folderOf = (path: string) => /^server\/src\/[^/]+\/([^/]+)\//.exec(path)?.[1];

function areSiblings(path: string, aim: string): boolean {
  const [own, other] = [folderOf(path), folderOf(aim)];
  return own !== undefined && other !== undefined && own !== other;
}

/** Not a path, not a URL, and not this project under its own name. */
function isPackage(specifier: string): boolean {
  return /^(@[\w.-]+\/)?[\w.-]+(\/|$)/.test(specifier) && !/^secondring(\/|$)/.test(specifier);
}

function* rawHtmlFindings({ path }: Importer, { specifier, clause }: ModuleRequest): Iterable<Finding> {
  const offersRaw = specifier === 'hono/html' || specifier === 'hono/utils/html';
  if (offersRaw && path !== rawHtmlFile && /\braw\b|\*/.test(clause)) {
    yield ['raw-html', `only ${rawHtmlFile} may mark text as HTML`];
  }
}
