/**
 * Every page in every state and every language: well-formed, labelled, escaped, within the content security
 * policy and small. How pages look and behave in a browser is tested in a browser.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import QRCode from 'qrcode';
import type { Html, PageContext } from './layout.ts';
import { chooseLanguage, languages, messagesFor } from './messages/messages.ts';
import { backupPage } from './pages/backup-page.ts';
import { codePage } from './pages/code-page.ts';
import { continuePage } from './pages/continue-page.ts';
import { donePage } from './pages/done-page.ts';
import { type ErrorPageCode, errorPage } from './pages/error-page.ts';
import { forgotPasswordPage, noMailPage, resetAskedPage } from './pages/forgot-password-page.ts';
import { newPasswordPage, passwordChosenPage, voidLinkPage } from './pages/new-password-page.ts';
import { recoveryCodePage } from './pages/recovery-code-page.ts';
import { recoveryCodesPage } from './pages/recovery-codes-page.ts';
import { setUpTotpPage } from './pages/set-up-totp-page.ts';
import { signInPage } from './pages/sign-in-page.ts';
import { signedOutPage, signOutPage } from './pages/sign-out-page.ts';
import { staffPage } from './pages/staff-page.ts';
import { squeezeCss, squeezeScript } from './squeeze.ts';

const hostile = `<script>alert(1)</script>"'&\`</title><img src=x onerror=alert(1)>`;
const action = '/sign-in/1f3b8a5e6c7d';
const key = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const atMs = Date.UTC(2025, 10, 22, 8, 26);
const errors = ['wrong-code', 'malformed', 'too-many', { code: 'wait', seconds: 90 }] as const;

/** Every page in every state, with a given text wherever a person or a company can put one. */
const statesWith = (text: string): Record<string, (page: PageContext) => Html> => {
  const method = { label: text, hint: text, action, id: text };
  const wayOut = { username: text, notYouAction: action };
  const code = { action, methodLabel: text, others: [method, method], ...wayOut };
  const recovery = { action, others: [method], ...wayOut };
  const setUp = {
    action,
    secondsLeft: 599,
    keyText: key,
    keyUri: `otpauth://totp/${text}?secret=${key}`,
    ...wayOut,
  };
  const signIn = { action, applicationName: text, forgotHref: '/forgot-password' };
  const staff = { action, role: 'agent', nowMs: atMs, signOutAction: action } as const;
  const person = {
    account: {
      ...{ id: text, companyId: text, username: text, status: 'active' as const, arrangement: 1 },
      ...{ mustChangePassword: false, passwordRevision: 0 },
    },
    company: { id: text, name: text, authenticatorAppsPerAccount: 1 },
    methods: [
      {
        ...{ id: text, accountId: text, companyId: text, kind: 'totp' as const, label: text, position: 1 },
        ...{ boundAtMs: atMs, lastUsedAtMs: atMs, unusedCodes: 3, keptAtMs: atMs },
      },
    ],
    codes: { state: 'waits', count: 5, untilMs: atMs + 5000 },
    recoveryCodes: { state: 'open', count: 1 },
    sessions: 2,
    lines: [{ atMs, event: 'factor.accepted', facts: { kind: text } }],
  } as const;
  const states: Record<string, (page: PageContext) => Html> = {
    'sign-in': (page) => signInPage(page, signIn),
    'sign-in again': (page) => signInPage(page, { ...signIn, username: text, error: 'wrong-credentials' }),
    'sign-in busy': (page) => signInPage(page, { ...signIn, username: text, error: 'busy' }),
    'sign-in wait': (page) =>
      signInPage(page, { ...signIn, username: text, error: { code: 'wait', seconds: 5 } }),
    'forgot password': (page) => forgotPasswordPage(page, { action, backHref: '/sign-in' }),
    'forgot password malformed': (page) =>
      forgotPasswordPage(page, { action, backHref: '/sign-in', username: text, error: 'malformed' }),
    'forgot password wait': (page) =>
      forgotPasswordPage(page, { action, backHref: '/sign-in', error: { code: 'wait', seconds: 5 } }),
    'reset asked': (page) => resetAskedPage(page, { backHref: '/sign-in' }),
    'no mail': (page) => noMailPage(page, { backHref: '/sign-in' }),
    'new password': (page) => newPasswordPage(page, { action, username: text, isDemanded: false }),
    'new password demanded': (page) =>
      newPasswordPage(page, {
        action,
        username: text,
        isDemanded: true,
        error: 'common',
        notYouAction: action,
      }),
    'password chosen': (page) => passwordChosenPage(page, { startHref: '/sign-in' }),
    'void link': (page) => voidLinkPage(page, { askHref: '/forgot-password' }),
    code: (page) => codePage(page, code),
    'code locked': (page) => codePage(page, { ...code, locked: true }),
    'code locked with a recovery code': (page) =>
      codePage(page, { ...code, locked: true, helps: 'recovery-code' }),
    'code without others': (page) => codePage(page, { ...code, others: [], locked: true }),
    'recovery code': (page) => recoveryCodePage(page, recovery),
    'recovery code locked': (page) => recoveryCodePage(page, { ...recovery, locked: true }),
    'set up': (page) => setUpTotpPage(page, setUp),
    backup: (page) => backupPage(page, { action, username: text }),
    'recovery codes': (page) =>
      recoveryCodesPage(page, {
        codes: Array.from({ length: 10 }, (_, index) => `7K-4QZM-0T8V-XN2P-9RD${index}`),
        continueAction: action,
        username: text,
        createdAtMs: atMs,
      }),
    done: (page) =>
      donePage(page, {
        username: text,
        applicationName: text,
        atMs,
        methodLabel: text,
        applications: [{ name: text, url: 'https://panel.example/?a=1&b="2"' }],
        signOutAction: action,
      }),
    'done with a recovery code': (page) =>
      donePage(page, {
        username: text,
        atMs,
        methodLabel: text,
        isWithoutPhone: true,
        applications: [],
        signOutAction: action,
      }),
    continue: (page) => continuePage(page, { action, applicationName: text }),
    'sign out': (page) =>
      signOutPage(page, {
        action,
        fields: [{ name: text, value: text }],
        applicationName: text,
        stayHref: '/',
      }),
    'staff, nobody looked up': (page) => staffPage(page, staff),
    'staff, nobody found': (page) =>
      staffPage(page, { ...staff, sought: { username: text, person: undefined } }),
    'staff, somebody found': (page) => staffPage(page, { ...staff, sought: { username: text, person } }),
    'staff, somebody without methods': (page) =>
      staffPage(page, {
        ...staff,
        sought: {
          username: text,
          person: { ...person, codes: { state: 'locked', count: 20 }, methods: [], lines: [] },
        },
      }),
    'signed out': (page) => signedOutPage(page, { startHref: '/sign-in' }),
  };
  for (const error of errors) {
    const name = typeof error === 'string' ? error : error.code;
    states[`code ${name}`] = (page) => codePage(page, { ...code, error, retryAction: action });
    states[`recovery code ${name}`] = (page) =>
      recoveryCodePage(page, { ...recovery, error, retryAction: action });
    states[`set up ${name}`] = (page) => setUpTotpPage(page, { ...setUp, error, retryAction: action });
  }
  for (const name of Object.keys(messagesFor('en').errors)) {
    states[`error ${name}`] = (page) =>
      errorPage(page, {
        code: name as ErrorPageCode,
        incidentId: text,
        detail: text,
        seconds: 30,
        againHref: action,
        beginHref: '/sign-in',
        ...(name === 'no-method-left' && { who: wayOut }),
      });
  }
  return states;
};

const contextWith = (language: PageContext['language'], providerName: string): PageContext => ({
  language,
  providerName,
  path: action,
  assets: {
    css: '/assets/secondring.0123456789ab.css',
    script: '/assets/sign-in.0123456789ab.js',
    icon: '/assets/icon.svg',
  },
});

const render = (page: Html): string => {
  assert.ok(!(page instanceof Promise), 'pages are made without waiting for anything');
  return page.toString();
};

/** Every page with an ordinary name, in every language. */
const ordinaryPages = function* () {
  for (const language of languages) {
    const context = contextWith(language, 'Noordtel');
    for (const [name, state] of Object.entries(statesWith('anna@bakkerij.example'))) {
      yield { name: `${name} (${language})`, language, text: render(state(context)) };
    }
  }
};

/** Errors whose cause nothing on our own pages can take away. */
const helpedElsewhere = ['misdirected', 'application-refused', 'account-disabled'];

const voidElements = new Set(['meta', 'link', 'input', 'path']);
const attributePattern = /\s+([a-z][a-z-]*)(?:=(?:"([^"<]*)"|([a-z]+)))?/gi;
const tagPattern = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:=(?:"[^"<]*"|[a-z]+))?)*)\s*\/?>/gi;

type Element = { name: string; attributes: Map<string, string> };

/**
 * Reads a page as strictly as we write it: every element closed in order, no attribute twice, nothing left
 * over.
 */
const read = (page: string): Element[] => {
  const elements: Element[] = [];
  const open: string[] = [];
  const rest = page.replace('<!doctype html>', '').replaceAll(tagPattern, (_tag, slash, name, attributes) => {
    if (slash === '/') {
      assert.equal(open.pop(), name);
      return '';
    }
    if (!voidElements.has(name)) open.push(name);
    const read = new Map<string, string>();
    for (const [, attribute = '', quoted, bare] of attributes.matchAll(attributePattern)) {
      assert.ok(!read.has(attribute), `${name} has ${attribute} twice`);
      read.set(attribute, quoted ?? bare ?? '');
    }
    elements.push({ name, attributes: read });
    return '';
  });
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest, /[<>]/);
  return elements;
};

const asset = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const css = squeezeCss(asset('./css/secondring.css'));
const script = squeezeScript(stripTypeScriptTypes(asset('../../../web/client/sign-in.ts')));

describe('every page', () => {
  it('is well formed, says its language and has one heading and unique ids', () => {
    for (const { name, language, text } of ordinaryPages()) {
      const elements = read(text);
      const ids = elements.flatMap(({ attributes }) => attributes.get('id') ?? []);
      assert.equal(new Set(ids).size, ids.length, name);
      assert.equal(elements.filter((element) => element.name === 'h1').length, 1, name);
      assert.equal(elements.find((element) => element.name === 'html')?.attributes.get('lang'), language);
      for (const { attributes } of elements) {
        for (const id of attributes.get('aria-describedby')?.split(' ') ?? [])
          assert.ok(ids.includes(id), name);
      }
    }
  });

  it('keeps to the content security policy: nothing inline, nothing from elsewhere', () => {
    for (const { name, text } of ordinaryPages()) {
      assert.doesNotMatch(text, /<style|\sstyle=|\son[a-z]+=|javascript:|src="data:/i, name);
      if (name.startsWith('error misdirected')) continue;
      assert.deepEqual(text.match(/<script[^>]*>[^<]*/g)?.length, 1, name);
      assert.match(text, /<script type="module" src="[^"]+"><\/script>/, name);
    }
  });

  it('has a label for each field', () => {
    for (const { name, text } of ordinaryPages()) {
      for (const { name: element, attributes } of read(text)) {
        if (element !== 'input' || attributes.get('type') === 'hidden') continue;
        const id = attributes.get('id');
        const isLabelled =
          id === undefined ? /<label[^>]*><input/.test(text) : text.includes(`<label for="${id}">`);
        assert.ok(isLabelled, `${name}: ${attributes.get('name')}`);
      }
    }
  });

  it('sends only by post and has a way on', () => {
    for (const { name, text } of ordinaryPages()) {
      const forms = read(text).filter((element) => element.name === 'form');
      for (const { attributes } of forms) {
        assert.equal(attributes.get('method'), 'post', name);
        assert.equal(attributes.get('action'), action, name);
      }
      if (helpedElsewhere.some((code) => name.startsWith(`error ${code} `))) continue;
      const isLed = /<a class="(primary|secondary)" href="/.test(text) || text.includes('href="/sign-in"');
      assert.ok(forms.length > 0 || isLed, name);
    }
  });

  it('has a button for an error only where one helps, and it does what the text says', () => {
    const promises = {
      en: { again: /\btry again\b/i, begin: /\bstart again\b/i },
      nl: {
        again: /\bprobeer het\b.*\b(opnieuw|nog eens)\b|\bopnieuw proberen\b/i,
        begin: /\bbegin opnieuw\b/i,
      },
    };
    const seen = { again: 0, begin: 0, none: 0 };
    for (const { name, language, text } of ordinaryPages()) {
      if (!name.startsWith('error ')) continue;
      const { tryAgain, errorPage: labels } = messagesFor(language);
      const [, href, label] = text.match(/<a class="primary" href="([^"]*)">([^<]*)<\/a>/) ?? [];
      const isNone = [...helpedElsewhere, 'no-method-left'].some((code) => name.startsWith(`error ${code} `));
      assert.equal(href === undefined, isNone, name);
      const kind = isNone ? 'none' : label === tryAgain ? 'again' : 'begin';
      seen[kind] += 1;
      if (kind === 'none') continue;
      assert.equal(label, kind === 'again' ? tryAgain : labels.start, name);
      assert.equal(href, kind === 'again' ? action : '/sign-in', name);
      assert.match(text.replace(/<a class="primary".*/s, ''), promises[language][kind], name);
    }
    assert.ok(seen.again > 0 && seen.begin > 0 && seen.none > 0);
  });

  it('leads nowhere and fetches nothing where the browser is at a wrong address', () => {
    for (const { name, text } of ordinaryPages()) {
      if (name.startsWith('error misdirected')) assert.doesNotMatch(text, /\b(href|src|action)=/, name);
    }
  });

  it('can be read in each language, except where a link would lose the recovery codes or the way', () => {
    for (const { name, text } of ordinaryPages()) {
      const isLost = /^(recovery codes|error misdirected) /.test(name);
      for (const other of languages) {
        const link = `href="${action}?lang=${other}" lang="${other}" hreflang="${other}"`;
        assert.equal(text.includes(link), !isLost, name);
      }
    }
  });

  it('escapes what people and companies type', () => {
    for (const language of languages) {
      const context = { ...contextWith(language, hostile), path: `/"><script>` };
      for (const [name, state] of Object.entries(statesWith(hostile))) {
        const text = render(state(context));
        read(text);
        assert.equal(text.match(/<script/g)?.length ?? 0, name === 'error misdirected' ? 0 : 1, name);
        assert.doesNotMatch(text, /<img/, name);
      }
    }
  });

  it('speaks of sign-in methods, in words that people use', () => {
    for (const { name, text } of ordinaryPages()) {
      const words = text
        .replaceAll(/<[^>]*>/g, ' ')
        .replaceAll(/authenticator[ -]app|(Google|Microsoft) Authenticator/gi, '');
      assert.doesNotMatch(words, /authenticator|factor|token|enroll|undefined|\[object|NaN/i, name);
    }
  });
});

describe('the sign-in pages', () => {
  it('weigh at most 15 KB with their stylesheet and script, uncompressed', () => {
    for (const { name, text } of ordinaryPages()) {
      const isPicture = name.startsWith('set up');
      const bytes = Buffer.byteLength(text + css + script);
      assert.ok(isPicture || bytes <= 15 * 1024, `${name}: ${bytes} bytes`);
      const sent = [text, css, script].reduce((sum, part) => sum + gzipSync(part).length, 0);
      assert.ok(sent <= 8000, `${name}: ${sent} bytes compressed`);
    }
  });

  it('tie an error to its field and begin there', () => {
    const page = render(statesWith('anna')['code wrong-code']?.(contextWith('en', 'Noordtel')) as Html);
    const field = read(page).find(({ attributes }) => attributes.get('name') === 'code')?.attributes;
    assert.equal(field?.get('aria-describedby'), 'problem');
    assert.equal(field?.get('aria-invalid'), 'true');
    assert.ok(field?.has('autofocus'));
    assert.match(page, /<div class="problem" id="problem"><p role="alert">[^<]+</);
    assert.match(page, /<title>Error: /);
  });

  it('take a code in one field that can be pasted into and filled in', () => {
    const page = render(statesWith('anna').code?.(contextWith('en', 'Noordtel')) as Html);
    const fields = read(page).filter(({ attributes }) => attributes.get('name') === 'code');
    assert.equal(fields.length, 1);
    const attributes = fields[0]?.attributes;
    assert.equal(attributes?.get('inputmode'), 'numeric');
    assert.equal(attributes?.get('autocomplete'), 'one-time-code');
    assert.ok(!attributes?.has('maxlength') && !attributes?.has('pattern'));
  });

  it('draw every module of the QR code where it belongs, with a quiet zone of four', () => {
    const page = render(statesWith('anna')['set up']?.(contextWith('en', 'Noordtel')) as Html);
    const { size, data } = QRCode.create(`otpauth://totp/anna?secret=${key}`, {
      errorCorrectionLevel: 'M',
    }).modules;
    const side = size + 8;
    assert.ok(page.includes(`viewBox="0 0 ${side} ${side}"`));
    assert.ok(page.includes(`<path fill="#fff" d="M0 0h${side}v${side}H0z"/>`));
    const drawn = new Uint8Array(size * size);
    let [column, row] = [0, 0];
    const [, path = ''] = page.match(/stroke="#000" d="([^"]+)"/) ?? [];
    for (const [, command, x = '', y] of path.matchAll(/([Mmh])(\d+)(?: (\d+)(?:\.5)?)?/g)) {
      if (command === 'M') [column, row] = [Number(x) - 4, Number(y) - 4];
      if (command === 'h') drawn.fill(1, row * size + column, row * size + column + Number(x));
      if (command !== 'M') column += Number(x);
    }
    assert.deepEqual(drawn, new Uint8Array(data));
  });

  it('give the recovery codes as a text file in the link itself', () => {
    const page = render(statesWith(`d'Arc & Co`)['recovery codes']?.(contextWith('nl', 'Noordtel')) as Html);
    const [, download, href = ''] =
      page.match(/download="([^"]+)" href="data:text\/plain;charset=utf-8,([^"]+)"/) ?? [];
    assert.equal(download, 'reservecodes.txt');
    const file = decodeURIComponent(href.replaceAll('&#39;', "'"));
    assert.match(
      file,
      /^Reservecodes voor Noordtel\nGebruikersnaam: d'Arc & Co\nGemaakt op: 22 november 2025\n\n7K-/,
    );
    assert.equal(file.match(/^7K-4QZM-0T8V-XN2P-9RD\d$/gm)?.length, 10);
  });

  it('say on the paper itself that nobody may have the codes, not even support', () => {
    for (const [language, warning] of [
      ['en', /Never give these codes to anyone, not even support\./],
      ['nl', /aan niemand, ook niet aan de helpdesk\./],
    ] as const) {
      const page = render(statesWith('anna')['recovery codes']?.(contextWith(language, 'Noordtel')) as Html);
      const [paper = ''] = page.match(/<div class="paper">.*?<\/div>\n<div class="tools">/s) ?? [];
      assert.match(paper, warning);
    }
  });

  it('say what the link is for that opens the key on the same phone', () => {
    const page = render(statesWith('anna')['set up']?.(contextWith('nl', 'Noordtel')) as Html);
    assert.match(
      page,
      /<div class="phone-only">\s*<p>Zit je nu op je telefoon\? Tik op de knop\.[^<]*<\/p>\s*<a [^>]*href="otpauth:/,
    );
    assert.ok(page.indexOf('class="phone-only"') < page.indexOf('<svg'), 'the phone comes first');
  });

  it('give a deadline no later than it is', () => {
    const textOf = (secondsLeft: number) =>
      render(
        setUpTotpPage(contextWith('en', 'Noordtel'), {
          ...{ action, username: 'anna', keyText: key, keyUri: 'otpauth://totp/anna', notYouAction: action },
          secondsLeft,
        }),
      );
    for (const [seconds, said] of [
      [600, '10 minutes'],
      [599.9, '9 minutes'],
      [120, '2 minutes'],
      [119.9, '119 seconds'],
      [0.2, '1 second'],
    ] as const) {
      assert.ok(textOf(seconds).includes(`You have ${said}. Need longer?`), `${seconds}`);
    }
  });

  it('say whom to call under every list of methods, by how many of them there are to try', () => {
    const method = { label: 'A', hint: 'B', action, id: 'c' };
    const leads = { en: messagesFor('en').stuck, nl: messagesFor('nl').stuck };
    for (const language of languages) {
      for (const [others, locked, expected] of [
        [0, false, 'one'],
        [1, false, 'two'],
        [2, false, 'more'],
        [1, true, 'one'],
        [2, true, 'two'],
        [0, true, undefined],
      ] as const) {
        const page = render(
          codePage(contextWith(language, 'Noordtel'), {
            ...{ action, username: 'anna', methodLabel: 'app', notYouAction: action, locked },
            others: Array.from({ length: others }, () => method),
          }),
        );
        const [, lead = ''] = page.match(/<p class="hint">([^<]*)(?:Bel|Call) [^<]*Noordtel[^<]*<\/p>/) ?? [];
        const sentence = expected === undefined ? '' : `${leads[language][expected]} `;
        assert.equal(lead, sentence, `${others} others, ${locked}, ${language}`);
        assert.match(page, /(Bel|Call) [^<]*Noordtel/);
      }
    }
  });

  it('mark neither the name nor the password when one of the two is wrong', () => {
    const page = render(statesWith('anna')['sign-in again']?.(contextWith('en', 'Noordtel')) as Html);
    const fields = read(page).filter(({ name }) => name === 'input');
    assert.deepEqual(
      fields.map(({ attributes }) => [attributes.get('aria-invalid'), attributes.get('aria-describedby')]),
      [
        [undefined, 'problem'],
        [undefined, 'problem'],
      ],
    );
  });

  it('give the incident number in groups that can be read aloud', () => {
    const incidentId = '5f2d08c1a97e';
    const page = render(errorPage(contextWith('en', 'Noordtel'), { code: 'internal', incidentId }));
    assert.match(page, /<dd>5f2d 08c1 a97e<\/dd>/);
  });
});

describe('the number of support', () => {
  const saysToCall = /\b(bel dan de helpdesk|bel de helpdesk|call (Noordtel )?support)\b/i;
  const pages = (supportPhone: string | undefined) =>
    languages.flatMap((language) =>
      Object.entries(statesWith('anna')).map(([name, state]) => ({
        name: `${name} (${language})`,
        text: render(state({ ...contextWith(language, 'Noordtel'), supportPhone })),
      })),
    );

  it('is a link in every sentence that says to call', () => {
    let sentences = 0;
    for (const { name, text } of pages('085-0000000')) {
      read(text);
      const wanted = text.match(new RegExp(saysToCall, 'gi'))?.length ?? 0;
      const links =
        text.match(/ (on|op) <a class="phone" href="tel:0850000000">085-0000000<\/a>/g)?.length ?? 0;
      // Support of the provider is named with the provider in Dutch, after which the number comes.
      assert.equal(links, wanted, name);
      sentences += links;
    }
    assert.ok(sentences > 30, `${sentences}`);
  });

  it('is not there when there is none, and the sentence is whole without it', () => {
    for (const { name, text } of pages(undefined)) {
      assert.doesNotMatch(text, /href="tel:|class="phone"/, name);
      assert.doesNotMatch(text.replaceAll(/<[^>]*>/g, ''), / (on|op) [.,]| {2}[a-z]/i, name);
    }
  });

  for (const [number, href] of [
    ['+31 (0)85 000 00 00', '+31850000000'],
    ['(085) 000.00.00', '0850000000'],
    ['1200', '1200'],
  ] as const) {
    it(`${number} is dialled as ${href}`, () => {
      const context = { ...contextWith('en', 'Noordtel'), supportPhone: number };
      const page = render(errorPage(context, { code: 'no-method-left' }));
      assert.ok(page.includes(`<a class="phone" href="tel:${href}">${number}</a>`), page);
    });
  }
});

describe('the language of a page', () => {
  const cases: [accepted: string | undefined, chosen: string | undefined, expected: string][] = [
    [undefined, undefined, 'en'],
    ['nl-BE,nl;q=0.9,en;q=0.8', undefined, 'nl'],
    ['fr,en;q=0.5,nl;q=0.7', undefined, 'nl'],
    ['NL', undefined, 'nl'],
    ['nl;q=0,en;q=0.1', undefined, 'en'],
    ['nl', 'en', 'en'],
    ['nl', 'xx', 'nl'],
    ['nl', 'constructor', 'nl'],
    ['de,fr;q=0.9', undefined, 'en'],
    [';;;q=,,=', undefined, 'en'],
  ];
  for (const [accepted, chosen, expected] of cases) {
    it(`is ${expected} for ${accepted} when ${chosen} was chosen`, () => {
      assert.equal(chooseLanguage(accepted, chosen), expected);
    });
  }

  it('has a plural, a unit and a date of its own', () => {
    const { duration, date } = messagesFor('nl');
    assert.equal(duration(1), '1 seconde');
    assert.equal(duration(59.2), '60 seconden');
    assert.equal(duration(121), '3 minuten');
    assert.equal(duration(7200), '2 uur');
    assert.equal(messagesFor('en').duration(0), '1 second');
    assert.equal(date(atMs), '22 november 2025');
  });
});
