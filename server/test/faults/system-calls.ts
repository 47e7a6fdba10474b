// Makes system calls of a running process fail, or kill it, with strace's injection: the disk that gives back an error,
// the disk that is full, the process that dies between two calls.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { findProgram } from '../support/programs.ts';

export interface Injection {
  readonly calls: string;
  /** As strace takes it: `error=EIO`, `signal=SIGKILL`. */
  readonly what: string;
  /** Which of the calls that come now, from the first; `onwards` means all from there. */
  readonly which: number;
  readonly onwards?: boolean;
  /** Only calls on this file. */
  readonly path?: string;
}

/** A tracer that is attached. */
export interface Tracer {
  /** Lets the process go, and says how many calls were failed. */
  detach(): Promise<number>;
}

/** Attaches to every thread of a process, and resolves when the injection is in force. */
export async function inject(pid: number, { calls, what, which, onwards, path }: Injection): Promise<Tracer> {
  const program = findProgram('strace');
  if (program === undefined) throw new Error('strace is not installed (Debian: strace)');
  const words = ['-f', '-p', String(pid), '-e', `trace=${calls}`];
  words.push('-e', `inject=${calls}:${what}:when=${which}${onwards ? '+' : ''}`);
  if (path !== undefined) words.push('-P', path);
  const tracer = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = listen(tracer);
  await said.until(/attached/);
  return {
    async detach() {
      if (tracer.exitCode === null && tracer.signalCode === null) {
        const ended = once(tracer, 'close');
        tracer.kill('SIGINT');
        await ended;
      }
      return said.text().split('(INJECTED)').length - 1;
    },
  };
}

function listen(tracer: ChildProcess) {
  let text = '';
  let look = () => {};
  tracer.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    look();
  });
  return {
    text: () => text,
    until: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        look = () => {
          if (pattern.test(text)) resolve();
        };
        look();
        tracer.once('exit', () => reject(new Error(`strace ended: ${text}`)));
      }),
  };
}
