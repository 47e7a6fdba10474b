// Where a page about a fault leads: to what failed, if it can be opened again, and else to the beginning.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SecondringError } from '#core/errors.ts';
import type { Log } from '#core/ports.ts';
import { renderProblem } from './problem.ts';

const assets = { css: '/assets/a.css', script: '/assets/a.js', icon: '/assets/a.svg' };
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

function buttonOf(error: unknown, method: string, path: string): string | undefined {
  const page = { language: 'en', providerName: 'Noordtel', path, assets } as const;
  const { html } = renderProblem(error, page, method, silent);
  return String(html).match(/<a class="primary" href="([^"]*)">/)?.[1];
}

for (const [what, error] of [
  ['the store that does not answer', new SecondringError('store-unavailable', 'It does not answer.')],
  ['a fault of ours', new TypeError('undefined is not a function')],
  ['too many at once', new SecondringError('busy', 'The line is full.', { retryAfterSeconds: 2 })],
] as const) {
  test(`${what}: trying again opens the page it happened on`, () => {
    assert.equal(buttonOf(error, 'GET', '/oidc/interaction/abc'), '/oidc/interaction/abc');
    assert.equal(buttonOf(error, 'GET', '/sign-in/1f3b'), '/sign-in/1f3b');
    // Opened again, this address leads back to the sign-in's page; see sign-in/routes.ts.
    assert.equal(buttonOf(error, 'POST', '/sign-in/1f3b/code'), '/sign-in/1f3b/code');
    assert.equal(buttonOf(error, 'POST', '/sign-out'), '/sign-in');
  });
}

test('what no second try mends begins again', () => {
  const over = new SecondringError('sign-in-expired', 'It took too long.');
  assert.equal(buttonOf(over, 'GET', '/sign-in/1f3b'), '/sign-in');
});
