// All figures of the service in one place: which there are, and what each is read from.

import type { Ports } from '#core/ports.ts';
import { createFigures } from './figures.ts';
import { measureStore } from './measured-store.ts';
import { watchProcess } from './process-figures.ts';
import type { Check, Readiness } from './readiness.ts';
import { type AnsweredRequest, createRequestFigures } from './request-figures.ts';

const checks: readonly Check[] = ['store', 'schema', 'keys', 'clock', 'stopping'];

export interface ServiceFigures {
  /** The ports, with what goes through them measured. */
  readonly ports: Ports;
  /** Takes each request once it was answered. */
  readonly answered: (request: AnsweredRequest) => void;
  /** Everything, as Prometheus reads it. */
  text(readiness: Readiness): Promise<string>;
  stop(): void;
}

/** Measures a service from here on. */
export function createServiceFigures(
  ports: Ports,
  about: { readonly version: string; readonly engine: string; readonly requestsRunning: () => number },
): ServiceFigures {
  const figures = createFigures();
  let failing: readonly Check[] = [];
  let skewMs = 0;
  const { version, engine } = about;
  figures.read({ name: 'secondring_build_info', help: 'Which version runs, on what.', type: 'gauge' }, () => [
    { value: 1, labels: { version, engine, node: process.versions.node } },
  ]);
  figures.read(
    { name: 'secondring_check_failing', help: 'Checks of readiness: 1 for one that fails.', type: 'gauge' },
    () => checks.map((check) => ({ value: failing.includes(check) ? 1 : 0, labels: { check } })),
  );
  figures.read(
    { name: 'secondring_clock_skew_seconds', help: "The database's clock ahead of ours.", type: 'gauge' },
    () => [{ value: skewMs / 1000 }],
  );
  const answered = createRequestFigures(figures);
  figures.read(
    { name: 'secondring_http_requests_running', help: 'Requests being answered now.', type: 'gauge' },
    () => [{ value: about.requestsRunning() }],
  );
  const store = measureStore(ports.store, figures);
  const stop = watchProcess(figures, ports.slowHash);
  return {
    ports: { ...ports, store },
    answered,
    async text(readiness) {
      failing = await readiness.failing();
      skewMs = readiness.skewMs();
      return figures.text();
    },
    stop,
  };
}
