/**
 * Calldata from a signature and arguments as people type them:
 * `"transfer(address,uint256)" 0xf39F… 1ether`.
 *
 * Owns reading typed words as Solidity values. Does not own the ABI encoding, which is viem's.
 * @module
 */
import { type AbiParameter, encodeAbiParameters, parseAbiParameters } from "viem";
import { keccak256Bytes } from "../core/crypto/keccak.ts";
import { bytesToHex, type Hex } from "../core/primitives/hex.ts";
import { parseEther, parseQuantity, usageError } from "./args.ts";

/** How deep brackets of an argument may nest. */
const MAX_DEPTH = 8;

/**
 * The call that `signature`, such as `transfer(address,uint256)`, and `words` write; for
 * `constructor(...)` the arguments alone, without a selector.
 *
 * @throws `USAGE_INVALID_VALUE`, `USAGE_MISSING_ARGUMENT`, `USAGE_UNEXPECTED_ARGUMENT`.
 */
export function encodeCall(signature: string, words: readonly string[]): Hex {
  const { name, parameters } = parseSignature(signature);
  if (words.length !== parameters.length) {
    throw usageError(
      words.length < parameters.length ? "USAGE_MISSING_ARGUMENT" : "USAGE_UNEXPECTED_ARGUMENT",
      `Cannot encode a call of ${signature}: expected ${parameters.length} arguments, got ` +
        `${words.length}`,
      { mend: `Give one argument for each type of ${signature}; quote those with blanks.` },
    );
  }
  const values = parameters.map((parameter, index) => readArgument(parameter, words[index] ?? ""));
  const encoded = parameters.length === 0 ? "0x" : encodeAbiParameters(parameters, values);
  if (name === "constructor") return encoded;
  const canonical = `${name}(${parameters.map(canonicalType).join(",")})`;
  const selector = keccak256Bytes(new TextEncoder().encode(canonical)).subarray(0, 4);
  return `${bytesToHex(selector)}${encoded.slice(2)}`;
}

function parseSignature(
  signature: string,
): { readonly name: string; readonly parameters: readonly AbiParameter[] } {
  const match =
    /^(?:function )?([A-Za-z_$][\w$]*) ?\((.*?)\)(?: ?(?:view |pure )?(?:returns ?)?\([^()]*\))?$/
      .exec(signature.trim());
  const [, name = "", inner = ""] = match ?? [];
  if (match === null) throw invalidSignature(signature);
  if (inner.trim() === "") return { name, parameters: [] };
  try {
    // The text is not known to the compiler, so neither are the types that it names.
    const parameters: readonly AbiParameter[] = parseAbiParameters(inner as never);
    return { name, parameters };
  } catch (error) {
    throw invalidSignature(signature, error);
  }
}

/** `tuple` types written out, as the selector hashes them. */
function canonicalType(parameter: AbiParameter): string {
  if (!parameter.type.startsWith("tuple")) return parameter.type;
  const inner = componentsOf(parameter).map(canonicalType).join(",");
  return `(${inner})${parameter.type.slice("tuple".length)}`;
}

function readArgument(parameter: AbiParameter, text: string, depth = 0): unknown {
  const { type } = parameter;
  if (depth > MAX_DEPTH) throw invalidArgument(type, text);
  const array = /^(.*)\[(\d*)\]$/.exec(type);
  if (array !== null) {
    const items = splitList(type, text, ["[", "]"]);
    const [, element = "", length = ""] = array;
    if (length !== "" && items.length !== Number(length)) throw invalidArgument(type, text);
    return items.map((item) => readArgument({ ...parameter, type: element }, item, depth + 1));
  }
  if (type === "tuple") {
    const components = componentsOf(parameter);
    const items = splitList(type, text, ["(", ")"]);
    if (items.length !== components.length) throw invalidArgument(type, text);
    const values = components.map((component, index) =>
      readArgument(component, items[index] ?? "", depth + 1)
    );
    // viem takes a struct by the names of its fields, and an unnamed tuple by position.
    const isNamed = components.every((component) => (component.name ?? "") !== "");
    if (!isNamed) return values;
    return Object.fromEntries(
      components.map((component, index) => [component.name ?? "", values[index]]),
    );
  }
  const value = readScalar(type, text);
  if (value === undefined) throw invalidArgument(type, text);
  return value;
}

function readScalar(type: string, text: string): unknown {
  if (type === "string") return /^".*"$/s.test(text) ? text.slice(1, -1) : text;
  if (type === "bool") return text === "true" ? true : text === "false" ? false : undefined;
  if (type === "address") return /^0x[0-9a-fA-F]{40}$/.test(text) ? text.toLowerCase() : undefined;
  if (/^uint\d*$/.test(type)) return inRange(parseEther(text), 0n, bitsOf(type, 0));
  if (/^int\d*$/.test(type)) {
    const isNegative = text.startsWith("-");
    const size = isNegative ? parseQuantity(text.slice(1)) : parseEther(text);
    const value = size === undefined ? undefined : isNegative ? -size : size;
    const limit = bitsOf(type, 1);
    return inRange(value, -limit, limit);
  }
  const bytes = /^bytes(\d*)$/.exec(type);
  if (bytes === null || !/^0x([0-9a-fA-F]{2})*$/.test(text)) return undefined;
  const fits = bytes[1] === "" || text.length === 2 + 2 * Number(bytes[1]);
  return fits ? text.toLowerCase() : undefined;
}

/** 2 to the number of bits of an integer type, less `signBits`. */
function bitsOf(type: string, signBits: number): bigint {
  const bits = Number(/\d+$/.exec(type)?.[0] ?? "256");
  return 1n << BigInt(bits - signBits);
}

function inRange(value: bigint | undefined, first: bigint, until: bigint): bigint | undefined {
  return value !== undefined && value >= first && value < until ? value : undefined;
}

/** The items of `[a,b]` or `(a,b)`, split at commas outside of brackets and quotes. */
function splitList(type: string, text: string, [open, close]: readonly [string, string]): string[] {
  const trimmed = text.trim();
  if (!trimmed.startsWith(open) || !trimmed.endsWith(close)) throw invalidArgument(type, text);
  const inner = trimmed.slice(1, -1);
  if (inner.trim() === "") return [];
  const items: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let start = 0;
  for (const [index, character] of [...inner].entries()) {
    if (character === '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (character === "[" || character === "(") depth++;
    if (character === "]" || character === ")") depth--;
    if (character === "," && depth === 0) {
      items.push(sliceCharacters(inner, start, index).trim());
      start = index + 1;
    }
  }
  if (depth !== 0 || isQuoted) throw invalidArgument(type, text);
  return [...items, sliceCharacters(inner, start, inner.length).trim()];
}

/** By code points, as the loop above counts. */
function sliceCharacters(text: string, from: number, until: number): string {
  return [...text].slice(from, until).join("");
}

function componentsOf(parameter: AbiParameter): readonly AbiParameter[] {
  return "components" in parameter ? parameter.components : [];
}

function invalidSignature(signature: string, cause?: unknown) {
  return usageError(
    "USAGE_INVALID_VALUE",
    `Cannot read "${signature}" as a function signature`,
    {
      details: { signature, ...(cause instanceof Error ? { reason: cause.message } : {}) },
      mend: 'Write it as in Solidity and in quotes: "transfer(address,uint256)".',
    },
  );
}

function invalidArgument(type: string, text: string) {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return usageError("USAGE_INVALID_VALUE", `Cannot read "${shown}" as a value of type ${type}`, {
    details: { type, value: shown },
    mend: "Write numbers in decimal or 0x hex, bytes as 0x hex, arrays as [a,b], tuples as (a,b).",
  });
}
