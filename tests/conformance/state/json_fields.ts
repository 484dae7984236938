/**
 * Reads fields of a JSON value whose shape is not known yet.
 *
 * Owns the checks and how a wrong field is named. Does not own any format.
 * @module
 */
import { RollupError } from "../../../core/primitives/errors.ts";
import { type Address, address, type Hash32, hash32 } from "../../../core/primitives/hex.ts";

/** Codes that this file throws. */
export type JsonFieldErrorCode = "STATE_TEST_MALFORMED";

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether `value` is an object and no list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws `STATE_TEST_MALFORMED` when `value` is not an object. */
export function toObject(value: unknown, name: string): JsonObject {
  if (!isJsonObject(value)) throw malformed(name, "an object", value);
  return value;
}

/** @throws `STATE_TEST_MALFORMED` when `value` is not a list. */
export function toList(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(name, "a list", value);
  return value;
}

/** @throws `STATE_TEST_MALFORMED` when `value` is not text. */
export function toText(value: unknown, name: string): string {
  if (typeof value !== "string") throw malformed(name, "text", value);
  return value;
}

/** A position in a list. @throws `STATE_TEST_MALFORMED` when `value` is none. */
export function toIndex(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw malformed(name, "a position", value);
  }
  return value;
}

/**
 * A non-negative integer in hex or decimal. A mark `0x:bigint ` in front announces that it may be
 * greater than its field allows; so may any other, and it is the reader's to notice.
 *
 * @throws `STATE_TEST_MALFORMED` when `value` is none.
 */
export function toInteger(value: unknown, name: string): bigint {
  const text = toText(value, name).replace(/^0x:bigint /, "");
  if (text === "0x") return 0n;
  if (!/^(0x[0-9a-fA-F]+|\d+)$/.test(text)) throw malformed(name, "an integer", value);
  return BigInt(text);
}

/** Bytes in hex. @throws `STATE_TEST_MALFORMED` when `value` is no such text. */
export function toBytes(value: unknown, name: string): Uint8Array {
  const text = toText(value, name).replace(/^:raw /, "");
  if (!/^0x([0-9a-fA-F]{2})*$/.test(text)) throw malformed(name, "bytes in hex", value);
  return Uint8Array.fromHex(text.slice(2));
}

/** @throws `STATE_TEST_MALFORMED` when `value` is no address. */
export function toAddress(value: unknown, name: string): Address {
  const text = toText(value, name);
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw malformed(name, "an address", value);
  return address(text);
}

/** 32 bytes, also written as a shorter integer. @throws `STATE_TEST_MALFORMED` when it is neither. */
export function toWord(value: unknown, name: string): Hash32 {
  const digits = toInteger(value, name).toString(16);
  if (digits.length > 64) throw malformed(name, "32 bytes", value);
  return hash32(`0x${digits.padStart(64, "0")}`);
}

/** A refusal of the field `name`. */
export function malformed(
  name: string,
  wanted: string,
  value: unknown,
): RollupError<JsonFieldErrorCode> {
  const shown = (JSON.stringify(value) ?? "nothing").slice(0, 80);
  return new RollupError(
    "STATE_TEST_MALFORMED",
    `Cannot read field "${name}" as ${wanted}: it is ${shown}`,
    {
      details: { name, wanted, value: shown },
      mend: "Give files in the format of GeneralStateTests, filled and not as sources.",
    },
  );
}
