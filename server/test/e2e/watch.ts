// What must hold on every page of every test, whatever the test is about: nothing broke the content security policy or
// the script, nothing was asked of another origin, every answer had all headers, and no script can read a cookie.
import assert from 'node:assert/strict';
import type { BrowserContext, ConsoleMessage, Request, Response } from 'playwright-core';

/** Where a test's browser has business. */
export interface Origins {
  readonly serviceUrl: string;
  readonly panelUrl: string;
  readonly companyPanelUrl: string;
}

/** The headers of every answer, as docs and not as code have them. The policy is compared by itself. */
const headers: Readonly<Record<string, RegExp>> = {
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'referrer-policy': /^same-origin$/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cross-origin-resource-policy': /^same-origin$/,
  'permissions-policy': /camera=\(\).*microphone=\(\)/,
};

const directives: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'connect-src': "'self'",
  'manifest-src': "'self'",
  'worker-src': "'self'",
  'frame-ancestors': "'none'",
  'base-uri': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': 'sw',
};

/** One answer of the service. */
export interface Answer {
  readonly path: string;
  readonly status: number;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

/** What is wrong with the headers of an answer; empty when nothing is. */
export function faultsOfHeaders(
  { path, status, ...answer }: Answer,
  { panelUrl, companyPanelUrl }: Origins,
): string[] {
  const values = (name: string) => answer.headers.filter((line) => line.name.toLowerCase() === name);
  const value = (name: string) => values(name).map((line) => line.value)[0] ?? '';
  const faults = Object.entries(headers)
    .filter(([name, wanted]) => values(name).length !== 1 || !wanted.test(value(name)))
    .map(([name]) => `${name}: ${value(name)}`);
  const isAsset = path.startsWith('/assets/') && status === 200;
  const caching = isAsset ? /^public, max-age=31536000, immutable$/ : /\bno-store\b/;
  if (!caching.test(value('cache-control'))) faults.push(`cache-control: ${value('cache-control')}`);

  const policy = new Map(
    value('content-security-policy')
      .split(/;\s*/)
      .map((directive) => [directive.split(' ', 1)[0] ?? '', directive.split(' ').slice(1).join(' ')]),
  );
  const forms = policy.get('form-action') ?? 'missing';
  const allowed = ["'self'", `'self' ${panelUrl}`, `'self' ${companyPanelUrl}`];
  if (!allowed.includes(forms)) faults.push(`form-action ${forms}`);
  policy.delete('form-action');
  const differs = JSON.stringify([...policy].sort()) !== JSON.stringify(Object.entries(directives).sort());
  if (differs) faults.push(`content-security-policy: ${value('content-security-policy')}`);

  for (const line of values('set-cookie').flatMap((header) => header.value.split('\n'))) {
    const name = line.split('=', 1)[0];
    if (!/;\s*HttpOnly\b/i.test(line)) faults.push(`cookie ${name} is not HttpOnly`);
    if (!/;\s*SameSite=(Lax|Strict)\b/i.test(line)) faults.push(`cookie ${name} has no SameSite`);
  }
  return faults.map((fault) => `${status} ${path}: ${fault}`);
}

export interface Watch {
  /** Everything seen so far that must not be, once all answers have been read. */
  complaints(): Promise<readonly string[]>;
}

const reportViolation = `document.addEventListener('securitypolicyviolation', (event) =>
  console.error('policy violated: ' + event.effectiveDirective + ' ' + event.blockedURI));`;

/** Watches all pages of a context, from now on. */
export async function watch(context: BrowserContext, origins: Origins): Promise<Watch> {
  const { serviceUrl, panelUrl, companyPanelUrl } = origins;
  const known = [serviceUrl, panelUrl, companyPanelUrl];
  const found: string[] = [];
  const reading: Promise<unknown>[] = [];
  // Chromium writes to the console whatever it blocks; the event tells of it a second time, in our own words.
  await context.addInitScript(reportViolation);
  context.on('console', (message: ConsoleMessage) => {
    const isAnswer = /^Failed to load resource: the server responded with a status of 4\d\d/.test(
      message.text(),
    );
    if (!isAnswer && ['error', 'warning'].includes(message.type())) found.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => found.push(`script: ${error.error().message}`));
  context.on('request', (request: Request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== 'data:' && !known.includes(origin)) found.push(`asked elsewhere: ${request.url()}`);
  });
  context.on('response', (response: Response) => {
    const { origin, pathname } = new URL(response.url());
    if (origin !== serviceUrl) return;
    const read = response.headersArray().then((headers) => {
      found.push(...faultsOfHeaders({ path: pathname, status: response.status(), headers }, origins));
    });
    reading.push(read);
  });
  return {
    async complaints() {
      await Promise.all(reading);
      return [...found];
    },
  };
}

/** Closes a watched context; whatever was seen in it that must not be makes the test fail. */
export async function closeWatched(context: BrowserContext, watched: Watch): Promise<void> {
  const complaints = await watched.complaints();
  await context.close();
  assert.deepEqual(complaints, []);
}
