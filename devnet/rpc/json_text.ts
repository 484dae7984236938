/**
 * Results that are JSON text already.
 *
 * Long answers are made of parts whose text is known: writing it anew for each answer costs more
 * than finding them. Owns telling such a result from a plain one. Does not own what is kept as text.
 * @module
 */
import { isRecord } from "./schema.ts";

const TEXT = Symbol("JSON text");

/** A result as the JSON that clients read. */
export interface JsonText {
  /** Parts of it, one after another: long texts are never put together. */
  readonly [TEXT]: readonly string[];
  /** The value, for who puts it into something larger. */
  toJSON(): unknown;
}

/** `parts`, which must be JSON one after another, as a result. */
export function jsonText(...parts: readonly string[]): JsonText {
  return { [TEXT]: parts, toJSON: () => JSON.parse(parts.join("")) };
}

/** `result` as a plain value. */
export function plainResult(result: unknown): unknown {
  return isJsonText(result) ? result.toJSON() : result;
}

/** A whole answer of JSON-RPC as a plain value. */
export function plainAnswer(answer: unknown): unknown {
  return isRecord(answer) && isJsonText(answer.result)
    ? { ...answer, result: answer.result.toJSON() }
    : answer;
}

/** A whole answer of JSON-RPC as a client reads it, in parts. */
export function answerParts(answer: unknown): readonly string[] {
  if (!isRecord(answer) || !isJsonText(answer.result)) return [JSON.stringify(answer)];
  const { id, result } = answer;
  return [`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`, ...result[TEXT], "}"];
}

/** {@linkcode answerParts} as one text. */
export function answerText(answer: unknown): string {
  return answerParts(answer).join("");
}

function isJsonText(value: unknown): value is JsonText {
  return typeof value === "object" && value !== null && TEXT in value;
}
