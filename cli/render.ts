/**
 * Text for people and JSON for machines out of the same plain values.
 *
 * Owns layout: aligned fields, tables, units beside numbers, and JSON with sorted keys. Knows no
 * view by name; those that read better in words are in `views.ts`.
 * @module
 */
import type { JsonValue } from "../core/engine/engine.ts";
import { bytesToHex } from "../core/primitives/hex.ts";

/** Widest table that is still a table; wider rows become one block of fields each. */
const MAX_TABLE_WIDTH = 120;

/**
 * One line of JSON: keys sorted, integers of any size as decimal text, bytes as hex.
 *
 * One line, so that a reader of a running process knows where the document ends.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(toJsonValue(value));
}

/** `value` as plain JSON data: what {@linkcode toJson} writes. */
export function toJsonValue(value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (value instanceof Error) return value.message;
  if (Array.isArray(value)) return value.map(toJsonValue);
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return Object.fromEntries(entries.map(([name, field]) => [name, toJsonValue(field)]));
}

/** Any value as lines for people; units follow from the ends of field names. */
export function renderValue(value: JsonValue): string {
  return valueLines(value).join("\n");
}

/** Aligned `label  value` lines; nested values follow indented. */
export function renderFields(fields: readonly (readonly [string, JsonValue])[]): string {
  return fieldLines(fields).join("\n");
}

/** Rows under their headings, columns as wide as their widest cell, no trailing blanks. */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? "").length))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd();
  return [line(headings), ...rows.map(line)].join("\n");
}

/** `sealReason` as `seal reason`, `l1BlockNumber` as `L1 block number`; units are left off. */
export function fieldLabel(name: string): string {
  const words = name.replace(/(Wei|Sec)$/, "").replace(/([a-z\d])([A-Z])/g, "$1 $2").toLowerCase();
  return printable(words.replace(/\bl([12])\b/g, "L$1"));
}

/** 18 decimals and the unit, as wallets show it, without needless zeros. */
export function formatEther(wei: bigint): string {
  const digits = wei.toString().padStart(19, "0");
  const fraction = digits.slice(-18).replace(/0+$/, "");
  return `${digits.slice(0, -18)}${fraction === "" ? "" : `.${fraction}`} ETH`;
}

/** `text` with control characters written out: bytes of a chain must not drive a terminal. */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what this looks for.
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** `text` in lines of at most `width` characters; newlines and indents stay. */
export function wrapText(text: string, width: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const indent = /^ */.exec(paragraph)?.[0] ?? "";
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.trimStart().split(" ")) {
      if (line !== "" && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === "" ? word : `${line} ${word}`;
      }
    }
    return [...lines, line].map((each) => indent + each);
  });
}

type JsonObject = { readonly [key: string]: JsonValue };

function valueLines(value: JsonValue): string[] {
  if (isList(value)) return listLines(value);
  if (isObject(value)) return fieldLines(Object.entries(value));
  return [scalarText("", value)];
}

function fieldLines(fields: readonly (readonly [string, JsonValue])[]): string[] {
  const flat = fields.filter(([, value]) => isScalar(value) || isEmpty(value));
  const width = Math.max(0, ...flat.map(([name]) => fieldLabel(name).length));
  return fields.flatMap(([name, value]) => {
    if (isScalar(value)) return [`${fieldLabel(name).padEnd(width)}  ${scalarText(name, value)}`];
    if (isEmpty(value)) return [`${fieldLabel(name).padEnd(width)}  none`];
    return [`${fieldLabel(name)}:`, ...valueLines(value).map((line) => `  ${line}`)];
  });
}

function listLines(items: readonly JsonValue[]): string[] {
  if (items.length === 0) return ["none"];
  const objects = items.filter(isObject);
  if (objects.length < items.length) {
    return items.flatMap((item, index) =>
      isScalar(item) ? [scalarText("", item)] : [
        `(${index})`,
        ...valueLines(item).map((line) => `  ${line}`),
      ]
    );
  }
  const table = tableOf(objects);
  if (table !== undefined) return table;
  return objects.flatMap((item, index) => [
    ...(index === 0 ? [] : [""]),
    ...fieldLines(Object.entries(item)),
  ]);
}

/** A table when all rows are flat and it is narrow enough to read. */
function tableOf(rows: readonly JsonObject[]): string[] | undefined {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (names.length === 0 || rows.some((row) => !Object.values(row).every(isScalar))) {
    return undefined;
  }
  const cells = rows.map((row) =>
    names.map((name) => {
      const value = row[name];
      return value === undefined ? "" : scalarText(name, value);
    })
  );
  const lines = renderTable(names.map(fieldLabel), cells).split("\n");
  return lines.every((line) => line.length <= MAX_TABLE_WIDTH) ? lines : undefined;
}

function scalarText(name: string, value: JsonValue): string {
  if (value === null) return "none";
  if (value === true) return "yes";
  if (value === false) return "no";
  const text = printable(String(value));
  if (name.endsWith("Wei") && /^\d{1,90}$/.test(text)) {
    return `${text} wei (${formatEther(BigInt(text))})`;
  }
  if (name.endsWith("Sec") && /^\d{1,12}$/.test(text)) {
    return `${text} (${new Date(Number(text) * 1000).toISOString().replace(".000", "")})`;
  }
  return text;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isScalar(value: JsonValue): boolean {
  return typeof value !== "object" || value === null;
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
