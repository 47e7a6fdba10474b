// An authenticator app for tests that shares no code with ours: Debian's oathtool, given the key as the page shows it,
// spaces and all, the way a person would type it over.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { findProgram } from './programs.ts';

const stepMs = 30_000;
/** The code of now, the next one, and the one after that: more are not accepted within one step. */
const codesAtOnce = 3;
/** Steps around now in which a wrong code must not happen to be right. */
const stepsToAvoid = 8;

export class AuthenticatorApp {
  readonly #keyText: string;
  #lastStep = -1;
  #given = 0;

  /** @param keyText the key in Base32, as shown */
  constructor(keyText: string) {
    this.#keyText = keyText;
  }

  /**
   * A code that was not given before and is right now. A code is used only once, and waiting for the next would take
   * half a minute, so the app runs ahead: every further code is that of a step later, which the service forgives
   * (one step, and one more of learned drift).
   */
  async code(): Promise<string> {
    // Fails always rather than only when the clock stands badly.
    if (this.#given === codesAtOnce) throw new Error(`no more than ${codesAtOnce} codes without waiting`);
    const ahead = Math.min(this.#given, 1);
    this.#lastStep = Math.max(this.#lastStep + 1, Math.floor(Date.now() / stepMs) + ahead);
    this.#given += 1;
    const [code = ''] = await this.#codes(this.#lastStep, 0);
    return code;
  }

  /** Six digits that are the code of no step near now. */
  async wrongCode(): Promise<string> {
    const right = await this.#codes(Math.floor(Date.now() / stepMs) - stepsToAvoid / 2, stepsToAvoid);
    let digits = Number(right[0]);
    while (right.includes(padded(digits))) digits = (digits + 1) % 1_000_000;
    return padded(digits);
  }

  async #codes(step: number, further: number): Promise<string[]> {
    const program = findProgram('oathtool');
    if (program === undefined) throw new Error('oathtool is not installed (Debian: oathtool)');
    const options = ['--totp', '--base32', `--window=${further}`, `--now=@${(step * stepMs) / 1000}`, '-'];
    const child = spawn(program, options, { stdio: ['pipe', 'pipe', 'inherit'] });
    // On its input: what stands in the command line is for everybody to see.
    child.stdin.end(`${this.#keyText}\n`);
    const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    if (status !== 0) throw new Error(`oathtool ended with ${status}`);
    return output.trim().split('\n');
  }
}

function padded(digits: number): string {
  return String(digits).padStart(6, '0');
}
