// Debian's Firefox, for the little that only a second browser can show. Playwright drives a Firefox of its own making
// only, so this speaks WebDriver BiDi (w3.org/TR/webdriver-bidi) by itself: go to a page, run an expression, and wait
// for the page that this leads to.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './each-engine.ts';

const startWithinMs = 30_000;
const answerWithinMs = 20_000;
const endWithinMs = 10_000;

/** Everything but loopback goes to a proxy that is not there: the browser's own services stay without an answer. */
const preferences = {
  'network.proxy.type': 1,
  'network.proxy.http': '127.0.0.1',
  'network.proxy.http_port': 9,
  'network.proxy.ssl': '127.0.0.1',
  'network.proxy.ssl_port': 9,
  'network.proxy.no_proxies_on': 'localhost, 127.0.0.1',
  'intl.accept_languages': 'en-GB',
};

export interface Firefox {
  goto(url: string): Promise<void>;
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** Runs an expression that leads to another page, and waits for that one. */
  toPage(expression: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts Firefox with a fresh profile. */
export async function launchFirefox(program: string): Promise<Firefox> {
  const profile = temporaryFolder();
  const lines = Object.entries(preferences).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  writeFileSync(join(profile.path, 'user.js'), lines.join(''));
  const options = ['--headless', '--no-remote', '--profile', profile.path, '--remote-debugging-port', '0'];
  const child = spawn(program, options, {
    // Its crash reports and caches go away with the profile.
    env: { ...process.env, HOME: profile.path, MOZ_CRASHREPORTER_DISABLE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const close = async () => {
    await end(child);
    profile.remove();
  };
  try {
    const connection = await connect(await addressOf(child));
    return { ...(await tabOf(connection)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    const fail = () => reject(new Error(`Firefox did not start:\n${log}`));
    const patience = setTimeout(fail, startWithinMs);
    child.once('error', reject);
    child.once('exit', fail);
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      log += part;
      const address = /WebDriver BiDi listening on (ws:\S+)/.exec(log)?.[1];
      if (address === undefined) return;
      clearTimeout(patience);
      resolve(address);
    });
  });
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly message?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly params?: Readonly<Record<string, unknown>>;
}

interface Connection {
  send(method: string, params: object): Promise<Readonly<Record<string, unknown>>>;
  /** Resolves with the next event of that name. */
  next(event: string): Promise<void>;
}

async function connect(address: string): Promise<Connection> {
  const socket = new WebSocket(`${address}/session`);
  await once(socket, 'open');
  const expected: {
    readonly isIt: (message: Message) => boolean;
    readonly take: (message: Message) => void;
  }[] = [];
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    const index = expected.findIndex(({ isIt }) => isIt(message));
    if (index >= 0) expected.splice(index, 1)[0]?.take(message);
  });
  const expect = (what: string, isIt: (message: Message) => boolean) =>
    new Promise<Message>((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error(`Firefox: no ${what}`)), answerWithinMs);
      const take = (message: Message) => {
        clearTimeout(patience);
        resolve(message);
      };
      expected.push({ isIt, take });
    });
  let lastId = 0;
  return {
    async send(method, params) {
      lastId += 1;
      const id = lastId;
      const answered = expect(`answer to ${method}`, (message) => message.id === id);
      socket.send(JSON.stringify({ id, method, params }));
      const { result, message } = await answered;
      if (result === undefined) throw new Error(`Firefox: ${method}: ${message}`);
      return result;
    },
    async next(event) {
      await expect(event, ({ method }) => method === event);
    },
  };
}

async function tabOf({ send, next }: Connection): Promise<Omit<Firefox, 'close'>> {
  const loaded = 'browsingContext.load';
  await send('session.new', { capabilities: {} });
  await send('session.subscribe', { events: [loaded] });
  const { contexts } = await send('browsingContext.getTree', {});
  const [{ context } = { context: '' }] = contexts as { context: string }[];
  const evaluate = async (expression: string) => {
    const target = { context };
    const { exceptionDetails, result } = await send('script.evaluate', {
      expression,
      target,
      awaitPromise: false,
    });
    if (exceptionDetails !== undefined) throw new Error(`Firefox: ${JSON.stringify(exceptionDetails)}`);
    return (result as { readonly value?: unknown }).value;
  };
  return {
    evaluate,
    async goto(url) {
      // The event may come after the answer; left behind, it would be taken for that of the next page.
      await Promise.all([next(loaded), send('browsingContext.navigate', { context, url, wait: 'complete' })]);
    },
    async toPage(expression) {
      await Promise.all([next(loaded), evaluate(`${expression}; undefined`)]);
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), endWithinMs);
  await ended;
  clearTimeout(patience);
}
