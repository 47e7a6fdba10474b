// The pages of the OIDC side: what it refused, signing out, signed out. They look like all others.

import type { IncomingMessage } from 'node:http';
import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import type { Html, PageContext } from '#ui/layout.ts';
import { errorPage } from '#ui/pages/error-page.ts';
import { signedOutPage, signOutPage } from '#ui/pages/sign-out-page.ts';
import { pageHeaders } from '../headers.ts';

export interface OidcPages {
  renderError(context: KoaContextWithOIDC, out: ErrorOut): Promise<void>;
  renderSignOut(context: KoaContextWithOIDC): Promise<void>;
  /** Asks whether to end our own session, where the library has none. */
  renderOwnSignOut(context: KoaContextWithOIDC): Promise<void>;
  renderSignedOut(context: KoaContextWithOIDC): Promise<void>;
}

/** @param pageOf the page context of a request, from its headers */
export function createOidcPages(
  isSecure: boolean,
  pageOf: (request: IncomingMessage) => PageContext,
): OidcPages {
  const show = async (context: KoaContextWithOIDC, html: Html, formOrigins: readonly string[] = []) => {
    context.set(pageHeaders(isSecure, formOrigins));
    context.type = 'html';
    context.body = String(await html);
  };
  return {
    async renderError(context, out) {
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
