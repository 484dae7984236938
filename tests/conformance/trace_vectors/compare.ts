/**
 * Whether two traces are the same, and where they are not.
 *
 * Owns the comparison. Wanted call frames go through the record that geth's own test reads them
 * into: empty fields are as good as absent, and an absent index is 0.
 * @module
 */
import type { TraceShape } from "./vector_case.ts";
import { isRecord } from "../../../devnet/rpc/schema.ts";

/** Differences that are told of one trace. */
const MAX_DIFFERENCES = 12;
/** Characters of a value that are shown. */
const MAX_SHOWN_LENGTH = 160;

/** Each difference with the path to it; the first few. */
export function findDifferences(
  wanted: unknown,
  got: unknown,
  shape: TraceShape,
): readonly string[] {
  const differences: string[] = [];
  const at = { path: "result", differences };
  if (shape === "flat") compare(withoutDefaults(wanted), withoutDefaults(got), at);
  else compare(shape === "frames" ? normalFrame(wanted) : wanted, got, at);
  return differences.length <= MAX_DIFFERENCES
    ? differences
    : [...differences.slice(0, MAX_DIFFERENCES), `… ${differences.length} differences in all`];
}

function compare(
  wanted: unknown,
  got: unknown,
  at: { readonly path: string; readonly differences: string[] },
): void {
  const { path, differences } = at;
  if (Array.isArray(wanted) && Array.isArray(got)) {
    if (wanted.length !== got.length) {
      differences.push(`${path}.length: want ${wanted.length}, got ${got.length}`);
    }
    wanted.forEach((item: unknown, index) => {
      if (index < got.length) compare(item, got[index], { ...at, path: `${path}[${index}]` });
    });
  } else if (isRecord(wanted) && isRecord(got)) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(got)])) {
      compare(wanted[key], got[key], { ...at, path: `${path}.${key}` });
    }
  } else if (wanted !== got) {
    differences.push(`${path}: want ${show(wanted)}, got ${show(got)}`);
  }
}

function normalFrame(frame: unknown): unknown {
  if (!isRecord(frame)) return frame;
  const { calls, logs, output, error, revertReason, ...fields } = frame;
  return {
    ...fields,
    ...(output === undefined || output === "0x" ? {} : { output }),
    ...(error === undefined || error === "" ? {} : { error }),
    ...(revertReason === undefined || revertReason === "" ? {} : { revertReason }),
    ...(Array.isArray(calls) && calls.length > 0 ? { calls: calls.map(normalFrame) } : {}),
    ...(Array.isArray(logs) && logs.length > 0 ? { logs: logs.map(normalLog) } : {}),
  };
}

function normalLog(log: unknown): unknown {
  return isRecord(log) ? { index: "0x0", position: "0x0", ...log } : log;
}

/** geth's own test has no block and passes these over. */
const PLACE_FIELDS: ReadonlySet<string> = new Set([
  "blockHash",
  "blockNumber",
  "transactionHash",
  "transactionPosition",
  "time",
]);

/** Fields that say nothing, for geth reads both sides into records in which they are the same. */
const DEFAULTS: ReadonlySet<unknown> = new Set([
  undefined,
  null,
  "",
  0,
  "0x",
  "0x0",
  `0x${"00".repeat(20)}`,
  `0x${"00".repeat(32)}`,
]);

function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (!isRecord(value)) return value;
  const fields = Object.entries(value).map(([key, field]) =>
    [key, withoutDefaults(field)] as const
  );
  return Object.fromEntries(
    fields.filter(([key, field]) =>
      !PLACE_FIELDS.has(key) && !DEFAULTS.has(field) &&
      !(isRecord(field) && Object.keys(field).length === 0)
    ),
  );
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= MAX_SHOWN_LENGTH ? text : `${text.slice(0, MAX_SHOWN_LENGTH)}…`;
}
