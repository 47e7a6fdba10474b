// Three replicas of the service on one PostgreSQL. Everything that is good for once is submitted very often at the same
// moment over all of them, and succeeds exactly once; and when one of them is killed, the others go on with what was
// under way, whichever of them gets the next request.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { Chance, firstSeed, isLong } from '../support/chance.ts';
import { engines } from '../support/each-engine.ts';
import { formAt, keyOn, type Person, questionOn } from '../support/person.ts';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts';
import { password } from '../support/service-under-test.ts';
import { WebClient } from '../support/web-client.ts';
import { brokenRules } from './invariants.ts';
import { Volley } from './volley.ts';
import { type FaultWorld, openFaultWorld } from './world.ts';

const submissions = isLong ? 1_000_000 : 10_000;
const times = isLong ? 400 : 120;
/** Things that are good for once in the two courses together. */
const thingsOfCourses = 6;
const courses = Math.ceil(submissions / times / thingsOfCourses);
const perReplica = 10;
const replicas = 3;
const kills = isLong ? 200 : 4;
const signInsAtKill = 6;

describe('three replicas', { skip: !engines.includes('postgres') }, () => {
  let world: FaultWorld;
  let services: ServiceProcess[] = [];
  const chance = new Chance(firstSeed());

  before(async () => {
    world = await openFaultWorld('postgres', {
      fresh: courses,
      enrolled: courses + kills * signInsAtKill,
    });
    services = await Promise.all(Array.from({ length: replicas }, start));
    world.front.to(...services.map(({ port }) => port));
  });
  after(async () => {
    await Promise.all(services.map((one) => one.kill()));
    await world?.close();
  });

  function start(): Promise<ServiceProcess> {
    return startServiceProcess({ environment: world.environment });
  }

  /** Somebody in a browser whose every request goes to the next replica. */
  function next(people: Person[]): Person {
    const person = people.pop();
    assert.ok(person, 'there are people left');
    person.browser = new WebClient({ connection: 'close' });
    return person;
  }

  async function count(event: string, { accountId }: Person): Promise<number> {
    const rows = await world.look((raw) =>
      raw.rows('select id from audit_leaves where account_id = $1 and event = $2', accountId, event),
    );
    return rows.length;
  }

  test(`${submissions} submissions of what is good for once`, { timeout: 60 * 60_000 }, async (context) => {
    const volley = new Volley(
      services.map(({ port }) => port),
      perReplica,
    );
    for (let course = 0; course < courses; course += 1) {
      await signInCourse(volley, next(world.enrolled));
      await setUpCourse(volley, next(world.fresh));
    }
    volley.close();
    const perSecond = Math.round((volley.sent / volley.tookMs) * 1000);
    context.diagnostic(`${volley.sent} submissions, ${perSecond} a second`);
    assert.ok(volley.sent >= submissions);
    assert.deepEqual(await world.look((raw) => brokenRules(raw, { racing: true })), []);
  });

  /** Password, code of an app, authorization code. */
  async function signInCourse(volley: Volley, person: Person): Promise<void> {
    const { browser, username } = person;
    const page = await person.open();
    const fields = { username, password };
    await volley.fire({ url: formAt(page, 'password'), fields, browser }, times);
    assert.equal(await count('password.accepted', person), 2, 'once before, and once now');

    const replies = await volley.fire(
      { url: formAt(page, 'code'), fields: { code: person.code() }, browser },
      times,
    );
    const cookies = sessionsIn(replies);
    assert.equal(cookies.length, 1, 'one session');
    assert.equal(await count('factor.accepted', person), 1);
    browser.setCookie(world.origin, 'secondring-session', cookies[0] ?? '');

    const { code, verifier } = await authorizationCode(browser);
    const { clientId, clientSecret, url } = world.panel;
    const tokens = await volley.fire(
      {
        url: `${world.origin}/oidc/token`,
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        fields: {
          ...{ grant_type: 'authorization_code', code, redirect_uri: `${url}/callback` },
          code_verifier: verifier,
        },
      },
      times,
    );
    assert.equal(tokens.filter(({ status }) => status === 200).length, 1, 'one token');
    assert.ok(tokens.every(({ status }) => [200, 400].includes(status)));
  }

  /** First code of an app, the word that the paper is kept, a code from the paper. */
  async function setUpCourse(volley: Volley, person: Person): Promise<void> {
    const page = await person.givePassword(await person.open());
    const { browser } = person;
    person.totpKey = keyOn(page);
    const code = person.code();
    await volley.fire({ url: formAt(page, 'authenticator-app'), fields: { code }, browser }, times);
    assert.equal(await count('authenticator.bound', person), 1);

    await person.takeRecoveryCodes(await person.open(page.url));
    const kept = await volley.fire({ url: formAt(page, 'backup'), fields: { kept: 'yes' }, browser }, times);
    assert.equal(sessionsIn(kept).length, 1, 'one session');

    person.browser = new WebClient({ connection: 'close' });
    const asked = await person.givePassword(await person.open());
    const authenticator = /name="authenticator" value="([^"]+)"/.exec(asked.text)?.[1] ?? '';
    const paper = await person.submit(asked, '/method', { authenticator });
    const replies = await volley.fire(
      {
        url: formAt(paper, 'code'),
        fields: { code: person.nextRecoveryCode() },
        browser: person.browser,
      },
      times,
    );
    assert.equal(sessionsIn(replies).length, 1, 'one session');
    assert.equal(await count('sign-in.succeeded', person), 2);
  }

  async function authorizationCode(browser: WebClient): Promise<{ code: string; verifier: string }> {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      ...{ client_id: world.panel.clientId, response_type: 'code', scope: 'openid', state: 'x' },
      redirect_uri: `${world.panel.url}/callback`,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const first = await browser.get(`${world.origin}/oidc/authorize?${query}`);
    const last = await browser.follow(first, world.origin);
    const code = new URL(last.location ?? world.origin).searchParams.get('code');
    assert.ok(code, `${last.status} ${last.location} ${last.text}`);
    return { code, verifier };
  }

  test(`one of three killed, ${kills} times, while people sign in over all of them`, async () => {
    for (let killed = 0; killed < kills; killed += 1) {
      const victim = chance.below(replicas);
      const people = Array.from({ length: signInsAtKill }, () => next(world.enrolled));
      const signingIn = people.map(async (person) => {
        let lost = 0;
        const onceMore = (url?: string) => {
          lost += 1;
          return person.open(url);
        };
        let page = await person.open().catch(() => onceMore());
        for (let steps = 0; steps < 4 && questionOn(page) !== 'done'; steps += 1) {
          // What the killed one was answering just then is sent once more; everything else just works.
          const answered =
            questionOn(page) === 'code' ? person.giveCode(page, person.code()) : person.answer(page);
          page = await answered.catch(() => onceMore(page.url));
        }
        return { page, lost };
      });
      await new Promise((resolve) => setTimeout(resolve, chance.below(150)));
      await services[victim]?.kill();
      for (const { page, lost } of await Promise.all(signingIn)) {
        assert.equal(questionOn(page) === 'done' || lost > 0, true, `${page.status}, seed ${chance.seed}`);
        assert.ok(lost <= 1, `at most what was under way is lost, seed ${chance.seed}`);
      }
      services[victim] = await start();
      world.front.to(...services.map(({ port }) => port));
    }
    assert.deepEqual(await world.look((raw) => brokenRules(raw, { racing: true })), []);
  });
});

function sessionsIn(replies: readonly { readonly cookies: readonly string[] }[]): readonly string[] {
  return replies
    .flatMap(({ cookies }) => cookies)
    .filter((cookie) => cookie.startsWith('secondring-session='))
    .map((cookie) => cookie.slice('secondring-session='.length));
}
