// Processes as Linux shows them, for tests that ask what a process was given and what it holds open.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The children of a process whose command line contains a word. */
export function childrenOf(pid: number, word: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => parentOf(one) === pid && readProc(one, 'cmdline').includes(word));
}

/** One of a process's texts under /proc; empty when it is gone. */
export function readProc(pid: number, name: 'cmdline' | 'environ' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

/** What a process has open, as the kernel names it. */
export function openFilesOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

/** Where a process is at home. */
export const folderOf = (pid: number): string => readlinkSync(`/proc/${pid}/cwd`);

/** Whether a process is there, and more than what is left of one until its parent has asked. */
export function isAlive(pid: number): boolean {
  const state = /\) (\w)/.exec(readProc(pid, 'stat'))?.[1];
  return state !== undefined && state !== 'Z';
}

/** Resolves when a process is gone; of one that is no child of ours the kernel tells nobody, so it is looked for. */
export function gone(pid: number): Promise<void> {
  return until(() => !isAlive(pid));
}

/** Resolves when something is so that nobody announces. */
export async function until(isSo: () => boolean, withinMs = 10_000): Promise<void> {
  const latestMs = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > latestMs) throw new Error('it did not come about in time');
    await sleep(10);
  }
}

function parentOf(pid: number): number | undefined {
  const parent = /\) \w (\d+)/.exec(readProc(pid, 'stat'))?.[1];
  return parent === undefined ? undefined : Number(parent);
}
