// The store does not answer in the middle of an authorization request. Nothing is wrong with the panel's request, so the
// page is the one of every fault of ours: 503, what to do next, and nobody is let in.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SecondringError } from '#core/errors.ts';
import type { Store } from '#core/ports.ts';
import { enrolledPerson } from '../support/person.ts';
import { onEachEngine } from '../support/service-under-test.ts';
import { connectPanel, leftFor } from './panel.ts';

let isLost = false;

onEachEngine(
  'the store is lost',
  (running) => {
    test('an authorization request says so, and goes through when it is back', async () => {
      const service = running();
      const panel = await connectPanel(service, 'lost');
      const person = await enrolledPerson(service, 'lost');
      const begun = await panel.begin();
      isLost = true;
      const answer = await person.browser.get(begun.url, { accept: 'text/html' });
      isLost = false;
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('retry-after'), '5');
      assert.match(answer.text, /We cannot help you just now/);
      assert.doesNotMatch(answer.text, /panel does not work|server_error/);
      const logged = service.logLines.filter((line) => line.includes('incidentId'));
      assert.equal(logged.length, 1, 'one fault is logged once');
      await panel.finish(begun, leftFor(await person.signIn(begun.url)));
    });
  },
  {
    wrapStore: (store: Store): Store =>
      new Proxy(store, {
        get(target, name, receiver) {
          const member = Reflect.get(target, name, receiver);
          if (name !== 'client') return member;
          return (clientId: string) => {
            if (isLost) {
              const message = 'The database did not answer.';
              throw new SecondringError('store-unavailable', message, { retryAfterSeconds: 5 });
            }
            return target.client(clientId);
          };
        },
      }),
  },
);
