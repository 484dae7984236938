/**
 * What every bench script shares: medians, tables, and the line that says where they were measured.
 *
 * Owns printing. Does not own what is measured. Stdout of a bench is its report, so this file writes
 * there and not to a log.
 * @module
 */

/** One line of a table: cells in the order of the columns. */
export type Row = readonly (string | number)[];

/** The middle of `values`, the mean of both middles when their count is even; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? NaN) + upper) / 2 : upper;
}

/** Milliseconds that `action` takes, and what it gives. */
export async function timed<Result>(
  action: () => Promise<Result>,
): Promise<{ readonly ms: number; readonly result: Result }> {
  const startMs = performance.now();
  const result = await action();
  return { ms: performance.now() - startMs, result };
}

/** Prints one table: the title, what it was measured on, then rows in aligned columns. */
export function printTable(title: string, columns: readonly string[], rows: readonly Row[]): void {
  const cells = [columns, ...rows].map((row) => row.map(formatCell));
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((row) => (row[index] ?? "").length))
  );
  const lines = cells.map((row) =>
    row.map((cell, index) => {
      const width = widths[index] ?? 0;
      return index === 0 ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ")
  );
  const machine = `${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}, ` +
    `${Deno.build.os} ${Deno.build.arch}`;
  print([`## ${title}`, machine, "", ...lines, ""].join("\n"));
}

/** Prints a line of text. */
export function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

/** How `ours` compares with `theirs`, as a factor; `-` without a peer. */
export function ratio(ours: number, theirs: number | undefined): string {
  return theirs === undefined ? "-" : `${(ours / theirs).toFixed(2)}x`;
}

function formatCell(cell: string | number): string {
  if (typeof cell === "string") return cell;
  return cell >= 100 ? cell.toFixed(0) : cell.toFixed(cell >= 10 ? 1 : 2);
}
