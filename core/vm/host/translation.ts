/**
 * Between the executor's port and one instance of the program: transactions and messages as frames,
 * results as outcomes, traps as errors.
 *
 * Owns translation. Does not own which instance runs what (`wasm_executor.ts`, `trace_run.ts`).
 * @module
 */
import { assert, RollupError } from "../../primitives/errors.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { Receipt } from "../../types/receipt.ts";
import { createdAddress, type Transaction } from "../../types/tx.ts";
import { recoverAuthority } from "../authorizations.ts";
import type {
  BlockEnvironment,
  CallOutcome,
  CallRequest,
  ExecutableTx,
  ProgramErrorCode,
  Refusal,
  TxOutcome,
} from "../executor.ts";
import { describeInvalid, exceptionName, REFUSAL_NAMES } from "./outcomes.ts";
import type { Program, ProgramEnvironment, ProgramResult, TxFrame } from "./program.ts";

const MAX_U64 = (1n << 64n) - 1n;

/**
 * Tells a trap of the program from an import that failed: the latter keeps its own error.
 *
 * @throws `PROGRAM_TRAPPED`.
 */
export async function guard<Value>(program: Program, action: () => Promise<Value>): Promise<Value> {
  try {
    return await action();
  } catch (error) {
    throw nameTrap(program, error);
  }
}

/** `error` in the words of the port if it is a trap of `program`; itself otherwise. */
export function nameTrap(program: Pick<Program, "fault">, error: unknown): unknown {
  if (!(error instanceof WebAssembly.RuntimeError)) return error;
  const fault = program.fault();
  return new RollupError<ProgramErrorCode>(
    "PROGRAM_TRAPPED",
    `Cannot go on with the transaction as the program trapped: ${error.message}`,
    {
      details: { fault },
      mend: "Report it with the bytes that were set aside; other transactions go on.",
      cause: error,
    },
  );
}

/** The rules of the L2: those of Osaka, without blobs. */
export function rollupEnvironment(environment: BlockEnvironment): ProgramEnvironment {
  return {
    ...environment,
    profile: "rollup",
    fork: "Osaka",
    // No blobs on this layer: the price stays at its minimum (EIP-4844).
    blobBaseFeeWei: environment.blobBaseFeeWei ?? 1n,
    maxBlobs: 0,
    maxTxGas: LIMITS.maxTxGas,
  };
}

/** What the fields of a frame cannot hold. */
export function findUnrepresentable(tx: Transaction): TxOutcome | undefined {
  if (tx.gasLimit > MAX_U64) {
    const message = `gas limit ${tx.gasLimit} is above ${LIMITS.maxTxGas} (EIP-7825)`;
    return { kind: "invalid", reason: "GAS_LIMIT_TOO_HIGH", message };
  }
  if (tx.nonce > MAX_U64) {
    const message = `nonce ${tx.nonce} is above ${MAX_U64} (EIP-2681)`;
    return { kind: "invalid", reason: "NONCE_TOO_HIGH", message };
  }
  return undefined;
}

/** `tx` as the program takes it. */
export function txFrame({ tx, sender }: ExecutableTx, chainId: bigint): TxFrame {
  return {
    type: tx.type,
    sender,
    to: tx.to,
    valueWei: tx.valueWei,
    maxFeePerGasWei: tx.maxFeePerGasWei,
    maxPriorityFeePerGasWei: tx.maxPriorityFeePerGasWei,
    maxFeePerBlobGasWei: 0n,
    chainId: tx.chainId,
    gasLimit: tx.gasLimit,
    nonce: tx.nonce,
    data: tx.data,
    accessList: tx.accessList,
    authorizations: recoverAll(tx.authorizations, chainId),
    blobHashes: [],
    asTransaction: true,
  };
}

/** A message as the program takes it. */
export function callFrame(request: CallRequest, chainId: bigint): TxFrame {
  assert(request.gasLimit <= MAX_U64, "the gas of a call is bounded");
  return {
    type: request.authorizations.length > 0 ? 4 : 2,
    sender: request.from,
    to: request.to,
    valueWei: request.valueWei,
    maxFeePerGasWei: request.maxFeePerGasWei ?? request.gasPriceWei,
    maxPriorityFeePerGasWei: request.maxPriorityFeePerGasWei ??
      (request.maxFeePerGasWei === undefined ? request.gasPriceWei : 0n),
    maxFeePerBlobGasWei: 0n,
    chainId: undefined,
    gasLimit: request.gasLimit,
    nonce: 0n,
    data: request.data,
    accessList: request.accessList,
    authorizations: recoverAll(request.authorizations, chainId),
    blobHashes: [],
    asTransaction: request.asTransaction,
  };
}

/** Only signatures and ranges are judged here; the rest is the program's. */
function recoverAll(
  authorizations: Transaction["authorizations"],
  chainId: bigint,
): TxFrame["authorizations"] {
  return authorizations.map((authorization) => ({
    chainId: authorization.chainId,
    address: authorization.address,
    nonce: BigInt.asUintN(64, authorization.nonce),
    authority: recoverAuthority(authorization, chainId),
  }));
}

/** What became of a transaction that ran, in the words of the port. */
export function toTxOutcome(
  result: ProgramResult & { readonly kind: "ran" },
  { tx, sender }: ExecutableTx,
  gasUsedBefore: bigint,
): TxOutcome & { readonly kind: "included" } {
  const { gasUsed, returnData, usage } = result;
  const exception = exceptionName(result.exception);
  const receipt: Receipt = {
    type: tx.type,
    success: exception === undefined,
    gasUsed,
    cumulativeGasUsed: gasUsedBefore + gasUsed,
    effectiveGasPriceWei: result.gasPriceWei,
    logs: result.logs(),
    // Also of a creation that failed: clients ask for the address it would have had.
    contractAddress: tx.to === undefined ? createdAddress(sender, tx.nonce) : undefined,
  };
  return { kind: "included", receipt, returnData, exception, usage };
}

/** Why `frame` cannot run, with the numbers of it. */
export function describeRefusal(
  result: ProgramResult & { readonly kind: "invalid" },
  frame: TxFrame,
  environment: BlockEnvironment,
): Refusal {
  const { have, need } = result;
  return { ...describeInvalid(result, frame, environment), amounts: { have, need } };
}

/** What became of a message. */
export function toCallOutcome(
  result: ProgramResult,
  frame: TxFrame,
  environment: BlockEnvironment,
): CallOutcome {
  if (result.kind === "invalid") {
    const invalid = describeRefusal(result, frame, environment);
    return {
      success: false,
      returnData: new Uint8Array(0),
      gasUsed: 0n,
      exception: REFUSAL_NAMES[invalid.reason] ?? "invalid",
      logs: () => [],
      invalid,
    };
  }
  const exception = exceptionName(result.exception);
  const { returnData, gasUsed, usage } = result;
  return {
    success: exception === undefined,
    returnData,
    gasUsed,
    exception,
    logs: result.logs,
    usage,
  };
}
