/**
 * Typed tables over Deno KV: keys, values, and a check of every row that is read.
 *
 * Owns the vocabulary in which `schema.ts` (and the embedded L1) declare tables. Does not own any
 * table.
 * @module
 */
import { ownBytes } from "../primitives/bytes.ts";
import { RollupError } from "../primitives/errors.ts";
import { checksum } from "./checksum.ts";

/** The database that tables are in; rooms above name it without naming Deno. */
export type Kv = Deno.Kv;

/** Parts of a key after the table's name; numbers are always `bigint`, which sort numerically. */
export type KeyPart = bigint | string | Uint8Array;

/** A table: its name never gets another meaning, a changed value type is a new table. */
export interface Table<Key extends readonly KeyPart[], Value> {
  readonly name: string;
  /** One sentence: what a row is, and its key. */
  readonly doc: string;
  /** What is stored for `value`: with its checksum. Throws when it has not the table's shape. */
  toStored(value: Value): unknown;
  /** The value that is stored as `stored`. Throws when its shape or its checksum is wrong. */
  readonly fromStored: (stored: unknown) => Value;
  /** Never read: carries the key's type. */
  readonly key?: Key;
}

/** Codes of this room. */
export type StoreErrorCode =
  | "STORE_ROW_CORRUPT"
  | "STORE_ROW_MISSING"
  | "STORE_BLOB_MISSING"
  | "STORE_BLOB_CORRUPT"
  | "STORE_FILE_CORRUPT"
  | "STATE_MOVES"
  | "DATA_FOLDER_OWNED"
  | "DATA_FOLDER_UNUSABLE"
  | "DATA_FOLDER_OTHER_VERSION"
  | "GENESIS_MISMATCH"
  | "TABLE_UNKNOWN";

/** Kinds of field that a row may have. */
export interface FieldKinds {
  bigint: bigint;
  number: number;
  string: string;
  boolean: boolean;
  bytes: Uint8Array;
}

/** A row as a record of fields; `?` after a kind allows `undefined`. */
export type RowShape = Readonly<Record<string, keyof FieldKinds | `${keyof FieldKinds}?`>>;

/** The type that a {@linkcode RowShape} describes. */
export type RowOf<Shape extends RowShape> = {
  readonly [Field in keyof Shape]: Shape[Field] extends `${infer Kind extends keyof FieldKinds}?`
    ? FieldKinds[Kind] | undefined
    : Shape[Field] extends keyof FieldKinds ? FieldKinds[Shape[Field]]
    : never;
};

/** Declares a table whose rows are records of plain fields. */
export function recordTable<Key extends readonly KeyPart[], Shape extends RowShape>(
  name: string,
  doc: string,
  shape: Shape,
): Table<Key, RowOf<Shape>> {
  const check = (value: unknown): RowOf<Shape> => {
    if (typeof value !== "object" || value === null) throw new TypeError("row is no record");
    const fields = new Map(Object.entries(value));
    for (const [field, kind] of Object.entries(shape)) {
      checkField(field, kind, fields.get(field));
    }
    // Every field was just checked against the shape that defines the type.
    return value as RowOf<Shape>;
  };
  return {
    name,
    doc,
    toStored: (value) => {
      const row: Record<string, unknown> = { ...check(value), [CHECKSUM_FIELD]: checksum(value) };
      for (const [field, kind] of Object.entries(shape)) {
        if (kind.startsWith("bytes")) row[field] = toStoredField(row[field]);
      }
      return row;
    },
    fromStored: (stored) => {
      if (!isRecord(stored)) throw new TypeError("row is no record");
      const { [CHECKSUM_FIELD]: sum, ...value } = stored;
      const row = check(value);
      if (checksum(value) !== sum) throw new TypeError(WRONG_CHECKSUM);
      return row;
    },
  };
}

/** What proves that a stored value is whole: its own sum, or something that names its content. */
export type ValueProof = "checksum" | "content";

/**
 * Declares a table whose rows are single values of one kind. With `content` they are stored bare:
 * who reads them holds them against a hash, or against a root.
 */
export function valueTable<Key extends readonly KeyPart[], Kind extends keyof FieldKinds>(
  name: string,
  doc: string,
  kind: Kind,
  proof: ValueProof = "checksum",
): Table<Key, FieldKinds[Kind]> {
  const check = (value: unknown): FieldKinds[Kind] => {
    checkField("value", kind, value);
    // The check above is exactly the claim.
    return value as FieldKinds[Kind];
  };
  if (proof === "content") {
    return { name, doc, toStored: (value) => toStoredField(check(value)), fromStored: check };
  }
  return {
    name,
    doc,
    toStored: (value) => ({
      value: toStoredField(check(value)),
      [CHECKSUM_FIELD]: checksum(value),
    }),
    fromStored: (stored) => {
      if (!isRecord(stored)) throw new TypeError(`value is ${kindOf(stored)} without a checksum`);
      const value = check(stored.value);
      if (checksum(value) !== stored[CHECKSUM_FIELD]) throw new TypeError(WRONG_CHECKSUM);
      return value;
    },
  };
}

/** The full KV key of a row. */
export function rowKey<Key extends readonly KeyPart[], Value>(
  table: Table<Key, Value>,
  key: NoInfer<Key>,
): Deno.KvKey {
  return [table.name, ...key];
}

/**
 * The row at `key`, or `undefined`.
 *
 * @throws `STORE_ROW_CORRUPT` when the stored value has not the table's shape.
 */
export async function readRow<Key extends readonly KeyPart[], Value>(
  kv: Deno.Kv,
  table: Table<Key, Value>,
  key: NoInfer<Key>,
): Promise<Value | undefined> {
  const { value, versionstamp } = await kv.get(rowKey(table, key));
  return versionstamp === null ? undefined : checkRow(table, rowKey(table, key), value);
}

/**
 * The field `schemaVersion` of the row at `key`, whatever version wrote it: its other fields, its
 * checksum even, may be of another shape. `undefined` when the row or the field is not there.
 */
export async function readSchemaVersion<Key extends readonly KeyPart[], Value>(
  kv: Deno.Kv,
  table: Table<Key, Value>,
  key: NoInfer<Key>,
): Promise<bigint | undefined> {
  const { value } = await kv.get(rowKey(table, key));
  const version = isRecord(value) ? value["schemaVersion"] : undefined;
  return typeof version === "bigint" ? version : undefined;
}

/**
 * The row at `key`, which other rows promise to be there.
 *
 * @throws `STORE_ROW_MISSING`, `STORE_ROW_CORRUPT`.
 */
export async function requireRow<Key extends readonly KeyPart[], Value>(
  kv: Deno.Kv,
  table: Table<Key, Value>,
  key: NoInfer<Key>,
): Promise<Value> {
  const row = await readRow(kv, table, key);
  if (row === undefined) {
    throw new RollupError<StoreErrorCode>(
      "STORE_ROW_MISSING",
      `Cannot read table "${table.name}" at ${showKey(key)}: the row is missing`,
      { details: { table: table.name, key: showKey(key) }, mend: DAMAGED_FOLDER_MEND },
    );
  }
  return row;
}

/** Rows of a table in key order; `from` inclusive, `until` exclusive, as prefixes of keys. */
export async function* listRows<Key extends readonly KeyPart[], Value>(
  kv: Deno.Kv,
  table: Table<Key, Value>,
  range: {
    readonly from?: readonly KeyPart[];
    readonly until?: readonly KeyPart[];
    readonly reverse?: boolean;
    readonly limit?: number;
    /** Rows that are fetched at once, by who stops after a few. */
    readonly batchSize?: number;
  } = {},
): AsyncGenerator<{ key: Deno.KvKey; value: Value }> {
  const prefix: Deno.KvKey = [table.name];
  const selector: Deno.KvListSelector = {
    prefix,
    ...(range.from === undefined ? {} : { start: [...prefix, ...range.from] }),
    ...(range.until === undefined ? {} : { end: [...prefix, ...range.until] }),
  };
  const options: Deno.KvListOptions = {
    batchSize: Math.min(range.batchSize ?? 500, range.limit ?? 500),
    ...(range.limit === undefined ? {} : { limit: range.limit }),
    ...(range.reverse === undefined ? {} : { reverse: range.reverse }),
  };
  for await (const entry of kv.list(withoutUselessPrefix(selector), options)) {
    yield { key: entry.key, value: checkRow(table, entry.key, entry.value) };
  }
}

/** Beside the fields of a row, which all have names of letters. */
const CHECKSUM_FIELD = "#";
const WRONG_CHECKSUM = "its checksum is of another value";

const DAMAGED_FOLDER_MEND =
  "The data folder is damaged: restore a copy of it, or delete it and start again.";

/** KV takes `start` and `end` without a prefix when both are given. */
function withoutUselessPrefix(selector: Deno.KvListSelector): Deno.KvListSelector {
  if ("start" in selector && "end" in selector) {
    return { start: selector.start, end: selector.end };
  }
  return selector;
}

function checkRow<Key extends readonly KeyPart[], Value>(
  table: Table<Key, Value>,
  key: Deno.KvKey,
  value: unknown,
): Value {
  try {
    return table.fromStored(value);
  } catch (cause) {
    throw new RollupError<StoreErrorCode>(
      "STORE_ROW_CORRUPT",
      `Cannot read table "${table.name}" at ${showKey(key.slice(1))}: ${
        cause instanceof Error ? cause.message : "the row has another shape"
      }`,
      {
        details: { table: table.name, key: showKey(key.slice(1)) },
        mend: DAMAGED_FOLDER_MEND,
        cause,
      },
    );
  }
}

/** A buffer is stored whole, whichever part of it a field sees. */
function toStoredField(value: unknown): unknown {
  return value instanceof Uint8Array ? ownBytes(value) : value;
}

function checkField(field: string, kind: string, value: unknown): void {
  const optional = kind.endsWith("?");
  if (optional && value === undefined) return;
  const wanted = optional ? kind.slice(0, -1) : kind;
  const got = kindOf(value);
  if (got !== wanted) throw new TypeError(`field "${field}" is ${got}, expected ${wanted}`);
}

function kindOf(value: unknown): string {
  return value instanceof Uint8Array ? "bytes" : typeof value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}

/** A key as people read it. */
export function showKey(key: readonly unknown[]): string {
  const parts = key.map((part) => part instanceof Uint8Array ? `0x${part.toHex()}` : String(part));
  return `[${parts.join(", ")}]`;
}
