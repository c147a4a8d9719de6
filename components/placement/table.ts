/**
 * Rows of cells in columns that line up, those of numbers and sizes to the right.
 *
 * @param headings rows at the top that don't say which columns are numbers. Default 1.
 */
export function table(rows: readonly (readonly string[])[], headings = 1): string[] {
  const columns = Math.max(0, ...rows.map(({ length }) => length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const numeric = widths.map((_, column) =>
    // A row that ends before says nothing of it.
    rows
      .slice(headings)
      .every((row) => row[column] === undefined || /^-?[\d.]+(?:[KMGTP]i)?B?$/.test(row[column])),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        numeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join("  ")
      .trimEnd(),
  );
}
