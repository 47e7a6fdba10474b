// What an application demands (F6): `required` asks everybody, `optional` asks who has a method, `none` asks nobody, not
// even who has one. One session serves several applications, and never more of them than its proofs are good for.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enrolledPerson, newPerson, type Person, type Question, questionOn } from '../support/person.ts';
import { onEachEngine } from '../support/service-under-test.ts';
import { connectPanel, leftFor, type Panel } from './panel.ts';

const password = ['pwd'];
const both = ['pwd', 'otp', 'mfa'];

onEachEngine('what an application demands', (running) => {
  test('required: whoever never had a method sets one up, whoever has one is asked for it', async () => {
    const panel = await connectPanel(running(), 'required');
    assert.deepEqual(await way(panel, await newPerson(running(), 'required-new')), {
      asked: ['password', 'set-up', 'backup', 'keep-codes'],
      amr: both,
    });
    assert.deepEqual(await way(panel, await enrolledPerson(running(), 'required-known')), {
      asked: ['password', 'code'],
      amr: both,
    });
  });

  test('optional: only whoever has a method is asked for it', async () => {
    const panel = await connectPanel(running(), 'optional', 'optional');
    assert.deepEqual(await way(panel, await newPerson(running(), 'optional-new')), {
      asked: ['password'],
      amr: password,
    });
    assert.deepEqual(await way(panel, await enrolledPerson(running(), 'optional-known')), {
      asked: ['password', 'code'],
      amr: both,
    });
  });

  test('none: nobody is asked, not even whoever has a method', async () => {
    const panel = await connectPanel(running(), 'none', 'none');
    for (const person of [
      await newPerson(running(), 'none-new'),
      await enrolledPerson(running(), 'none-known'),
    ]) {
      assert.deepEqual(await way(panel, person), { asked: ['password'], amr: password });
    }
  });

  test('the session of a sign-in with both proofs opens every application without a question', async () => {
    const person = await enrolledPerson(running(), 'opens');
    const first = await connectPanel(running(), 'opens-first');
    await way(first, person);
    for (const demand of ['required', 'optional', 'none'] as const) {
      const panel = await connectPanel(running(), `opens-${demand}`, demand);
      assert.deepEqual(await way(panel, person), { asked: [], amr: both });
    }
  });

  test('the session of an application without demand does not open one that requires, nor one that has a choice', async () => {
    for (const demand of ['required', 'optional'] as const) {
      const person = await enrolledPerson(running(), `does-not-open-${demand}`);
      const easy = await connectPanel(running(), `easy-before-${demand}`, 'none');
      await way(easy, person);
      const panel = await connectPanel(running(), `after-easy-${demand}`, demand);
      const { asked, amr } = await way(panel, person);
      assert.ok(asked.includes('code'), `${demand} asked only ${asked}`);
      assert.deepEqual(amr, both);
    }
  });

  test('nor does it count as a second factor in our own pages', async () => {
    const person = await enrolledPerson(running(), 'own-pages');
    await way(await connectPanel(running(), 'easy-before-own', 'none'), person);
    assert.equal(questionOn(await person.open()), 'password');
  });
});

/** Signs in; gives what was asked on the way and what the panel was told of it. */
async function way(
  panel: Panel,
  person: Person,
): Promise<{ readonly asked: readonly Question[]; readonly amr: unknown }> {
  const begun = await panel.begin();
  const asked: Question[] = [];
  let page = await person.open(begun.url);
  while (page.location === undefined) {
    const question = questionOn(page);
    if (question === undefined) throw new Error(`no question: ${page.text}`);
    asked.push(question);
    page = await person.answer(page);
  }
  const tokens = await panel.finish(begun, leftFor(page));
  return { asked, amr: tokens.claims()?.['amr'] };
}
