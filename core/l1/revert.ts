/**
 * Why a contract refused: from revert data to a name.
 *
 * Owns decoding of the project's custom errors and of Solidity's two built-in ones. Does not own
 * how a backend finds the data in its node's answer.
 * @module
 */
import { keccak256Bytes } from "../crypto/keccak.ts";
import { bytesToBigint } from "../primitives/bytes.ts";
import { bytesToHex, type Hex, hexToBytes } from "../primitives/hex.ts";
import { ROLLUP_ABI } from "./contracts/generated.ts";

/** A decoded revert. */
export interface RevertReason {
  /** Name of the error, `Error` or `Panic` for Solidity's own, `unknown` for anything else. */
  readonly errorName: string;
  /** The name, with what came along, for people. */
  readonly text: string;
}

/** Longest text of a contract that is passed on. */
const MAX_TEXT_BYTES = 256;
const ERROR_SELECTOR = "0x08c379a0";
const PANIC_SELECTOR = "0x4e487b71";

/** Our custom errors by selector; none of them has arguments. */
const errorNamesBySelector: ReadonlyMap<string, string> = new Map(
  ROLLUP_ABI.flatMap((entry) =>
    entry.type === "error" ? [[selectorOf(entry.name), entry.name]] : []
  ),
);

/** What `data`, the bytes that a contract reverted with, say. Total: any bytes have a reason. */
export function decodeRevert(data: Hex): RevertReason {
  const bytes = hexToBytes(data);
  const selector = bytesToHex(bytes.subarray(0, 4));
  const errorName = errorNamesBySelector.get(selector);
  if (errorName !== undefined) return { errorName, text: errorName };
  if (selector === ERROR_SELECTOR) return { errorName: "Error", text: errorText(bytes) };
  if (selector === PANIC_SELECTOR && bytes.length === 36) {
    const code = bytesToBigint(bytes.subarray(4));
    return { errorName: "Panic", text: `Panic(0x${code.toString(16).padStart(2, "0")})` };
  }
  if (bytes.length === 0) return { errorName: "unknown", text: "reverted without data" };
  const shown = bytesToHex(bytes.subarray(0, 36));
  return { errorName: "unknown", text: `reverted with ${bytes.length} bytes: ${shown}` };
}

/** The text of `Error(string)`: offset, length and bytes, of which only a sane form is read. */
function errorText(bytes: Uint8Array): string {
  const length = bytesToBigint(bytes.subarray(36, 68));
  if (bytes.length < 68 || length > BigInt(bytes.length - 68)) return "Error(malformed)";
  const sizeBytes = Math.min(Number(length), MAX_TEXT_BYTES);
  const text = new TextDecoder().decode(bytes.subarray(68, 68 + sizeBytes));
  return `Error(${JSON.stringify(text)})`;
}

function selectorOf(errorName: string): string {
  return bytesToHex(keccak256Bytes(new TextEncoder().encode(`${errorName}()`)).subarray(0, 4));
}
