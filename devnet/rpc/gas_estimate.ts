/**
 * How much gas a transaction needs.
 *
 * Owns what limits apply, the short cut for plain transfers, and the words of a refusal. Does not
 * own the search (`core/vm/gas_estimate.ts`) or execution.
 * @module
 */
import { LIMITS } from "../../core/primitives/limits.ts";
import { estimateGasLimit } from "../../core/vm/gas_estimate.ts";
import type { CallOutcome, CallRequest } from "../../core/vm/executor.ts";
import type { CallOverrides, ChainBackend, ChainCallOutcome } from "./chain.ts";
import { explained, failedCallError, refusal, RPC_CODES, type RpcError } from "./errors.ts";

/** Where a transaction would run, and the limit that the client set itself. */
export interface EstimatePlace {
  readonly number: bigint;
  readonly cap: bigint | undefined;
  readonly overrides?: CallOverrides;
}

/** EIP-4844. */
const GAS_PER_BLOB = 131_072n;
/** Gas of a plain transfer. */
const TRANSFER_GAS = 21_000n;

/**
 * A gas limit with which `request` succeeds on the state after block `number`; at most 1.5 % more
 * than the least one, as geth. `cap` is the limit that the client set itself.
 *
 * @throws RpcError code 3 when it reverts, -32000 when no allowed limit is enough.
 */
export async function estimateGas(
  chain: ChainBackend,
  request: CallRequest,
  at: EstimatePlace,
): Promise<bigint> {
  const tryWith = (gasLimit: bigint): Promise<ChainCallOutcome> =>
    chain.call({ ...request, gasLimit, asTransaction: true }, at.number, at.overrides);
  const allowance = await gasAllowance(chain, request, at);
  if (allowance >= TRANSFER_GAS && await isPlainTransfer(chain, request, at)) {
    if ((await tryWith(TRANSFER_GAS)).success) return TRANSFER_GAS;
  }
  const estimate = await estimateGasLimit(tryWith, allowance);
  if (estimate.kind === "limit") return estimate.gasLimit;
  const outcome = await explained(estimate.outcome);
  throw isOutOfGas(outcome) ? allowanceTooSmall(allowance) : failedCallError(outcome);
}

/** The most gas that block, protocol, client and the sender's balance allow. */
async function gasAllowance(
  chain: ChainBackend,
  request: CallRequest,
  at: EstimatePlace,
): Promise<bigint> {
  const { overrides } = at;
  const blockGasLimit = overrides?.block?.gasLimit ?? chain.blockGasLimit();
  let allowance = blockGasLimit < LIMITS.maxTxGas ? blockGasLimit : LIMITS.maxTxGas;
  if (at.cap !== undefined && at.cap >= TRANSFER_GAS && at.cap < allowance) allowance = at.cap;
  if (request.gasPriceWei === 0n) return allowance;
  const balanceWei = overrides?.state?.get(request.from)?.balanceWei ??
    await chain.balance(request.from, at.number);
  const blobWei = BigInt(request.blobHashes?.length ?? 0) * GAS_PER_BLOB *
    (request.maxFeePerBlobGasWei ?? 0n);
  const spentWei = request.valueWei + blobWei;
  if (balanceWei < spentWei) throw insufficientFunds(request, balanceWei);
  const affordable = (balanceWei - spentWei) / request.gasPriceWei;
  return affordable < allowance ? affordable : allowance;
}

async function isPlainTransfer(
  chain: ChainBackend,
  request: CallRequest,
  at: EstimatePlace,
): Promise<boolean> {
  if (request.to === undefined || request.data.length > 0) return false;
  if (request.accessList.length > 0 || request.authorizations.length > 0) return false;
  const code = at.overrides?.state?.get(request.to)?.code ??
    await chain.code(request.to, at.number);
  return code.length === 0;
}

/** As geth, to which a creation that cannot pay for its code is something else. */
function isOutOfGas(outcome: CallOutcome): boolean {
  return outcome.exception !== undefined &&
    /^out of gas|intrinsic.gas|floor data gas/i.test(outcome.exception);
}

function allowanceTooSmall(allowance: bigint): RpcError {
  return refusal(
    RPC_CODES.serverError,
    "GAS_ALLOWANCE_EXCEEDED",
    `gas required exceeds allowance (${allowance})`,
    "Let the transaction do less, allow it more gas, or fund its sender.",
  );
}

function insufficientFunds(request: CallRequest, balanceWei: bigint): RpcError {
  return refusal(
    RPC_CODES.transactionRejected,
    "INSUFFICIENT_FUNDS",
    "insufficient funds for transfer",
    `Fund ${request.from}: it has ${balanceWei} wei and sends ${request.valueWei} wei.`,
  );
}
