// What a copy of the database is worth (security.md 5.5): nothing that could be presented. Every identifier that went
// over the wire in a whole sign-in (cookies, codes, tokens, the addresses of interactions) is looked for in every table.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enrolledPerson, questionOn } from '../support/person.ts';
import { onEachEngine } from '../support/service-under-test.ts';
import { answerIn, connectPanel, leftFor } from './panel.ts';

onEachEngine('stored documents', (running) => {
  test('no identifier that opens something is stored as it is, at any moment of a sign-in', async () => {
    const service = running();
    const panel = await connectPanel(service, 'stored');
    const person = await enrolledPerson(service, 'stored');
    const found = new Set<string>();
    const presented = new Map<string, string>([['client secret', panel.clientSecret]]);
    watchWire(person, (name, value) => presented.set(`${name} ${presented.size}`, value));

    const begun = await panel.begin();
    const asked = await person.givePassword(await person.open(begun.url));
    await lookEverywhere();
    const answer = await person.giveCode(asked);
    presented.set('authorization code', answerIn(answer).get('code') ?? '');
    await lookEverywhere();
    const tokens = await panel.finish(begun, leftFor(answer));
    presented.set('access token', tokens.access_token);
    presented.set('ID token', tokens.id_token ?? '');
    await lookEverywhere();
    const signOut = await person.open(panel.signOutUrl(tokens));
    assert.equal(questionOn(signOut), undefined);
    await lookEverywhere();

    assert.deepEqual([...found], []);

    async function lookEverywhere(): Promise<void> {
      assert.ok(presented.size >= 3, 'nothing was seen on the wire');
      for (const [table, rows] of Object.entries(await service.tables())) {
        for (const [name, value] of presented) {
          const holding = rows.filter((row) => row.includes(value));
          for (const row of holding) found.add(`${name} in ${table} ${nameOfPlace(row, value)}`);
        }
      }
    }
  });

  test('what carries a session is gone with it, whoever asks for it by whichever name', async () => {
    const service = running();
    const panel = await connectPanel(service, 'gone');
    const person = await enrolledPerson(service, 'gone');
    const tokens = await panel.signIn(person);
    const carried = await service.rows(`select model from oidc_documents where session_id is not null`);
    const models = new Set(carried.map((row) => row['model']));
    for (const model of ['Session', 'AuthorizationCode', 'AccessToken', 'Grant']) {
      assert.ok(models.has(model), `${model} does not carry its session`);
    }
    await service.write('update sessions set ended_at_ms = 1');
    await assert.rejects(panel.userInfo(tokens));
  });
});

/** Every cookie the service sets, and every interaction it sends a browser to. */
function watchWire(
  person: Awaited<ReturnType<typeof enrolledPerson>>,
  see: (name: string, value: string) => void,
): void {
  const { browser } = person;
  const send = browser.send.bind(browser);
  browser.send = async (url, init) => {
    const answer = await send(url, init);
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value !== '') see(name, value);
    }
    return answer;
  };
}

/** Which column, and which member in it, holds a value. */
function nameOfPlace(row: string, value: string): string {
  const columns = Object.entries(JSON.parse(row) as Record<string, unknown>);
  const places = columns
    .filter(([, text]) => String(text).includes(value))
    .map(([column, text]) => {
      const member = new RegExp(`"(\\w+)":"[^"]*${value}`).exec(String(text))?.[1];
      return member === undefined ? column : `${column}.${member}`;
    });
  return `${String(columns.find(([column]) => column === 'model')?.[1] ?? '')} ${places.join(', ')}`;
}
