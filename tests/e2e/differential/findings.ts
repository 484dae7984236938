/**
 * Unexplained differences as a person reads them.
 *
 * Owns the text. Does not own what is a difference (`run.ts`).
 * @module
 */
import type { Finding } from "./run.ts";

/** Characters of a value that are shown. */
const SHOWN_CHARS = 400;

/** One text a place: the same difference at a hundred steps is one difference. */
export function renderFindings(findings: readonly Finding[]): readonly string[] {
  return [...Map.groupBy(findings, placeOf).values()].map(renderGroup);
}

function placeOf({ question, difference }: Finding): string {
  const place = difference.path.replaceAll(/\[\d+\]|0x[0-9a-f]+/gi, "_");
  return `${question.method} ${place} ${typeof difference.ours} ${typeof difference.theirs}`;
}

function renderGroup(group: readonly Finding[]): string {
  const [first] = group;
  if (first === undefined) return "";
  const { step, question, difference, ours, theirs } = first;
  const errors = [ours, theirs].map((answer) => "error" in answer ? answer.error.message : "");
  return [
    `FAILED ${group.length} times, first at step ${step}: ` +
    `${question.method} ${show(question.params)}`,
    `  ${difference.path}: ours ${show(difference.ours)}, anvil's ${show(difference.theirs)}`,
    ...(errors.join("") === "" ? [] : [`  errors: ours ${errors[0]}; anvil's ${errors[1]}`]),
  ].join("\n");
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? "absent").slice(0, SHOWN_CHARS);
}
