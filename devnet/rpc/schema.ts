/**
 * What a method takes: small typed parsers that name the parameter they refuse.
 *
 * Owns the shapes that JSON-RPC of Ethereum is made of, as strict as geth. Does not own what a
 * value means to a method.
 * @module
 */
import { type Address, address as toAddress } from "../../core/primitives/hex.ts";
import { type Hash32, hash32, hexToBytes } from "../../core/primitives/hex.ts";
import type { BlockTag } from "./chain.ts";
import { invalidParams, RPC_CODES, RpcError } from "./errors.ts";

/** Reads a JSON value as a `T`; `undefined` stands for an absent value. */
export interface Schema<T> {
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
    parse: (value, path) =>
      value === undefined || value === null ? undefined : schema.parse(value, path),
  };
}

/** The same value, or `fallback` when it is absent or `null`. */
export function withDefault<T>(schema: Schema<T>, fallback: T): Schema<T> {
  return {
    parse: (value, path) =>
      value === undefined || value === null ? fallback : schema.parse(value, path),
  };
}

/** An unsigned integer of at most `bits` bits, as geth writes it: `0x0`, no leading zeros. */
export function quantity(bits = 256): Schema<bigint> {
  return {
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
    parse(value, path) {
      if (typeof value !== "number") return hex.parse(value, path);
      if (!Number.isSafeInteger(value) || value < 0) {
        throw wrong(path, "a whole number from 0 to 2^53-1", value);
      }
      return BigInt(value);
    },
  };
}

/** A JSON number: whole, not negative and exact. */
export const wholeNumber: Schema<number> = {
  parse(value, path) {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw wrong(path, "a whole number from 0 to 2^53-1", value);
  },
};

/** A JSON number of any size. */
export const finiteNumber: Schema<number> = {
  parse(value, path) {
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw wrong(path, "a number", value);
  },
};

/** An amount as decimal text, of at most 256 bits. */
export const decimal: Schema<bigint> = {
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
  parse(value, path) {
    const text = textOf(value, path, "an address of 20 bytes in hex");
    if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw wrong(path, "an address of 20 bytes", value);
    return toAddress(text);
  },
};

/** 32 bytes in hex. */
export const hash: Schema<Hash32> = {
  parse(value, path) {
    const text = textOf(value, path, "a hash of 32 bytes in hex");
    if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw wrong(path, "a hash of 32 bytes", value);
    return hash32(text);
  },
};

/** A storage slot: up to 32 bytes in hex, as geth pads it on the left. */
export const storageSlot: Schema<Hash32> = {
  parse(value, path) {
    const text = textOf(value, path, "a storage slot in hex");
    if (!/^0x[0-9a-fA-F]{0,64}$/.test(text)) {
      throw wrong(path, "a storage slot of at most 32 bytes in hex", value);
    }
    return hash32(`0x${text.slice(2).padStart(64, "0")}`);
  },
};

/** `true` or `false`. */
export const boolean: Schema<boolean> = {
  parse(value, path) {
    if (typeof value === "boolean") return value;
    throw wrong(path, "true or false", value);
  },
};

/** Text of at most `maxLength` characters. */
export function text(maxLength: number): Schema<string> {
  return {
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
  return {
    parse(value, path) {
      if (!isRecord(value)) throw wrong(path, "an object", value);
      const parsed = Object.entries(fields).map(([key, schema]) => {
        const field = Object.hasOwn(value, key) ? value[key] : undefined;
        return [key, schema.parse(field, `${path}.${key}`)];
      });
      // Each field was read by the schema of its name, which is what the mapped type says.
      return Object.fromEntries(parsed) as { readonly [K in keyof F]: ValueOf<F[K]> };
    },
  };
}

const BLOCK_TAGS: readonly BlockTag[] = ["latest", "pending", "earliest", "safe", "finalized"];
const blockNumberSchema = quantity(64);

/** A tag or a number. */
export const blockNumberOrTag: Schema<BlockReference> = {
  parse(value, path) {
    const tag = BLOCK_TAGS.find((candidate) => candidate === value);
    if (tag !== undefined) return { kind: "tag", tag };
    if (typeof value !== "string" || !/^0x/.test(value)) {
      throw wrong(path, `a block number in hex or one of ${BLOCK_TAGS.join(", ")}`, value);
    }
    return { kind: "number", number: blockNumberSchema.parse(value, path) };
  },
};

/** A tag, a number, a hash, or EIP-1898's object. */
export const blockReference: Schema<BlockReference> = {
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
