// The staff process as a request listener. It answers requests with a statement of the main process and nothing else:
// whoever else gets to its socket is told nothing, not even which addresses there are.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Log, StaffStore } from '#core/ports.ts';
import { lookAtPerson, type PersonState } from '#flows/look-at-person.ts';
import { createStatementReader, type StaffStatement } from '#flows/staff-statement.ts';
import type { Html, PageContext } from '#ui/layout.ts';
import { chooseLanguage } from '#ui/messages/messages.ts';
import { staffPage } from '#ui/pages/staff-page.ts';
import { parseForm, readBody } from './checks/form.ts';
import { foundHeader, nobody, statementHeader } from './staff/headers.ts';

export interface StaffListenerOptions {
  readonly store: StaffStore;
  readonly statementKey: Uint8Array;
  readonly tickMs: () => number;
  readonly providerName: string;
  readonly assets: PageContext['assets'];
  readonly log: Log;
}

interface Page {
  readonly html: Html;
  readonly status: 200 | 404;
  /** Undefined: nobody was looked for. */
  readonly found: string | undefined;
}

/** Builds the listener. */
export function createStaffListener(options: StaffListenerOptions): RequestListener {
  const read = createStatementReader(options.statementKey, options.tickMs);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const sent = request.headers[statementHeader];
    const statement = read(typeof sent === 'string' ? sent : undefined, {
      method: request.method,
      path: request.url,
      body,
    });
    if (statement === undefined) return end(response, 403, '');
    const typed = parseForm(request.headers['content-type'], body).get('username');
    const page = await pageOf(options, statement, typed);
    if (page.found !== undefined) response.setHeader(foundHeader, page.found);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    end(response, page.status, String(await page.html));
  }

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      options.log.error({ error: describe(error) }, 'a staff page failed');
      if (response.headersSent) response.destroy();
      else end(response, 500, '');
    });
  };
}

async function pageOf(
  { store, providerName, assets }: StaffListenerOptions,
  { method, path, role, companyId, language, nowMs }: StaffStatement,
  typed: string | undefined,
): Promise<Page> {
  const page: PageContext = { language: chooseLanguage(undefined, language), providerName, path, assets };
  const props = { action: path, role, nowMs, signOutAction: '/sign-out' };
  if (method === 'GET') return { html: staffPage(page, props), status: 200, found: undefined };
  const person: PersonState | undefined = await lookAtPerson(store, typed, companyId ?? undefined, nowMs);
  return {
    html: staffPage(page, { ...props, sought: { username: typed ?? '', person } }),
    status: person === undefined ? 404 : 200,
    found: person?.account.id ?? nobody,
  };
}

function end(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function describe(error: unknown): unknown {
  return error instanceof Error
    ? { name: error.name, message: error.message, stack: error.stack }
    : String(error);
}
