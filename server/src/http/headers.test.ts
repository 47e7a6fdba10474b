// The headers of every page, to the letter: a change of one is a decision and shows here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageHeaders } from './headers.ts';

const policy = (formAction: string) =>
  [
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'",
    "manifest-src 'self'; worker-src 'self'",
    `form-action ${formAction}; frame-ancestors 'none'; base-uri 'none'`,
    "require-trusted-types-for 'script'; trusted-types sw",
  ].join('; ');

const always = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

test('on http://localhost', () => {
  assert.deepEqual(pageHeaders(false), { ...always, 'content-security-policy': policy("'self'") });
});

test('under https browsers are told to stay there for two years', () => {
  assert.deepEqual(pageHeaders(true), {
    ...always,
    'content-security-policy': policy("'self'"),
    'strict-transport-security': 'max-age=63072000; includeSubDomains',
  });
});

test('a page whose form ends elsewhere names where, each place once', () => {
  const panels = ['https://panel.example', 'https://panel.example', 'http://localhost:8081'];
  assert.equal(
    pageHeaders(true, panels)['content-security-policy'],
    policy("'self' https://panel.example http://localhost:8081"),
  );
});
