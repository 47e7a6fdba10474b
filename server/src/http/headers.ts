// The headers of every answer, without exceptions: nothing from anywhere else is loaded, run, framed or sent to.

/**
 * The headers of a page.
 * @param formOrigins origins a form may end at after its redirects. Chromium applies form-action to the redirect
 * after a POST too, so a sign-in page must name the origin of the application it leads to.
 */
export function pageHeaders(
  isSecure: boolean,
  formOrigins: readonly string[] = [],
): Readonly<Record<string, string>> {
  const common = isSecure ? overHttps : overHttp;
  if (formOrigins.length === 0) return common;
  return { ...common, 'content-security-policy': contentSecurityPolicy(formOrigins) };
}

function contentSecurityPolicy(formOrigins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    `form-action ${["'self'", ...new Set(formOrigins)].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types sw',
  ].join('; ');
}

function commonHeaders(isSecure: boolean): Readonly<Record<string, string>> {
  return Object.freeze({
    'content-security-policy': contentSecurityPolicy([]),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // With no-referrer a POST carries `Origin: null`, which the origin check refuses.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    ...(isSecure ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}),
  });
}

const overHttps = commonHeaders(true);
const overHttp = commonHeaders(false);
