/**
 * The part of JSON Schema that methods describe their parameters and answers with.
 *
 * Owns the type and the shapes that JSON-RPC of Ethereum is made of, named as execution-apis names
 * them. Does not own reading a parameter (`schema.ts`) or the document (`openrpc.ts`).
 * @module
 */

/** A JSON Schema (draft 7) as OpenRPC takes it. */
export interface JsonSchema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: "string" | "number" | "integer" | "boolean" | "array" | "object" | "null";
  readonly pattern?: string;
  readonly enum?: readonly (string | number | null)[];
  readonly const?: string | number | boolean | null;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly maxItems?: number;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly default?: unknown;
}

/** Any JSON value. */
export const ANY_JSON: JsonSchema = {};
/** `null`. */
export const NULL_JSON: JsonSchema = { type: "null" };
/** `true` or `false`. */
export const BOOLEAN_JSON: JsonSchema = { type: "boolean" };
/** Any text. */
export const TEXT_JSON: JsonSchema = { type: "string" };
/** An unsigned integer in hex. */
export const QUANTITY_JSON: JsonSchema = {
  title: "uint",
  type: "string",
  pattern: "^0x(0|[1-9a-f][0-9a-f]*)$",
};
/** Bytes in hex. */
export const BYTES_JSON: JsonSchema = {
  title: "bytes",
  type: "string",
  pattern: "^0x([0-9a-f]{2})*$",
};
/** 32 bytes in hex. */
export const HASH_JSON: JsonSchema = {
  title: "hash32",
  type: "string",
  pattern: "^0x[0-9a-f]{64}$",
};
/** An address in hex. */
export const ADDRESS_JSON: JsonSchema = {
  title: "address",
  type: "string",
  pattern: "^0x[0-9a-fA-F]{40}$",
};

/** `schema` under a name of its own in the document; one name always means the same. */
export function titledJson(title: string, schema: JsonSchema): JsonSchema {
  return { title, ...schema };
}

/** A list of `items`. */
export function listJson(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

/** `schema` or `null`, as of what may not be there. */
export function nullableJson(schema: JsonSchema): JsonSchema {
  return { oneOf: [NULL_JSON, schema] };
}

/** An object with these fields, all of them there unless `optional` has more. */
export function objectJson(
  properties: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return {
    type: "object",
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
  };
}
