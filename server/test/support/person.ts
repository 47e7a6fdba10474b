// A person in front of a browser: reads the pages they are shown, types what they know, keeps what they are given.
// Nothing here knows the service from within, except how an authenticator app makes its codes.

import { decodeBase32 } from '#factors/totp/base32.ts';
import { defaultTotpParameters, stepAt, totpCode } from '#factors/totp/totp.ts';
import { password, type ServiceUnderTest } from './service-under-test.ts';
import { formAction, type WebAnswer, WebClient } from './web-client.ts';

/** What a sign-in page asks for. */
export type Question =
  | 'password'
  | 'code'
  | 'recovery-code'
  | 'set-up'
  | 'new-password'
  | 'backup'
  | 'keep-codes'
  | 'continue'
  | 'done';

/** More questions than any sign-in has. */
const mostSteps = 10;

export class Person {
  readonly username: string;
  readonly accountId: string;
  /** Another browser of the same person is another client in its place. */
  browser = new WebClient();
  /** The key of their authenticator app, once they set one up. */
  totpKey: Uint8Array | undefined;
  /** What they type where a password is asked for. */
  password = password;
  /** What they have on paper; codes are crossed out by whoever uses them. */
  recoveryCodes: string[] = [];
  readonly #service: Pick<ServiceUnderTest, 'origin' | 'clock'>;
  #lastStep = -1;

  constructor(service: Pick<ServiceUnderTest, 'origin' | 'clock'>, username: string, accountId: string) {
    this.#service = service;
    this.username = username;
    this.accountId = accountId;
  }

  /** Opens an address and follows it to the page it leads to. */
  async open(url = `${this.#service.origin}/sign-in`): Promise<WebAnswer> {
    return this.#follow(await this.browser.get(url));
  }

  /** Sends the form of a page whose address ends so, and follows. */
  async submit(page: WebAnswer, ending: string, fields: Record<string, string> = {}): Promise<WebAnswer> {
    return this.#follow(await this.browser.post(formAction(page, ending), fields));
  }

  givePassword(page: WebAnswer, typed = this.password): Promise<WebAnswer> {
    return this.submit(page, '/password', { username: this.username, password: typed });
  }

  giveCode(page: WebAnswer, code = this.freshCode()): Promise<WebAnswer> {
    return this.submit(page, '/code', { code });
  }

  /** The code that the app shows now, or as many steps later. */
  code(steps = 0): string {
    if (this.totpKey === undefined) throw new Error(`${this.username} has no authenticator app`);
    const step = stepAt(this.#service.clock.nowMs(), defaultTotpParameters) + steps;
    return totpCode(this.totpKey, step, defaultTotpParameters);
  }

  /** A code that the app has not shown before; time goes on until it does. */
  freshCode(): string {
    const { clock } = this.#service;
    if (stepAt(clock.nowMs(), defaultTotpParameters) <= this.#lastStep) clock.toNextStep();
    this.#lastStep = stepAt(clock.nowMs(), defaultTotpParameters);
    return this.code();
  }

  /** Six digits that are no code of any step near now. */
  wrongCode(): string {
    const near = new Set([-3, -2, -1, 0, 1, 2, 3].map((steps) => this.code(steps)));
    for (let guess = 0; ; guess += 1) {
      const code = String(guess).padStart(6, '0');
      if (!near.has(code)) return code;
    }
  }

  /** Sets up the app that a page asks for, up to the page that comes after its first code. */
  async setUpApp(page: WebAnswer): Promise<WebAnswer> {
    this.totpKey = keyOn(page);
    return this.submit(page, '/authenticator-app', { code: this.freshCode() });
  }

  /** Has the codes shown that a page offers, and writes them down. */
  async takeRecoveryCodes(page: WebAnswer): Promise<WebAnswer> {
    const shown = await this.submit(page, '/recovery-codes');
    this.recoveryCodes = recoveryCodesOn(shown);
    return shown;
  }

  /** Uses one of the codes on paper. */
  nextRecoveryCode(): string {
    const code = this.recoveryCodes.pop();
    if (code === undefined) throw new Error(`${this.username} has no recovery code left`);
    return code;
  }

  /** Answers whatever is asked until nothing is: the last page, or the redirect that leads elsewhere. */
  async signIn(url?: string): Promise<WebAnswer> {
    return this.finish(await this.open(url));
  }

  /** Answers one question after the other. */
  async finish(page: WebAnswer): Promise<WebAnswer> {
    let current = page;
    for (let steps = 0; steps < mostSteps; steps += 1) {
      const question = questionOn(current);
      if (current.location !== undefined || question === undefined || question === 'done') return current;
      current = await this.answer(current);
    }
    throw new Error(`this sign-in has no end: ${current.url}`);
  }

  /** Answers what one page asks. */
  answer(page: WebAnswer): Promise<WebAnswer> {
    const question = questionOn(page);
    switch (question) {
      case 'password':
        return this.givePassword(page);
      case 'code':
        return this.giveCode(page);
      case 'recovery-code':
        return this.giveCode(page, this.nextRecoveryCode());
      case 'set-up':
        return this.setUpApp(page);
      case 'new-password':
        this.password = `${this.password} and another`;
        return this.submit(page, '/new-password', { password: this.password });
      case 'backup':
        return this.takeRecoveryCodes(page);
      case 'keep-codes':
        return this.submit(page, '/backup', { kept: 'yes' });
      case 'continue':
        return this.submit(page, '/continue');
      default:
        throw new Error(`nothing is asked at ${page.url} (${page.status}): ${page.text}`);
    }
  }

  async #follow(answer: WebAnswer): Promise<WebAnswer> {
    return this.browser.follow(answer, this.#service.origin);
  }
}

/** A new account and the person behind it. Nobody is born with a sign-in method. */
export async function newPerson(service: ServiceUnderTest, name: string): Promise<Person> {
  const username = `${name}@proef.test`;
  return new Person(service, username, await service.addAccount(username));
}

/** A person who has an authenticator app and ten recovery codes, and a browser that knows nothing of it. */
export async function enrolledPerson(service: ServiceUnderTest, name: string): Promise<Person> {
  const person = await newPerson(service, name);
  const last = await person.signIn();
  if (questionOn(last) !== 'done') throw new Error(`${name} did not get in: ${last.status} ${last.text}`);
  person.browser = new WebClient();
  service.clock.toNextStep();
  return person;
}

/** What a page asks for; undefined for a page of none of these kinds. */
export function questionOn(page: WebAnswer): Question | undefined {
  const endings: readonly (readonly [string, Question])[] = [
    ['/password', 'password'],
    ['/authenticator-app', 'set-up'],
    ['/new-password', 'new-password'],
    ['/recovery-codes', 'backup'],
    ['/backup', 'keep-codes'],
    ['/continue', 'continue'],
    ['/sign-out', 'done'],
  ];
  const found = endings.find(([ending]) => page.text.includes(`${ending}"`));
  if (found !== undefined) return found[1];
  if (!page.text.includes('/code"')) return undefined;
  return page.text.includes('data-digits') ? 'code' : 'recovery-code';
}

/** The identifier of the sign-in that a page belongs to. */
export function signInIdOf(page: WebAnswer): string {
  const id = /^\/sign-in\/([^/]+)/.exec(new URL(page.url).pathname)?.[1];
  if (id === undefined) throw new Error(`no sign-in at ${page.url}`);
  return id;
}

/** The key that a page shows for typing. */
export function keyOn(page: WebAnswer): Uint8Array {
  const typed = /<p class="key"[^>]*>([^<]+)</.exec(page.text)?.[1];
  const key = decodeBase32(typed ?? '');
  if (typed === undefined || key === undefined) throw new Error(`no key on ${page.url}: ${page.text}`);
  return key;
}

/** The codes that a page shows once. */
export function recoveryCodesOn(page: WebAnswer): string[] {
  const codes = [...page.text.matchAll(/<li>([0-9A-Z]{2}(?:-[0-9A-Z]{4}){4})<\/li>/g)].map(
    (match) => match[1] ?? '',
  );
  if (codes.length !== 10) throw new Error(`${codes.length} recovery codes on ${page.url}`);
  return codes;
}

/** Where a form of a sign-in is sent, whether its page shows that form now or not. */
export function formAt(page: WebAnswer, action: string): string {
  return new URL(`/sign-in/${signInIdOf(page)}/${action}`, page.url).href;
}

/** Asks the same question in a browser that nobody used before. */
export async function askedElsewhere(person: Person): Promise<WebAnswer> {
  person.browser = new WebClient();
  return person.givePassword(await person.open());
}
