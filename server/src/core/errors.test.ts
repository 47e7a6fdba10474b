// The one error class: a code for programs, a sentence for people, and nothing that is not there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault, SecondringError } from './errors.ts';

test('a fault carries its code, its sentence and what to do about it', () => {
  const cause = new Error('reset by peer');
  const fault = new SecondringError('busy', 'Too many at once.', {
    retryAfterSeconds: 2,
    hint: 'Wait.',
    cause,
  });
  assert.ok(fault instanceof Error);
  assert.deepEqual(
    [fault.name, fault.code, fault.message, fault.retryAfterSeconds, fault.hint, fault.cause],
    ['SecondringError', 'busy', 'Too many at once.', 2, 'Wait.', cause],
  );
});

test('without details it has none, not even an empty cause', () => {
  const fault = new SecondringError('internal', 'Something.');
  assert.deepEqual([fault.retryAfterSeconds, fault.hint, 'cause' in fault], [undefined, undefined, false]);
});

test('a fault is known by its code, and nothing else is one', () => {
  const fault = new SecondringError('busy', 'Too many at once.');
  assert.equal(isFault(fault, 'busy'), true);
  assert.equal(isFault(fault, 'internal'), false);
  for (const other of [new Error('busy'), { code: 'busy' }, 'busy', undefined, null]) {
    assert.equal(isFault(other, 'busy'), false);
  }
});
