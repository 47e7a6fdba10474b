// A reporter for Node's test runner that writes nothing but counts, so that nobody has to read them back out
// of text meant for people: a line of JSON after each file and one at the end. An empty line after each test
// shows that the run is getting on.
import type { TestEvent } from 'node:test/reporters';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Whether the runner got to its own summary, which is exact; otherwise what the files had said by then. */
  readonly final: boolean;
}

export default async function* countReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let passed = 0;
  let failed = 0;
  for await (const event of events) {
    if (event.type === 'test:pass' || event.type === 'test:fail') yield '\n';
    if (event.type !== 'test:summary') continue;
    // The types know the counts except for `failed`.
    const counts = event.data.counts as typeof event.data.counts & { readonly failed: number };
    const final = event.data.file === undefined;
    passed = final ? counts.passed : passed + counts.passed;
    failed = final ? counts.failed + counts.cancelled : failed + counts.failed + counts.cancelled;
    yield `${JSON.stringify({ passed, failed, final } satisfies Counts)}\n`;
  }
}
