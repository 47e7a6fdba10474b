// What figures are made of and how they are printed.

/** The value below which such a share of all lies, to two decimals; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

/** The value in the middle: of slices on a shared machine it says more than their mean. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** One line of JSON for each figure. */
export function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
