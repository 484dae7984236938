/**
 * Refusals as JSON-RPC says them: numbers and texts that clients of geth and anvil know.
 *
 * Owns {@linkcode RpcError} and the way from a `RollupError` or a failed call to one. Does not own
 * the codes of the rooms below; a code without an entry here is a plain server error.
 * @module
 */
import { bytesToHex, type Hex } from "../../core/primitives/hex.ts";
import { RollupError } from "../../core/primitives/errors.ts";
import type { PoolErrorCode } from "../../core/pool/pool_error.ts";
import type { CallOutcome, InvalidReason } from "../../core/vm/executor.ts";

/** Error numbers of JSON-RPC 2.0, EIP-1474 and geth. */
export const RPC_CODES = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** What geth answers for everything that has no number of its own. */
  serverError: -32000,
  transactionRejected: -32003,
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

/**
 * geth's text for each reason to refuse a transaction. Clients match on these texts, so they are
 * exact; our own words follow in `data`. Complete by its type: a new reason of the pool or the
 * program that is missing here does not compile.
 */
const REJECTION_TEXTS: Readonly<
  Record<Exclude<PoolErrorCode, "TX_MALFORMED"> | InvalidReason, string>
> = {
  POOL_CHAIN_ID_MISMATCH: "invalid chain id for signer",
  POOL_OVERSIZED_DATA: "oversized data",
  POOL_GAS_LIMIT_EXCEEDED: "exceeds block gas limit",
  POOL_INTRINSIC_GAS: "intrinsic gas too low",
  POOL_INIT_CODE_TOO_LARGE: "max initcode size exceeded",
  POOL_TIP_ABOVE_FEE: "max priority fee per gas higher than max fee per gas",
  POOL_NONCE_TOO_LOW: "nonce too low",
  POOL_NONCE_TOO_HIGH: "nonce too high",
  POOL_ALREADY_KNOWN: "already known",
  POOL_REPLACEMENT_UNDERPRICED: "replacement transaction underpriced",
  POOL_FULL: "txpool is full",
  POOL_FEE_TOO_LOW: "max fee per gas less than block base fee",
  POOL_INSUFFICIENT_FUNDS: "insufficient funds for gas * price + value",
  POOL_SENDER_HAS_CODE: "sender not an eoa",
  POOL_PUBDATA_GAS: "gas limit too low for pubdata",
  POOL_SENDER_CENSORED: "sender is censored by this sequencer",
  TX_EXCEEDS_LIMIT: "transaction exceeds a limit of the batch",
  TX_TYPE_UNSUPPORTED: "transaction type not supported",
  TX_OVERSIZED: "oversized data",
  TX_SIGNATURE_INVALID: "invalid sender",
  NONCE_TOO_LOW: "nonce too low",
  NONCE_TOO_HIGH: "nonce too high",
  INSUFFICIENT_FUNDS: "insufficient funds for gas * price + value",
  INTRINSIC_GAS_TOO_LOW: "intrinsic gas too low",
  GAS_LIMIT_TOO_HIGH: "exceeds block gas limit",
  BLOCK_GAS_EXHAUSTED: "exceeds block gas limit",
  FEE_BELOW_BASE_FEE: "max fee per gas less than block base fee",
  SENDER_HAS_CODE: "sender not an eoa",
  CHAIN_ID_MISMATCH: "invalid chain id for signer",
  INIT_CODE_TOO_LARGE: "max initcode size exceeded",
  INVALID: "invalid transaction",
};

const REJECTIONS_BY_CODE: ReadonlyMap<string, string> = new Map(Object.entries(REJECTION_TEXTS));

/** Refusals by which the asker learns that a parameter was wrong. */
const PARAMETER_CODES: ReadonlySet<string> = new Set([
  "TX_MALFORMED",
  "TIMESTAMP_TOO_EARLY",
  "L1_REORG_DEPTH",
  "L1_REORG_BLOCK_INDEX",
  "L1_REORG_BLOCK_FULL",
]);

/**
 * `error` as the asker may see it, or `undefined` for a defect, of which nobody outside should see
 * more than that it happened.
 */
export function toRpcError(error: unknown): RpcError | undefined {
  if (error instanceof RpcError) return error;
  if (!(error instanceof RollupError)) return undefined;
  const data = rollupErrorToData(error);
  const rejection = rejectionText(error);
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

/** What the asker of `eth_call` is told of a message that did not succeed. */
export function failedCallError(outcome: CallOutcome): RpcError {
  const returned: Hex = bytesToHex(outcome.returnData);
  const reverted = outcome.exception === undefined || outcome.exception === "revert" ||
    outcome.exception === "execution reverted";
  if (!reverted) {
    const exception = outcome.exception ?? "failed";
    const rejection = REJECTIONS_BY_CODE.get(exception);
    return rejection === undefined
      ? new RpcError(RPC_CODES.serverError, exception)
      : new RpcError(RPC_CODES.transactionRejected, rejection);
  }
  const reason = revertReason(outcome.returnData);
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

function rejectionText({ code, details }: RollupError): string | undefined {
  // One code of the pool stands for two of geth's refusals.
  if (code === "POOL_GAS_LIMIT_EXCEEDED" && details.limit === "maxTxGas") {
    return "transaction gas limit too high";
  }
  return REJECTIONS_BY_CODE.get(code);
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
