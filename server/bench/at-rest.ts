// What the service takes before anybody comes: from the command to its first answer, and the memory of its process a
// moment later. The first start makes the database and the cache of compiled code; what counts is the later ones.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, print, rounded } from './figures.ts';
import { freePort } from './server.ts';

const starts = 5;
const tryAgainMs = 5;
const restMs = 1500;

/** Prints the time to the first answer and the memory at rest. */
export async function measureAtRest(): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'secondring-rest-'));
  try {
    await startOnce(data);
    const later = [];
    for (let start = 0; start < starts; start++) later.push(await startOnce(data));
    print({
      bench: 'at-rest',
      starts,
      firstAnswerMs: rounded(median(later.map((one) => one.firstAnswerMs))),
      memoryMb: rounded(median(later.map((one) => one.memoryMb))),
    });
  } finally {
    rmSync(data, { recursive: true, force: true });
    rmSync(`${data}-key`, { recursive: true, force: true });
  }
}

async function startOnce(
  data: string,
): Promise<{ readonly firstAnswerMs: number; readonly memoryMb: number }> {
  const port = await freePort();
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'serve'], {
    env: {
      ...process.env,
      SECONDRING_DATA: data,
      PORT: String(port),
      SECONDRING_METRICS_LISTEN: '127.0.0.1:0',
      SECONDRING_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error('the service ended before it answered');
      await sleep(tryAgainMs);
    }
    const firstAnswerMs = performance.now() - startedAt;
    await sleep(restMs);
    return { firstAnswerMs, memoryMb: residentMb(child.pid ?? 0) };
  } finally {
    child.kill();
    await ended;
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://localhost:${port}/sign-in`, { redirect: 'manual' })).status === 303;
  } catch {
    return false;
  }
}

/** As the kernel has it (proc(5)), in MiB. */
function residentMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}
