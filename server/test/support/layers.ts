// The layer table: who may import whom. It is kept apart from the checker because it is what people look up
// and what a change of the architecture changes.

export interface Layer {
  /** Other layers whose files it may import. */
  readonly layers: readonly string[];
  /** Node's own modules. */
  readonly builtins: Allowed;
  /** npm packages. Naming one allows its subpaths as well. */
  readonly packages: Allowed;
}

type Allowed = 'any' | readonly string[];

export function mayImport(allowed: Allowed, name: string): boolean {
  return allowed === 'any' || allowed.some((entry) => name === entry || name.startsWith(`${entry}/`));
}

const everything = [
  'core',
  'factors',
  'custody',
  'channels',
  'store',
  'flows',
  'http',
  'ui',
  'jobs',
  'cli',
  'config',
  'operation',
] as const;

export const layers: Readonly<Record<string, Layer>> = {
  core: { layers: [], builtins: [], packages: [] },
  factors: {
    layers: ['core'],
    builtins: ['node:crypto'],
    packages: ['libphonenumber-js', '@simplewebauthn/server'],
  },
  custody: { layers: ['core'], builtins: 'any', packages: ['@node-rs/argon2'] },
  channels: { layers: ['core'], builtins: 'any', packages: 'any' },
  store: { layers: ['core', 'custody'], builtins: 'any', packages: 'any' },
  ui: { layers: ['core'], builtins: 'any', packages: ['hono/html', 'qrcode'] },
  flows: { layers: ['core', 'factors'], builtins: ['node:crypto'], packages: [] },
  http: { layers: ['flows', 'ui', 'core', 'config'], builtins: 'any', packages: 'any' },
  config: { layers: ['core'], builtins: 'any', packages: [] },
  jobs: { layers: ['flows', 'core'], builtins: 'any', packages: [] },
  operation: { layers: ['core'], builtins: 'any', packages: [] },
  cli: { layers: ['config', 'custody', 'store', 'flows', 'core'], builtins: 'any', packages: 'any' },
  demo: { layers: [...everything, 'main'], builtins: 'any', packages: 'any' },
  main: { layers: [...everything, 'demo'], builtins: 'any', packages: 'any' },
  web: { layers: [], builtins: [], packages: [] },
};

/** Layers whose folders must not know each other: one kind of factor, one surface. */
export const siblingsApart: readonly string[] = ['factors', 'http'];

/** Layers whose result depends on their arguments alone. */
export const pureLayers: readonly string[] = ['core', 'factors'];

/** The only file that may mark text as HTML which needs no escaping. */
export const rawHtmlFile = 'server/src/ui/raw-html.ts';
