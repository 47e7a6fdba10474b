// Every other test here watches its pages for breaches of the content security policy, requests to elsewhere, missing
// headers and open cookies. This one shows that the watching sees them, and looks at the answers that no walk gets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchChromium } from '#test/support/browser.ts';
import { type Demo, startDemo } from '#test/support/demo-process.ts';
import { press, startAtPanel } from './walk.ts';
import { type Answer, faultsOfHeaders, watch } from './watch.ts';

let demo: Demo;
let browser: Browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const elsewhere = 'http://127.0.0.1:9/picture.png';

/** What an attacker would have a page do. */
const plants = [
  { planted: 'a picture from elsewhere', does: `document.createElement('img').src = '${elsewhere}'` },
  { planted: 'a request to elsewhere', does: `fetch('${elsewhere}').catch(() => {})` },
  { planted: 'markup as text', does: `document.body.innerHTML = '<b>x</b>'` },
  {
    planted: 'a script in the page',
    does: `document.body.append(Object.assign(document.createElement('script'), { innerText: '1' }))`,
  },
  {
    planted: 'a form to elsewhere',
    does: `const form = document.forms[0]; form.action = '${elsewhere}'; form.submit()`,
  },
  {
    planted: 'a style in the page',
    does: `document.body.append(Object.assign(document.createElement('style'), { textContent: 'p{}' }))`,
  },
  { planted: 'a style on an element', does: `document.body.setAttribute('style', 'color: red')` },
  {
    planted: 'a base for all links',
    does: `document.head.append(Object.assign(document.createElement('base'), { href: '${elsewhere}' }))`,
  },
];

// Attack B21: somebody gets markup into a page. Whatever it is, it must not run, load, or send anything anywhere.
test('what is planted in a page does nothing, and is noticed', async (t) => {
  const context = await browser.newContext();
  try {
    const watched = await watch(context, demo);
    const page = await context.newPage();
    for (const { planted, does } of plants) {
      await t.test(planted, async () => {
        await page.goto(`${demo.serviceUrl}/sign-in`);
        const before = (await watched.complaints()).length;
        const noticed = context.waitForEvent('console', (message) =>
          message.text().startsWith('policy violated'),
        );
        // Trusted types refuse by throwing.
        await page.evaluate(`try { ${does} } catch {}`);
        await noticed;
        assert.ok((await watched.complaints()).length > before);
        assert.ok(page.url().startsWith(demo.serviceUrl));
      });
    }
  } finally {
    await context.close();
  }
});

// Attack B13: the page in an invisible frame of another site, under a button that looks like something else.
test('no page can be framed by another origin', async () => {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(demo.panelUrl);
    const refused = page.waitForEvent('console', (message) =>
      /frame-ancestors|X-Frame-Options/i.test(message.text()),
    );
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('iframe'), { src: '${demo.serviceUrl}/sign-in' }))`,
    );
    await refused;
  } finally {
    await context.close();
  }
});

test('a missing or looser header is noticed, each of them', async () => {
  const answer = await ask({ path: '/signed-out' });
  const isNoticed = (headers: Answer['headers']) => faultsOfHeaders({ ...answer, headers }, demo).length > 0;
  assert.equal(isNoticed(answer.headers), false);
  const besides = /^(date|connection|keep-alive|transfer-encoding|content-(length|type)|vary)$/i;
  const ours = answer.headers.filter(({ name }) => !besides.test(name));
  assert.ok(ours.length >= 8, JSON.stringify(ours));
  for (const header of ours) {
    assert.ok(isNoticed(answer.headers.filter((one) => one !== header)), header.name);
  }
  for (const [from, to] of [
    [/script-src 'self'/, "script-src 'self' 'unsafe-inline'"],
    [/form-action 'self'/, "form-action 'self' https:"],
    [/; base-uri 'none'/, ''],
    [/no-store/, 'private'],
  ] as const) {
    const loosened = answer.headers.map(({ name, value }) => ({ name, value: value.replace(from, to) }));
    assert.ok(isNoticed(loosened), to);
  }
  for (const cookie of ['a=1; SameSite=Lax', 'a=1; HttpOnly', 'a=1; HttpOnly; SameSite=None']) {
    assert.ok(isNoticed([...answer.headers, { name: 'set-cookie', value: cookie }]), cookie);
  }
});

/** A service that does not answer at all is found, too. */
const answerWithinMs = 10_000;

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function ask({ path, method = 'GET', headers = {}, body = '' }: Asked): Promise<Answer> {
  const signal = AbortSignal.timeout(answerWithinMs);
  const asking = request(demo.serviceUrl, { path, method, headers, signal });
  asking.end(body);
  const [answer] = await once(asking, 'response');
  answer.resume();
  const { rawHeaders, statusCode } = answer;
  const pairs = rawHeaders.flatMap((name: string, index: number) =>
    index % 2 === 0 ? [{ name, value: rawHeaders[index + 1] }] : [],
  );
  return { path: path.split('?', 1)[0] ?? '', status: statusCode, headers: pairs };
}

const form = 'application/x-www-form-urlencoded';

test('answers that nobody walks to have all headers, too', async (t) => {
  const own = { origin: demo.serviceUrl, 'content-type': form };
  const refused: readonly (Asked & { readonly status: number })[] = [
    { path: '/', status: 303 },
    { path: '/nothing', status: 404 },
    { path: '/assets/nothing.css', status: 404 },
    { path: '/sign-in/unknown', status: 403 },
    { path: '/sign-in/unknown/code', status: 303 },
    { path: '/sign-out', status: 405 },
    { path: '/sign-in', method: 'DELETE', status: 405 },
    { path: '/sign-in', headers: { host: 'elsewhere.example' }, status: 421 },
    { path: '/sign-out', method: 'POST', headers: { 'content-type': form }, status: 403 },
    {
      path: '/sign-out',
      method: 'POST',
      headers: { ...own, origin: 'https://elsewhere.example' },
      status: 403,
    },
    {
      path: '/sign-out',
      method: 'POST',
      headers: { ...own, 'content-type': 'text/plain' },
      body: 'a',
      status: 400,
    },
    { path: '/sign-out', method: 'POST', headers: own, body: `a=${'a'.repeat(20_000)}`, status: 413 },
    { path: '/sign-out', method: 'POST', headers: own, status: 303 },
    { path: '/oidc/authorize', status: 400 },
    { path: '/oidc/authorize?client_id=unknown', status: 400 },
    { path: '/oidc/interaction/unknown', status: 403 },
    { path: '/oidc/sign-out', status: 303 },
    { path: '/oidc/nothing', status: 404 },
    { path: '/oidc/token', method: 'POST', headers: { 'content-type': form }, status: 400 },
    { path: '/oidc/userinfo', status: 401 },
  ];
  for (const { status, ...asked } of refused) {
    const headers = Object.entries(asked.headers ?? {}).map(
      ([name, value]) => ` ${name}: ${value.slice(0, 30)}`,
    );
    await t.test(`${status} ${asked.method ?? 'GET'} ${asked.path}${headers}`, async () => {
      const answer = await ask(asked);
      assert.equal(answer.status, status);
      assert.deepEqual(faultsOfHeaders(answer, demo), []);
    });
  }
});

test('a form sent by a page of another origin does nothing', async () => {
  const context = await browser.newContext({ locale: 'en-GB' });
  try {
    const page = await context.newPage();
    await startAtPanel({ demo, context, page, watched: await watch(context, demo) });
    await page.goto(demo.panelUrl);
    const to = `${demo.serviceUrl}/sign-out`;
    await page.evaluate(`document.querySelector('form').action = '${to}'`);
    await press(page, '/sign-out');
    assert.equal(await page.locator('h1').innerText(), 'We could not process this');
  } finally {
    await context.close();
  }
});
