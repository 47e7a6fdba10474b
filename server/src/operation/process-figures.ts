// What the process itself takes: CPU, memory, open files, and how late the event loop is. The names are those that
// dashboards for Prometheus know.

import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { SlowHash } from '#core/ports.ts';
import type { Figures } from './figures.ts';

/** How often the event loop is looked at; a look takes some microseconds. */
const resolutionMs = 20;

/** Declares the figures of the process and its waiting line. Returns how to stop looking. */
export function watchProcess(figures: Figures, slowHash: SlowHash): () => void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  // The monitor measures the distance of its looks, so what was asked for is part of it.
  const lateSeconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000);
  figures.read(
    {
      name: 'secondring_event_loop_delay_seconds',
      help: 'How late the event loop was since the figures were last read.',
      type: 'gauge',
    },
    () => {
      const samples = [
        { value: lateSeconds(delay.percentile(50)), labels: { quantile: '0.5' } },
        { value: lateSeconds(delay.percentile(99)), labels: { quantile: '0.99' } },
        { value: lateSeconds(delay.max), labels: { quantile: '1' } },
      ];
      delay.reset();
      return samples;
    },
  );
  watchHashing(figures, slowHash);
  watchResources(figures);
  return () => delay.disable();
}

function watchHashing(figures: Figures, { line }: SlowHash): void {
  if (line === undefined) return;
  const name = 'secondring_hash_line';
  figures.read({ name, help: 'Password hashes running and waiting for a place now.', type: 'gauge' }, () => {
    const { running, waiting } = line();
    return [
      { value: running, labels: { state: 'running' } },
      { value: waiting, labels: { state: 'waiting' } },
    ];
  });
  figures.read(
    {
      name: 'secondring_hash_wait_seconds',
      help: 'Time that hashes waited for a place; no wait is a wait of nothing.',
      type: 'summary',
    },
    () => {
      const { waitedMs, begun } = line();
      return [
        { value: waitedMs / 1000, suffix: '_sum' },
        { value: begun, suffix: '_count' },
      ];
    },
  );
  figures.read(
    {
      name: 'secondring_hash_refused_total',
      help: 'Sign-ins asked to come back because the line for hashing was full.',
      type: 'counter',
    },
    () => [{ value: line().refused }],
  );
}

function watchResources(figures: Figures): void {
  const gauge = (name: string, help: string, value: () => number) =>
    figures.read({ name, help, type: 'gauge' }, () => [{ value: value() }]);
  const startedAtSeconds = (performance.timeOrigin / 1000).toFixed(3);
  figures.read(
    { name: 'process_cpu_seconds_total', help: 'CPU time, user and system.', type: 'counter' },
    () => {
      const { user, system } = process.cpuUsage();
      return [{ value: (user + system) / 1e6 }];
    },
  );
  gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
  gauge('process_heap_bytes', 'Memory in use by JavaScript objects.', () => process.memoryUsage().heapUsed);
  gauge('process_open_fds', 'Open files and connections.', openFiles);
  gauge('process_start_time_seconds', 'When the process started, since 1970.', () =>
    Number(startedAtSeconds),
  );
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return Number.NaN;
  }
}
