// Counters and histograms in the text format that Prometheus reads (version 0.0.4). A figure costs an addition in a
// map, and what is known anyway is only read when somebody asks.

/** Series of one figure at most. A label that turned out to be unbounded must not fill the memory. */
const seriesLimit = 300;
/** What stands for the labels of every series beyond the limit. */
const overflow = 'other';
/** Upper bounds of durations, in seconds. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;

export interface Counter {
  /** Counts one, under one value for each label. */
  add(...labels: readonly string[]): void;
}

export interface Histogram {
  observe(seconds: number, ...labels: readonly string[]): void;
}

/** A value that is read when somebody asks, with its labels and, for a part of a figure, the end of its name. */
export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly suffix?: '_sum' | '_count';
}

export interface Figures {
  /** @param from series that are there from the start, so that the first one counted is seen as an increase */
  counter(
    name: string,
    help: string,
    labels: readonly string[],
    from?: readonly (readonly string[])[],
  ): Counter;
  /** Of durations in seconds. */
  histogram(name: string, help: string, labels: readonly string[]): Histogram;
  /** A figure that is read from elsewhere. */
  read(
    about: {
      readonly name: string;
      readonly help: string;
      readonly type: 'gauge' | 'counter' | 'summary';
    },
    samples: () => readonly Sample[],
  ): void;
  /** Everything, as Prometheus reads it. */
  text(): string;
}

/** An empty set of figures. */
export function createFigures(): Figures {
  const families: (() => string)[] = [];
  return {
    counter(name, help, labels, from = []) {
      const series = createSeries(labels, () => ({ count: 0 }));
      for (const values of from) series.of(values);
      families.push(() =>
        family({ name, help, type: 'counter' }, () =>
          series.all().map(([labelled, { count }]) => ({ value: count, labels: labelled })),
        ),
      );
      return {
        add(...values) {
          series.of(values).count += 1;
        },
      };
    },
    histogram(name, help, labels) {
      const series = createSeries(labels, () => ({
        // The last is for whatever is beyond every bound.
        counts: new Array<number>(durationBuckets.length + 1).fill(0),
        sum: 0,
      }));
      families.push(
        () => header({ name, help, type: 'histogram' }) + series.all().map(bucketsOf(name)).join(''),
      );
      return {
        observe(seconds, ...values) {
          const one = series.of(values);
          let place = 0;
          while (place < durationBuckets.length && seconds > (durationBuckets[place] as number)) place += 1;
          one.counts[place] = (one.counts[place] ?? 0) + 1;
          one.sum += seconds;
        },
      };
    },
    read(about, samples) {
      families.push(() => family(about, samples));
    },
    text: () => families.map((write) => write()).join(''),
  };
}

/** The series of a figure by the values of their labels. */
function createSeries<Kept>(names: readonly string[], create: () => Kept) {
  const kept = new Map<string, { readonly labels: Readonly<Record<string, string>>; readonly value: Kept }>();
  const make = (key: string, values: readonly string[]): Kept => {
    const labels = Object.fromEntries(names.map((name, place) => [name, values[place] ?? '']));
    const value = create();
    kept.set(key, { labels, value });
    return value;
  };
  return {
    of(values: readonly string[]): Kept {
      const key = values.length === 1 ? (values[0] as string) : values.join('\u0000');
      const found = kept.get(key);
      if (found !== undefined) return found.value;
      if (kept.size < seriesLimit) return make(key, values);
      return (
        kept.get(overflow)?.value ??
        make(
          overflow,
          names.map(() => overflow),
        )
      );
    },
    all: () => [...kept.values()].map(({ labels, value }) => [labels, value] as const),
  };
}

function family(about: Parameters<typeof header>[0], samples: () => readonly Sample[]): string {
  const lines = samples().map(({ value, labels = {}, suffix = '' }) =>
    line(`${about.name}${suffix}`, labels, value),
  );
  return header(about) + lines.join('');
}

function bucketsOf(name: string) {
  return ([labels, { counts, sum }]: readonly [
    Readonly<Record<string, string>>,
    { readonly counts: readonly number[]; readonly sum: number },
  ]): string => {
    let total = 0;
    const buckets = counts.map((count, place) => {
      total += count;
      const le = String(durationBuckets[place] ?? '+Inf');
      return line(`${name}_bucket`, { ...labels, le }, total);
    });
    return buckets.join('') + line(`${name}_sum`, labels, sum) + line(`${name}_count`, labels, total);
  };
}

function header({
  name,
  help,
  type,
}: {
  readonly name: string;
  readonly help: string;
  readonly type: string;
}) {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
