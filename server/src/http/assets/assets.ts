// The stylesheet, the browser's script and the icon, read once at start and served under the hash of what they say, so that
// they can be kept for ever and never be stale. The script is TypeScript with its types taken out.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { squeezeCss, squeezeScript } from '#ui/squeeze.ts';

export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly body: string;
}

export interface Assets {
  readonly css: Asset;
  readonly script: Asset;
  readonly icon: Asset;
}

/** Reads and prepares the assets. */
export function loadAssets(): Assets {
  const css = readFileSync(new URL('../../ui/css/secondring.css', import.meta.url), 'utf8');
  const script = readFileSync(new URL('../../../../web/client/sign-in.ts', import.meta.url), 'utf8');
  const icon = readFileSync(new URL('../../ui/css/icon.svg', import.meta.url), 'utf8');
  return {
    icon: asset('icon', 'svg', 'image/svg+xml', icon),
    css: asset('secondring', 'css', 'text/css; charset=utf-8', squeezeCss(css)),
    script: asset(
      'sign-in',
      'js',
      'text/javascript; charset=utf-8',
      squeezeScript(stripTypeScriptTypes(script)),
    ),
  };
}

function asset(name: string, extension: string, type: string, body: string): Asset {
  const digest = createHash('sha256').update(body).digest('base64url').slice(0, 16);
  return { path: `/assets/${name}.${digest}.${extension}`, type, body };
}
