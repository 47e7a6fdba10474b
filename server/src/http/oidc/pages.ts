// The pages of the OIDC side: what it refused, signing out, signed out. They look like all others.

import type { IncomingMessage } from 'node:http';
import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import type { Log } from '#core/ports.ts';
import type { Html, PageContext } from '#ui/layout.ts';
import { errorPage } from '#ui/pages/error-page.ts';
import { signedOutPage, signOutPage } from '#ui/pages/sign-out-page.ts';
import { pageHeaders } from '../headers.ts';
import { describe, newIncidentId, renderProblem } from '../problem.ts';

export interface OidcPages {
  renderError(context: KoaContextWithOIDC, out: ErrorOut, error?: unknown): Promise<void>;
  /** Logs a fault of ours, once. Returns the incident number that it is known by. */
  incidentOf(error: Error): string;
  renderSignOut(context: KoaContextWithOIDC): Promise<void>;
  /** Asks whether to end our own session, where the library has none. */
  renderOwnSignOut(context: KoaContextWithOIDC): Promise<void>;
  renderSignedOut(context: KoaContextWithOIDC): Promise<void>;
}

/** @param pageOf the page context of a request, from its headers */
export function createOidcPages(
  isSecure: boolean,
  pageOf: (request: IncomingMessage) => PageContext,
  log: Log,
): OidcPages {
  // The library tells of a fault before or after it has its page made.
  const incidents = new WeakMap<Error, string>();
  const incidentOf = (error: Error) => {
    const known = incidents.get(error);
    if (known !== undefined) return known;
    const incidentId = newIncidentId();
    incidents.set(error, incidentId);
    log.error({ incidentId, error: describe(error) }, 'the OIDC side failed');
    return incidentId;
  };
  const show = async (context: KoaContextWithOIDC, html: Html, formOrigins: readonly string[] = []) => {
    context.set(pageHeaders(isSecure, formOrigins));
    context.type = 'html';
    context.body = String(await html);
  };
  return {
    incidentOf,
    async renderError(context, out, error) {
      if (out.error === 'server_error' && error instanceof Error) {
        // Nothing was wrong with the panel's request; the page is the one of every fault of ours.
        const { req } = context;
        const problem = renderProblem(error, pageOf(req), req.method, log, incidentOf(error));
        context.status = problem.status;
        if (problem.retryAfterSeconds !== undefined) {
          context.set('retry-after', String(problem.retryAfterSeconds));
        }
        return show(context, problem.html);
      }
      const detail = [out.error, out.error_description].filter(Boolean).join(': ');
      const page = pageOf(context.req);
      await show(context, errorPage(page, { code: 'application-refused', detail }));
    },
    async renderSignOut(context) {
      const { oidc } = context;
      const state = oidc.session?.state as { readonly secret: string } | undefined;
      const returnTo = oidc.params?.['post_logout_redirect_uri'];
      const stayHref = typeof returnTo === 'string' ? returnTo : '/sign-in';
      const html = signOutPage(pageOf(context.req), {
        action: oidc.urlFor('end_session_confirm'),
        fields: [{ name: 'xsrf', value: state?.secret ?? '' }],
        ...(oidc.client?.clientName !== undefined && { applicationName: oidc.client.clientName }),
        stayHref,
      });
      await show(context, html, typeof returnTo === 'string' ? [new URL(returnTo).origin] : []);
    },
    async renderOwnSignOut(context) {
      context.status = 200;
      const page = { action: '/sign-out', fields: [], stayHref: '/sign-in' };
      await show(context, signOutPage(pageOf(context.req), page));
    },
    async renderSignedOut(context) {
      await show(context, signedOutPage(pageOf(context.req), { startHref: '/sign-in' }));
    },
  };
}
