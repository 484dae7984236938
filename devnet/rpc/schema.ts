/**
 * What a method takes: small typed parsers that name the parameter they refuse.
 *
 * Owns the shapes that JSON-RPC of Ethereum is made of, as strict as geth. Does not own what a
 * value means to a method.
 * @module
 */
import { type Address, address as toAddress } from "../../core/primitives/hex.ts";
import { bigintToHash32, type Hash32, hash32, hexToBytes } from "../../core/primitives/hex.ts";
import type { BlockTag } from "./chain.ts";
import { invalidParams, RPC_CODES, RpcError } from "./errors.ts";
import {
  ADDRESS_JSON,
  BOOLEAN_JSON,
  BYTES_JSON,
  HASH_JSON,
  type JsonSchema,
  QUANTITY_JSON,
} from "./json_schema.ts";

/** Reads a JSON value as a `T`; `undefined` stands for an absent value. */
export interface Schema<T> {
  /** What it takes, for the OpenRPC document; a parameter of a method must have it. */
  readonly json?: JsonSchema;
  /** Whether nothing at all will do. */
  readonly isOptional?: boolean;
  /** @throws RpcError -32602 that names `path`. */
  parse(value: unknown, path: string): T;
}

/** A positional parameter. */
export interface Param<T> {
  readonly name: string;
  readonly schema: Schema<T>;
}

/** What the handler gets for a tuple of parameters. */
export type ParamValues<P extends readonly Param<unknown>[]> = {
  readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never;
};

/** What a schema gives. */
export type ValueOf<S> = S extends Schema<infer T> ? T : never;

/** A block as clients name it. */
export type BlockReference =
  | { readonly kind: "tag"; readonly tag: BlockTag }
  | { readonly kind: "number"; readonly number: bigint }
  | { readonly kind: "hash"; readonly hash: Hash32 };

/** The block that a method means when the client names none. */
export const LATEST: BlockReference = { kind: "tag", tag: "latest" };
/** The block to come, where a transaction is asked about that is still to be sent. */
export const PENDING: BlockReference = { kind: "tag", tag: "pending" };

/** The parameter `name`, read by `schema`. */
export function param<T>(name: string, schema: Schema<T>): Param<T> {
  return { name, schema };
}

/**
 * The values of `params` in the JSON value that came as `params` of a request.
 *
 * @throws RpcError -32602 for a value that is no array, is too long, or has a wrong element.
 */
export function parseParams<const P extends readonly Param<unknown>[]>(
  params: P,
  raw: unknown,
): ParamValues<P> {
  const values = raw ?? [];
  if (!Array.isArray(values)) {
    throw new RpcError(RPC_CODES.invalidParams, "non-array args: expected params as an array");
  }
  if (values.length > params.length) {
    throw invalidParams(`too many arguments, want at most ${params.length}`);
  }
  const parsed = params.map(({ name, schema }, index) => {
    const path = `argument ${index} (${name})`;
    const value: unknown = values[index];
    return schema.parse(value, path);
  });
  // Each element was read by the schema at its place, which is what the mapped type says.
  return parsed as unknown as ParamValues<P>;
}

/** The same value, or `undefined` when it is absent or `null`. */
export function optional<T>(schema: Schema<T>): Schema<T | undefined> {
  return {
    ...describedAs(schema.json),
    isOptional: true,
    parse: (value, path) =>
      value === undefined || value === null ? undefined : schema.parse(value, path),
  };
}

/** The same value, or `fallback` when it is absent or `null`. */
export function withDefault<T>(schema: Schema<T>, fallback: T): Schema<T> {
  return {
    ...describedAs(schema.json),
    isOptional: true,
    parse: (value, path) =>
      value === undefined || value === null ? fallback : schema.parse(value, path),
  };
}

/** An unsigned integer of at most `bits` bits, as geth writes it: `0x0`, no leading zeros. */
export function quantity(bits = 256): Schema<bigint> {
  return {
    json: QUANTITY_JSON,
    parse(value, path) {
      const text = textOf(value, path, "a quantity in hex");
      if (!/^0x(0|[1-9a-fA-F][0-9a-fA-F]*)$/.test(text)) {
        throw wrong(path, "a quantity in hex such as 0x1f (no leading zeros)", value);
      }
      const read = text.length <= 66 ? BigInt(text) : undefined;
      if (read === undefined || read >= 1n << BigInt(bits)) {
        throw wrong(path, `a quantity of at most ${bits} bits`, value);
      }
      return read;
    },
  };
}

/** As {@linkcode quantity}, but a JSON number will do: the methods of devnets always took both. */
export function quantityOrNumber(bits = 64): Schema<bigint> {
  const hex = quantity(bits);
  return {
    json: { oneOf: [QUANTITY_JSON, WHOLE_NUMBER_JSON] },
    parse(value, path) {
      if (typeof value !== "number") return hex.parse(value, path);
      if (!Number.isSafeInteger(value) || value < 0) {
        throw wrong(path, "a whole number from 0 to 2^53-1", value);
      }
      return BigInt(value);
    },
  };
}

const WHOLE_NUMBER_JSON: JsonSchema = { type: "integer", minimum: 0 };

/**
 * As {@linkcode quantityOrNumber}, for methods of developers, who write numbers by hand as anvil
 * takes them: decimal text and leading zeros will do as well.
 */
export function anyQuantity(bits = 64): Schema<bigint> {
  const strict = quantityOrNumber(bits);
  return {
    json: { oneOf: [QUANTITY_JSON, WHOLE_NUMBER_JSON, DECIMAL_JSON] },
    parse(value, path) {
      // 78 digits are those of 2^256, with any number of zeros before them.
      const isLoose = typeof value === "string" &&
        /^(\d{1,78}|0x0{0,80}[0-9a-fA-F]{1,64})$/.test(value);
      return strict.parse(isLoose ? `0x${BigInt(value).toString(16)}` : value, path);
    },
  };
}

const DECIMAL_JSON: JsonSchema = {
  title: "decimal text",
  type: "string",
  pattern: "^[0-9]{1,78}$",
};

/** A JSON number: whole, not negative and exact. */
export const wholeNumber: Schema<number> = {
  json: WHOLE_NUMBER_JSON,
  parse(value, path) {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw wrong(path, "a whole number from 0 to 2^53-1", value);
  },
};

/** A JSON number of any size. */
export const finiteNumber: Schema<number> = {
  json: { type: "number" },
  parse(value, path) {
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw wrong(path, "a number", value);
  },
};

/** An amount as decimal text, of at most 256 bits. */
export const decimal: Schema<bigint> = {
  json: { type: "string", pattern: "^(0|[1-9][0-9]{0,77})$" },
  parse(value, path) {
    const digits = textOf(value, path, "an amount in decimal digits");
    if (!/^(0|[1-9]\d{0,77})$/.test(digits) || BigInt(digits) >= 1n << 256n) {
      throw wrong(path, "an amount in decimal digits, below 2^256", value);
    }
    return BigInt(digits);
  },
};

/** Bytes in hex, two digits each. */
export const data: Schema<Uint8Array> = {
  json: BYTES_JSON,
  parse(value, path) {
    const text = textOf(value, path, "bytes in hex");
    if (!/^0x([0-9a-fA-F]{2})*$/.test(text)) {
      throw wrong(path, "bytes in hex after 0x, two digits each", value);
    }
    return hexToBytes(text);
  },
};

/** 20 bytes in hex. */
export const address: Schema<Address> = {
  json: ADDRESS_JSON,
  parse(value, path) {
    const text = textOf(value, path, "an address of 20 bytes in hex");
    if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw wrong(path, "an address of 20 bytes", value);
    return toAddress(text);
  },
};

/** 32 bytes in hex. */
export const hash: Schema<Hash32> = {
  json: HASH_JSON,
  parse(value, path) {
    const text = textOf(value, path, "a hash of 32 bytes in hex");
    if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw wrong(path, "a hash of 32 bytes", value);
    return hash32(text);
  },
};

/** A storage slot: up to 32 bytes in hex, as geth pads it on the left. */
export const storageSlot: Schema<Hash32> = {
  json: { title: "storage slot", type: "string", pattern: "^0x[0-9a-fA-F]{0,64}$" },
  parse(value, path) {
    const text = textOf(value, path, "a storage slot in hex");
    if (!/^0x[0-9a-fA-F]{0,64}$/.test(text)) {
      throw wrong(path, "a storage slot of at most 32 bytes in hex", value);
    }
    return hash32(`0x${text.slice(2).padStart(64, "0")}`);
  },
};

/** As {@linkcode storageSlot}, for methods of developers: a number will do as well. */
export const anyStorageSlot: Schema<Hash32> = {
  json: { oneOf: [storageSlot.json ?? {}, WHOLE_NUMBER_JSON] },
  parse: (value, path) =>
    typeof value === "number"
      ? bigintToHash32(BigInt(wholeNumber.parse(value, path)))
      : storageSlot.parse(value, path),
};

/** A slot as `eth_getProof` takes it: as {@linkcode storageSlot}, with the length that it had. */
export const storageKey: Schema<{ readonly slot: Hash32; readonly sizeBytes: number }> = {
  ...(storageSlot.json === undefined ? {} : { json: storageSlot.json }),
  parse(value, path) {
    const slot = storageSlot.parse(value, path);
    const digits = typeof value === "string" ? value.length - 2 : 0;
    return { slot, sizeBytes: Math.ceil(digits / 2) };
  },
};

/** `true` or `false`. */
export const boolean: Schema<boolean> = {
  json: BOOLEAN_JSON,
  parse(value, path) {
    if (typeof value === "boolean") return value;
    throw wrong(path, "true or false", value);
  },
};

/** Text of at most `maxLength` characters. */
export function text(maxLength: number): Schema<string> {
  return {
    json: { type: "string", maxLength },
    parse(value, path) {
      const read = textOf(value, path, "text");
      if (read.length > maxLength) {
        throw wrong(path, `text of at most ${maxLength} characters`, value);
      }
      return read;
    },
  };
}

/** One of these words. */
export function oneOf<const W extends string>(words: readonly W[]): Schema<W> {
  return {
    json: { type: "string", enum: words },
    parse(value, path) {
      const found = words.find((word) => word === value);
      if (found === undefined) throw wrong(path, `one of ${words.join(", ")}`, value);
      return found;
    },
  };
}

/** A list of at most `maxLength` values. */
export function list<T>(item: Schema<T>, maxLength: number): Schema<readonly T[]> {
  return {
    json: { type: "array", items: item.json ?? {}, maxItems: maxLength },
    parse(value, path) {
      if (!Array.isArray(value)) throw wrong(path, "an array", value);
      if (value.length > maxLength) throw wrong(path, `at most ${maxLength} elements`, value);
      return value.map((element: unknown, index) => item.parse(element, `${path}[${index}]`));
    },
  };
}

/** An object with these fields; others are ignored, as geth does. */
export function object<const F extends Readonly<Record<string, Schema<unknown>>>>(
  fields: F,
): Schema<{ readonly [K in keyof F]: ValueOf<F[K]> }> {
  const entries = Object.entries(fields);
  return {
    json: fieldsJson(fields),
    parse(value, path) {
      if (!isRecord(value)) throw wrong(path, "an object", value);
      // Most fields of most objects are not there, and seldom is one in another case.
      const hasOthers = Object.keys(value).some((name) => !Object.hasOwn(fields, name));
      const parsed: Record<string, unknown> = {};
      for (const [key, schema] of entries) {
        const isOther = hasOthers && !Object.hasOwn(value, key);
        const field = isOther ? inOtherCase(value, key) : ownValue(value, key);
        parsed[key] = schema.parse(field, `${path}.${key}`);
      }
      // Each field was read by the schema of its name, which is what the mapped type says.
      return parsed as { readonly [K in keyof F]: ValueOf<F[K]> };
    },
  };
}

function ownValue(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** geth reads names of fields in any case, and some clients rely on it. */
function inOtherCase(value: Readonly<Record<string, unknown>>, key: string): unknown {
  for (const name in value) {
    if (name.length === key.length && name.toLowerCase() === key.toLowerCase()) return value[name];
  }
  return undefined;
}

/** The JSON Schema of an object that `object` reads: what may be absent is not required. */
function fieldsJson(fields: Readonly<Record<string, Schema<unknown>>>): JsonSchema {
  const entries = Object.entries(fields);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([key, { json = {} }]) => [key, json])),
    required: entries.filter(([, { isOptional }]) => isOptional !== true).map(([key]) => key),
  };
}

function describedAs(json: JsonSchema | undefined): { readonly json?: JsonSchema } {
  return json === undefined ? {} : { json };
}

const BLOCK_TAGS: readonly BlockTag[] = ["latest", "pending", "earliest", "safe", "finalized"];
/** The ZK Stack's words for how far a block has come, and ours; on L1 they say the same. */
const ROLLUP_TAGS: Readonly<Record<string, BlockTag>> = {
  committed: "latest",
  precommitted: "latest",
  l1_committed: "safe",
  fast_finalized: "finalized",
};
const BLOCK_TAG_JSON: JsonSchema = {
  title: "block tag",
  type: "string",
  enum: [...BLOCK_TAGS, ...Object.keys(ROLLUP_TAGS)],
};
const blockNumberSchema = quantity(64);

/** A tag or a number. */
export const blockNumberOrTag: Schema<BlockReference> = {
  json: { oneOf: [QUANTITY_JSON, BLOCK_TAG_JSON] },
  parse(value, path) {
    const tag = BLOCK_TAGS.find((candidate) => candidate === value) ?? rollupTag(value);
    if (tag !== undefined) return { kind: "tag", tag };
    if (typeof value !== "string" || !/^0x/.test(value)) {
      throw wrong(path, `a block number in hex or one of ${BLOCK_TAGS.join(", ")}`, value);
    }
    return { kind: "number", number: blockNumberSchema.parse(value, path) };
  },
};

/** A tag, a number, a hash, or EIP-1898's object. */
export const blockReference: Schema<BlockReference> = {
  json: {
    oneOf: [
      QUANTITY_JSON,
      HASH_JSON,
      BLOCK_TAG_JSON,
      {
        title: "block by EIP-1898",
        type: "object",
        properties: {
          blockHash: HASH_JSON,
          blockNumber: { oneOf: [QUANTITY_JSON, BLOCK_TAG_JSON] },
          requireCanonical: BOOLEAN_JSON,
        },
      },
    ],
  },
  parse(value, path) {
    if (typeof value === "string" && /^0x[0-9a-fA-F]{64}$/.test(value)) {
      return { kind: "hash", hash: hash32(value) };
    }
    return isRecord(value) ? parseEip1898(value, path) : blockNumberOrTag.parse(value, path);
  },
};

/** Whether `value` is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `value` in a few words, however large or deep it is. */
export function describe(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > 70 ? `${value.slice(0, 70)}…` : value);
  }
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function parseEip1898(value: Readonly<Record<string, unknown>>, path: string): BlockReference {
  const { blockHash, blockNumber } = eip1898Fields.parse(value, path);
  if (blockHash !== undefined && blockNumber !== undefined) {
    throw invalidParams(`invalid ${path}: cannot specify both blockHash and blockNumber`);
  }
  if (blockHash !== undefined) return { kind: "hash", hash: blockHash };
  if (blockNumber !== undefined) return blockNumber;
  throw wrong(path, "an object with blockHash or blockNumber", value);
}

const eip1898Fields = object({
  blockHash: optional(hash),
  blockNumber: optional(blockNumberOrTag),
  requireCanonical: optional(boolean),
});

function rollupTag(value: unknown): BlockTag | undefined {
  return typeof value === "string" && Object.hasOwn(ROLLUP_TAGS, value)
    ? ROLLUP_TAGS[value]
    : undefined;
}

function textOf(value: unknown, path: string, expected: string): string {
  if (typeof value === "string") return value;
  throw wrong(path, expected, value);
}

/** The refusal of `value` at `path`. */
export function wrong(path: string, expected: string, value: unknown): RpcError {
  return value === undefined || value === null
    ? invalidParams(`missing value for required ${path}: expected ${expected}`)
    : invalidParams(`invalid ${path}: expected ${expected}, got ${describe(value)}`);
}
