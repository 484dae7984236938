/**
 * Refusals as JSON-RPC says them: numbers and texts that clients of geth and anvil know.
 *
 * Owns {@linkcode RpcError} and the way from a `RollupError` or a failed call to one. Does not own
 * the codes of the rooms below; a code without an entry here is a plain server error.
 * @module
 */
import { bytesToHex, type Hex } from "../../core/primitives/hex.ts";
import { RollupError } from "../../core/primitives/errors.ts";
import { decodeRevert } from "../../core/l1/revert.ts";
import type { CallOutcome } from "../../core/vm/executor.ts";
import type { ChainCallOutcome } from "./chain.ts";
import { detailedRejectionText, rejectionText } from "./rejections.ts";

/** Error numbers of JSON-RPC 2.0, EIP-1474 and geth. */
export const RPC_CODES = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** What geth answers for everything that has no number of its own. */
  serverError: -32000,
  /** EIP-1474. */
  resourceNotFound: -32001,
  /** geth's `errcodeTimeout`. */
  timeout: -32002,
  transactionRejected: -32003,
  /** EIP-1474. */
  limitExceeded: -32005,
  /** geth: the message ran and reverted; `data` holds what it returned. */
  executionReverted: 3,
} as const;

/** What is shown in `error.data` of a refusal of ours. */
export interface RpcErrorData {
  readonly code: string;
  readonly message: string;
  readonly mend: string;
  readonly details: unknown;
}

/** An error that the asker sees as it is, over the wire and in process. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, options: { data?: unknown; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data;
  }
}

/** Refusals by which the asker learns that a parameter was wrong. */
const PARAMETER_CODES: ReadonlySet<string> = new Set([
  "TIMESTAMP_TOO_EARLY",
  "TIMESTAMP_TOO_LATE",
  "L1_REORG_DEPTH",
  "L1_REORG_BLOCK_INDEX",
  "L1_REORG_BLOCK_FULL",
  "STATE_DUMP_MALFORMED",
]);

/**
 * `error` as the asker may see it, or `undefined` for a defect, of which nobody outside should see
 * more than that it happened.
 */
export function toRpcError(error: unknown): RpcError | undefined {
  if (error instanceof RpcError) return error;
  if (!(error instanceof RollupError)) return undefined;
  const data = rollupErrorToData(error);
  const rejection = detailedRejectionText(error.code, error.details);
  if (rejection !== undefined) {
    return new RpcError(RPC_CODES.transactionRejected, rejection, { data, cause: error });
  }
  const code = PARAMETER_CODES.has(error.code)
    ? RPC_CODES.invalidParams
    : error.code === "PROGRAM_TRAPPED"
    ? RPC_CODES.internalError
    : RPC_CODES.serverError;
  return new RpcError(code, error.message, { data, cause: error });
}

/** A wrong parameter, named. */
export function invalidParams(message: string, mend?: string): RpcError {
  return mend === undefined
    ? new RpcError(RPC_CODES.invalidParams, message)
    : refusal(RPC_CODES.invalidParams, "PARAMS_INVALID", message, mend);
}

/** A refusal of the RPC layer itself, in the same shape as those of the rooms below. */
export function refusal(rpcCode: number, code: string, message: string, mend: string): RpcError {
  const data: RpcErrorData = { code, message, mend, details: {} };
  return new RpcError(rpcCode, message, { data });
}

/** The body of `error` in JSON-RPC; `data` only when there is any. */
export function rpcErrorToJson(error: RpcError): Record<string, unknown> {
  const { code, message, data } = error;
  return data === undefined ? { code, message } : { code, message, data };
}

/** `outcome` with geth's words for its exception, also of a chain that has to look for them. */
export async function explained(outcome: ChainCallOutcome): Promise<CallOutcome> {
  return { ...outcome, exception: await outcome.explain?.() ?? outcome.exception };
}

/** What the asker of `eth_call` is told of a message that did not succeed. */
export function failedCallError(outcome: CallOutcome): RpcError {
  const returned: Hex = bytesToHex(outcome.returnData);
  const reverted = outcome.exception === undefined || outcome.exception === "revert" ||
    outcome.exception === "execution reverted";
  if (!reverted) {
    const exception = outcome.exception ?? "failed";
    const rejection = rejectionText(exception);
    return rejection === undefined
      ? new RpcError(RPC_CODES.serverError, exception)
      : new RpcError(RPC_CODES.transactionRejected, rejection);
  }
  const reason = revertReason(outcome.returnData) ?? customErrorText(outcome.returnData);
  const message = reason === undefined ? "execution reverted" : `execution reverted: ${reason}`;
  return new RpcError(RPC_CODES.executionReverted, message, { data: returned });
}

/**
 * What a revert says for people: the text of `Error(string)`, the meaning of `Panic(uint256)`, or
 * `undefined` for custom errors and malformed ones.
 */
export function revertReason(returnData: Uint8Array): string | undefined {
  const selector = returnData.subarray(0, 4).toHex();
  const body = returnData.subarray(4);
  if (selector === "08c379a0") return decodeAbiString(body);
  if (selector !== "4e487b71" || body.length !== 32) return undefined;
  const code = BigInt(`0x${body.toHex()}`);
  return PANIC_TEXTS.get(code) ?? `unknown panic code: 0x${code.toString(16)}`;
}

/** Bytes of an unknown error's arguments that are shown; all of them are in `data`. */
const MAX_SHOWN_ARGUMENT_BYTES = 256;

/**
 * A custom error for people: by its name when it is one of our contracts', and as anvil shows it
 * otherwise. Not for traces, whose `revertReason` is geth's and knows no custom errors.
 */
export function customErrorText(returnData: Uint8Array): string | undefined {
  if (returnData.length < 4) return undefined;
  const { errorName } = decodeRevert(bytesToHex(returnData));
  const isBuiltIn = errorName === "Error" || errorName === "Panic";
  if (errorName !== "unknown" && !isBuiltIn) return `${errorName}()`;
  const selector = returnData.subarray(0, 4).toHex();
  if (selector === "08c379a0" || selector === "4e487b71") return undefined;
  const shown = returnData.subarray(4, 4 + MAX_SHOWN_ARGUMENT_BYTES).toHex();
  const isCut = returnData.length > 4 + MAX_SHOWN_ARGUMENT_BYTES;
  return `custom error 0x${selector}${shown === "" ? "" : `: ${shown}`}${isCut ? "…" : ""}`;
}

/** geth's texts for Solidity's panics. */
const PANIC_TEXTS: ReadonlyMap<bigint, string> = new Map([
  [0x00n, "generic panic"],
  [0x01n, "assert(false)"],
  [0x11n, "arithmetic underflow or overflow"],
  [0x12n, "division or modulo by zero"],
  [0x21n, "enum overflow"],
  [0x22n, "invalid encoded storage byte array accessed"],
  [0x31n, "out-of-bounds array access; popping on an empty array"],
  [0x32n, "out-of-bounds access of an array or bytesN"],
  [0x41n, "out of memory"],
  [0x51n, "uninitialized function"],
]);

function decodeAbiString(body: Uint8Array): string | undefined {
  if (body.length < 64) return undefined;
  const offset = BigInt(`0x${body.subarray(0, 32).toHex()}`);
  if (offset > BigInt(body.length - 32)) return undefined;
  const start = Number(offset) + 32;
  const sizeBytes = BigInt(`0x${body.subarray(start - 32, start).toHex()}`);
  if (sizeBytes > BigInt(body.length - start)) return undefined;
  return new TextDecoder().decode(body.subarray(start, start + Number(sizeBytes)));
}

function rollupErrorToData(error: RollupError): RpcErrorData {
  const { code, message, mend } = error;
  return { code, message, mend, details: toPlainJson(error.details, 0) };
}

/** How deep details are shown. */
const MAX_DETAIL_DEPTH = 6;

/** Details as JSON can write them: integers as decimal text, bytes as hex. */
function toPlainJson(value: unknown, depth: number): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object") return value === undefined ? undefined : String(value);
  if (depth >= MAX_DETAIL_DEPTH) return "…";
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (value instanceof Error) return value.message;
  if (Array.isArray(value)) return value.map((item) => toPlainJson(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, toPlainJson(item, depth + 1)]),
  );
}
