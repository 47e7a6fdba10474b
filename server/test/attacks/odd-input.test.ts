// A13. Codes and names that are not what they look like: digits of other scripts, signs and exponents, arrays,
// numbers, nulls, NUL, ten thousand characters. Where a language converts kindly, `1e5`, `["123456"]` or a full-width
// six is a code after all, or a crash. Nothing but six ASCII digits, with spaces and hyphens between, is compared.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalizeDigits } from '#core/one-time-code.ts';
import { askedElsewhere, enrolledPerson, formAt, newPerson, questionOn } from '../support/person.ts';
import { changesSince, onEachEngine, password } from '../support/service-under-test.ts';
import { codeCounterOf, tallyOf } from './tally.ts';

/** Each is made from the right code, so that whatever is converted kindly gets in. */
const disguises: Readonly<Record<string, (code: string) => string>> = {
  nothing: () => '',
  'full-width digits': (code) => digitsFrom(code, 0xff10),
  'Arabic-Indic digits': (code) => digitsFrom(code, 0x0660),
  'Devanagari digits': (code) => digitsFrom(code, 0x0966),
  'mathematical digits': (code) => digitsFrom(code, 0x1d7d8),
  'a sign': (code) => `+${code}`,
  'a fraction': (code) => `${code}.0`,
  'an exponent': (code) => `${code}e0`,
  hexadecimal: (code) => `0x${Number(code).toString(16)}`,
  'another zero in front': (code) => `0${code}`,
  'a digit less': (code) => code.slice(1),
  'a NUL after it': (code) => `${code}\0`,
  'a NUL within': (code) => `${code.slice(0, 3)}\0${code.slice(3)}`,
  'a line end after it': (code) => `${code}\r\n`,
  'a tab within': (code) => `${code.slice(0, 3)}\t${code.slice(3)}`,
  'a no-break space within': (code) => `${code.slice(0, 3)}\u00a0${code.slice(3)}`,
  'a zero-width space within': (code) => `${code.slice(0, 3)}\u200b${code.slice(3)}`,
  'a wide hyphen within': (code) => `${code.slice(0, 3)}‐${code.slice(3)}`,
  'the code twice': (code) => code + code,
  'a list': (code) => `["${code}"]`,
  'an object': (code) => `{"code":"${code}"}`,
  'quotation marks': (code) => `"${code}"`,
  null: () => 'null',
  undefined: () => 'undefined',
  'ten thousand characters': (code) => code.padEnd(10_000, ' '),
};

onEachEngine('A13 odd input', (running) => {
  test('a code in disguise is no code: nothing is compared or counted', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'disguises');
    const url = formAt(await askedElsewhere(person), 'code');
    const before = await service.tables();
    for (const [name, disguise] of Object.entries(disguises)) {
      const { status } = await person.browser.post(url, { code: disguise(person.code()) });
      assert.equal(status, 422, name);
    }
    const { browser } = person;
    assert.equal((await browser.post(url, { 'code[]': person.code() })).status, 422);
    assert.equal((await browser.post(url, { CODE: person.code() })).status, 422);
    assert.deepEqual(await changesSince(service, before), []);
  });

  test('whatever is typed, only what reads as six digits is compared', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'typed');
    const digitsAndSuch = fc.string({ unit: fc.constantFrom(...'0123456789 -+.eE٣３\0\n'), maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(digitsAndSuch, fc.string({ unit: 'binary', maxLength: 40 })),
        async (code) => {
          fc.pre(normalizeDigits(code.toWellFormed(), 6) === undefined);
          const url = formAt(await askedElsewhere(person), 'code');
          const { status } = await person.browser.post(url, { code: code.toWellFormed() });
          assert.equal(status, 422);
          assert.equal(await codeCounterOf(service, person), 0);
        },
      ),
      { numRuns: 40 },
    );
    assert.equal((await tallyOf(service, person)).evaluated, 0);
  });

  test('spaces and hyphens are how people write codes', async () => {
    const person = await enrolledPerson(running(), 'written');
    const code = person.freshCode();
    const written = ` ${code.slice(0, 3)} - ${code.slice(3)} `;
    assert.equal(questionOn(await person.giveCode(await askedElsewhere(person), written)), 'done');
  });

  test('a name or password that cannot be one is refused before anything is compared or counted', async () => {
    const service = running();
    const person = await newPerson(service, 'names');
    const url = formAt(await person.open(), 'password');
    const before = await service.tables();
    const comparisons = service.comparisons();
    const { username } = person;
    const forms: Record<string, string>[] = [
      {},
      { username },
      { password },
      { username, password: '' },
      { username: '', password },
      { username: ' \u3000 ', password },
      { username: `${username}\0`, password },
      { username: `\u202e${username}`, password },
      { username: `na\u200bmes@proef.test`, password },
      { username: `${username}\r\nx`, password },
      { username: 'x'.repeat(255), password },
      { username: '\ufdfa'.repeat(20), password },
      { username, password: 'x'.repeat(1025) },
      { 'username[]': username, 'password[]': password },
      { username: '', 'username[toString]': username, password },
    ];
    for (const form of forms) {
      assert.equal((await person.browser.post(url, form)).status, 422, JSON.stringify(form).slice(0, 200));
    }
    assert.equal(service.comparisons(), comparisons);
    assert.deepEqual(await changesSince(service, before), []);
  });
});

function digitsFrom(code: string, zero: number): string {
  return [...code].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
}
