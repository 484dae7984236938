/**
 * Whether an answer is the recorded one.
 *
 * Owns the two ways of execution-apis: equal but for the words of an error, or of the same shape.
 * @module
 */
import { isRecord } from "../../../devnet/rpc/schema.ts";

/** Fields that a specification lets a node leave away, where a recording has them. */
const OPTIONAL_PATHS: readonly RegExp[] = [
  // eth_capabilities: a node that deletes nothing has no strategy for it.
  /^result\.\w+\.deleteStrategy$/,
  // Errors: `data` is what the node likes to add.
  /^error\.data$/,
];

/** The first few differences, each with its path; none for an answer that is right. */
export function findDifferences(
  wanted: unknown,
  got: unknown,
  how: "equal" | "shape",
): readonly string[] {
  const differences: string[] = [];
  if (how === "equal") compareValues(wanted, got, "", differences);
  else compareShapes(wanted, got, "", differences);
  return differences;
}

const MAX_DIFFERENCES = 6;

function compareValues(wanted: unknown, got: unknown, path: string, found: string[]): void {
  if (found.length >= MAX_DIFFERENCES) return;
  if (path === "error.message") return;
  // What a node adds to an error that was recorded without data is its own.
  if (path === "error.data" && wanted === undefined) return;
  if (Array.isArray(wanted) && Array.isArray(got)) {
    if (wanted.length !== got.length) {
      found.push(`${path}.length: want ${wanted.length}, got ${got.length}`);
    }
    for (const [index, value] of wanted.entries()) {
      if (index < got.length) compareValues(value, got[index], `${path}[${index}]`, found);
    }
    return;
  }
  if (isRecord(wanted) && isRecord(got)) {
    for (const key of keysOf(wanted, got)) {
      compareValues(wanted[key], got[key], path === "" ? key : `${path}.${key}`, found);
    }
    return;
  }
  if (wanted !== got) found.push(`${path}: want ${show(wanted)}, got ${show(got)}`);
}

function compareShapes(wanted: unknown, got: unknown, path: string, found: string[]): void {
  if (found.length >= MAX_DIFFERENCES) return;
  if (got === undefined && OPTIONAL_PATHS.some((each) => each.test(path))) return;
  if (path === "error.data" && wanted === undefined) return;
  if (kindOf(wanted) !== kindOf(got)) {
    found.push(`${path}: want ${kindOf(wanted)}, got ${kindOf(got)}`);
    return;
  }
  if (Array.isArray(wanted) && Array.isArray(got)) {
    // Lists may have another length; what they hold is alike.
    if (wanted.length > 0 && got.length > 0) {
      compareShapes(wanted[0], got[0], `${path}[0]`, found);
    }
    return;
  }
  if (!isRecord(wanted) || !isRecord(got)) return;
  if (isMap(wanted) && isMap(got)) {
    const [first] = Object.values(wanted);
    const [other] = Object.values(got);
    if (first !== undefined && other !== undefined) compareShapes(first, other, `${path}.*`, found);
    return;
  }
  for (const key of keysOf(wanted, got)) {
    compareShapes(wanted[key], got[key], path === "" ? key : `${path}.${key}`, found);
  }
}

/** Names that are accounts or nonces are data, not shape. */
function isMap(value: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(value).every((key) => /^(0x[0-9a-fA-F]{40}|\d+)$/.test(key));
}

function keysOf(
  left: Readonly<Record<string, unknown>>,
  right: Readonly<Record<string, unknown>>,
): Iterable<string> {
  return new Set([...Object.keys(left), ...Object.keys(right)]);
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return value.startsWith("0x") ? "hex" : "text";
  return typeof value === "object" ? "an object" : typeof value;
}

function show(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
