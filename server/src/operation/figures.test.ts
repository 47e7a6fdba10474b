// The text that Prometheus reads, to the letter (its exposition format, version 0.0.4), and that no label can fill the
// memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFigures } from './figures.ts';

test('a counter is a line for each series, with what stands for itself in a label escaped', () => {
  const figures = createFigures();
  const counter = figures.counter('doors_total', 'Doors.', ['kind', 'state'], [['front', 'open']]);
  counter.add('back', 'a "b" \\ \n c');
  counter.add('back', 'a "b" \\ \n c');
  assert.equal(
    figures.text(),
    [
      '# HELP doors_total Doors.',
      '# TYPE doors_total counter',
      'doors_total{kind="front",state="open"} 0',
      'doors_total{kind="back",state="a \\"b\\" \\\\ \\n c"} 2',
      '',
    ].join('\n'),
  );
});

test('a histogram counts each value in its bucket and in all above it', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1 }), (values) => {
      const figures = createFigures();
      const histogram = figures.histogram('wait_seconds', 'Waits.', ['who']);
      for (const value of values) histogram.observe(value, 'me');
      const lines = figures.text().split('\n');
      const buckets = lines.filter((line) => line.startsWith('wait_seconds_bucket'));
      for (const line of buckets) {
        const [, bound = '', count = ''] =
          /^wait_seconds_bucket\{who="me",le="(.+)"\} (\d+)$/.exec(line) ?? [];
        const limit = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound);
        assert.equal(Number(count), values.filter((value) => value <= limit).length, line);
      }
      assert.equal(buckets.length, 13);
      assert.ok(lines.includes(`wait_seconds_count{who="me"} ${values.length}`));
      const sum = Number(/^wait_seconds_sum\{who="me"\} (.+)$/m.exec(figures.text())?.[1]);
      assert.ok(Math.abs(sum - values.reduce((total, value) => total + value, 0)) < 1e-9);
    }),
  );
});

test('a label that turns out to be unbounded ends in one series for all the rest', () => {
  const figures = createFigures();
  const counter = figures.counter('names_total', 'Names.', ['name']);
  for (let name = 0; name < 10_000; name += 1) counter.add(`name-${name}`);
  const lines = figures
    .text()
    .split('\n')
    .filter((line) => line.startsWith('names_total'));
  assert.equal(lines.length, 301);
  assert.equal(lines.at(-1), 'names_total{name="other"} 9700');
});

test('what is read from elsewhere is read when it is asked for', () => {
  const figures = createFigures();
  let value = 1;
  const about = { name: 'line', help: 'A line.', type: 'summary' } as const;
  figures.read(about, () => [
    { value, suffix: '_sum' },
    { value: 7, labels: { a: 'b' } },
  ]);
  assert.match(figures.text(), /^line_sum 1\nline\{a="b"\} 7$/m);
  value = 2.5;
  assert.match(figures.text(), /^line_sum 2.5$/m);
});
