/**
 * Where the answers of two nodes differ.
 *
 * Owns the comparison. Does not own what may differ (`known_differences.ts`) or what is asked.
 * @module
 */

/** An answer without its envelope. */
export type Answer =
  | { readonly result: unknown }
  | {
    readonly error: { readonly code: number; readonly message: string; readonly data?: unknown };
  };

/** Where two answers differ; `undefined` on the side that has nothing there. */
export interface Difference {
  /** Like `result.transactions[0].gas`. */
  readonly path: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/**
 * Every place in which the answers differ. Of errors the number and what a message returned count:
 * the rest of `data` is our own, and the texts of messages are held by the conformance vectors.
 */
export function findDifferences(ours: Answer, theirs: Answer): readonly Difference[] {
  const differences: Difference[] = [];
  compare(strip(ours), strip(theirs), "", differences);
  return differences;
}

function strip(answer: Answer): unknown {
  if ("result" in answer) return { result: answer.result };
  const { code, data } = answer.error;
  return { error: { code, ...(typeof data === "string" ? { data } : {}) } };
}

function compare(ours: unknown, theirs: unknown, path: string, found: Difference[]): void {
  if (Object.is(ours, theirs)) return;
  if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
    ours.forEach((item, index) => compare(item, theirs[index], `${path}[${index}]`, found));
    return;
  }
  if (isPlain(ours) && isPlain(theirs)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      compare(ours[key], theirs[key], path === "" ? key : `${path}.${key}`, found);
    }
    return;
  }
  found.push({ path, ours, theirs });
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
