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
  print([`## ${title}`, machine(), "", ...lines, ""].join("\n"));
}

/** Where the figures are from. */
function machine(): string {
  return `${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}, ` +
    `${Deno.build.os} ${Deno.build.arch}`;
}

/**
 * With `--write FILE` on the command line: puts a table into that file, in the place of the one that
 * stands between the marks of `section`, or at the end.
 */
export async function writeSection(
  section: string,
  title: string,
  columns: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  const at = Deno.args.indexOf("--write");
  const path = Deno.args[at + 1];
  if (at < 0 || path === undefined) return;
  const line = (row: Row) => `| ${row.map(formatCell).join(" | ")} |`;
  const [begin, end] = [`<!-- ${section}: begin -->`, `<!-- ${section}: end -->`];
  const table = [line(columns), line(columns.map(() => "---")), ...rows.map(line)];
  const block = [begin, "", `## ${title}`, "", machine(), "", ...table, "", end].join("\n");
  const text = await Deno.readTextFile(path);
  const [beginAt, endAt] = [text.indexOf(begin), text.indexOf(end)];
  await Deno.writeTextFile(
    path,
    beginAt < 0 || endAt < 0
      ? `${text.trimEnd()}\n\n${block}\n`
      : text.slice(0, beginAt) + block + text.slice(endAt + end.length),
  );
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
