// Rows for people, each column as wide as its widest cell. What comes from the store is shown without control
// characters, which a terminal would obey.

/** The lines of a table with a heading. */
export function columns(heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const shown = [heading, ...rows.map((row) => row.map(printable))];
  const widths = heading.map((_, index) => Math.max(...shown.map((row) => row[index]?.length ?? 0)));
  return shown.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Text with a mark in the place of what a terminal would take for a command. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\u{FFFD}');
}
