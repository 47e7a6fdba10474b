// One client of the bench: complete sign-ins one after another, every request as a browser makes it, timed step by
// step.

import { HttpConnection, type Reply } from './http-connection.ts';
import { type BenchPerson, benchPassword, codeOf } from './seed.ts';

export const steps = ['begin', 'sign-in page', 'password', 'code page', 'code', 'done page'] as const;
export type Step = (typeof steps)[number];
/** The cookies of a browser. */
export type Jar = Map<string, string>;
export type Timings = Record<Step | 'whole', number[]>;

/** Signs people in, in turn, until the time is over. Returns how long each step took, in milliseconds. */
export async function signInRepeatedly(input: {
  readonly port: number;
  readonly people: () => BenchPerson;
  readonly untilMs: number;
  readonly nowMs: () => number;
  readonly timings: Timings;
}): Promise<void> {
  const { port, nowMs, timings } = input;
  const connection = new HttpConnection(port);
  try {
    while (Date.now() < input.untilMs) {
      const startedAt = performance.now();
      await signInOnce(connection, { port, nowMs }, input.people(), new Map(), timings);
      timings.whole.push(performance.now() - startedAt);
    }
  } finally {
    connection.close();
  }
}

/** Signs a person in. The jar has their session then. */
export async function signInOnce(
  connection: HttpConnection,
  { port, nowMs }: { readonly port: number; readonly nowMs: () => number },
  person: BenchPerson,
  jar: Jar,
  timings?: Timings,
): Promise<void> {
  const origin = `http://localhost:${port}`;
  const key = Buffer.from(person.key, 'hex');
  const timed = async (step: Step, method: 'GET' | 'POST', path: string, form?: string): Promise<Reply> => {
    const before = performance.now();
    const reply = await request(connection, { origin, method, path, form, jar, person });
    timings?.[step].push(performance.now() - before);
    return reply;
  };
  const begun = await timed('begin', 'GET', '/sign-in');
  const path = begun.location ?? '';
  await timed('sign-in page', 'GET', path);
  const credentials = new URLSearchParams({ username: person.username, password: benchPassword });
  await timed('password', 'POST', `${path}/password`, credentials.toString());
  await timed('code page', 'GET', path);
  const proven = await timed('code', 'POST', `${path}/code`, `code=${codeOf(key, nowMs())}`);
  if (proven.status !== 303) throw new Error(`the code was answered with ${proven.status}`);
  const done = await timed('done page', 'GET', path);
  if (done.status !== 200 || !done.body.includes('/sign-out')) throw new Error('there is no done page');
}

async function request(
  connection: HttpConnection,
  ask: {
    readonly origin: string;
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly form: string | undefined;
    readonly jar: Jar;
    readonly person: BenchPerson;
  },
): Promise<Reply> {
  const { origin, method, path, form, jar } = ask;
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${origin.slice('http://'.length)}`,
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'Accept-Language: nl,en-US;q=0.7,en;q=0.3',
    // A person of its own address each, as in the world; the bench's own is a trusted proxy.
    `X-Forwarded-For: ${addressOf(ask.person.username)}`,
  ];
  if (jar.size > 0) lines.push(`Cookie: ${[...jar].map(([name, value]) => `${name}=${value}`).join('; ')}`);
  if (form !== undefined) {
    lines.push(`Origin: ${origin}`, 'Sec-Fetch-Site: same-origin');
    lines.push(
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${Buffer.byteLength(form)}`,
    );
  }
  const reply = await connection.send(lines.join('\r\n'), form);
  for (const cookie of reply.cookies) {
    const equals = cookie.indexOf('=');
    jar.set(cookie.slice(0, equals), cookie.slice(equals + 1));
  }
  return reply;
}

function addressOf(username: string): string {
  const number = Number(/\d+/.exec(username)?.[0] ?? 0);
  return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
}
