/**
 * Messages without a signature on the embedded L1, for `eth_call` and `eth_estimateGas`.
 *
 * Owns how a call request becomes a message, and what it costs when it is run as a transaction.
 * Its changes stay in a scratch world and are thrown away. Does not own the choice of block.
 * @module
 */
import { EMPTY_BYTES } from "../../core/primitives/bytes.ts";
import type { Authorization } from "../../core/types/tx.ts";
import { delegationCode, recoverAuthority } from "../../core/vm/authorizations.ts";
import type { BlockEnvironment, CallOutcome, CallRequest } from "../../core/vm/executor.ts";
import {
  chargedGas,
  findMessageInvalidity,
  isDelegation,
  priceMessage,
} from "../../core/vm/tx_rules.ts";
import {
  createLibraryBlock,
  exceptionOf,
  type L1World,
  toEventLogs,
  toLibraryAddress,
} from "./evm.ts";

/** EIP-7702: what an authorization gives back when its account exists already. */
const EXISTING_AUTHORITY_REFUND = 12_500n;

/**
 * Runs `request` in `environment` on `world`, which must not be used afterwards.
 *
 * A request without a gas price sees a base fee of 0, as geth's does. As a transaction it pays
 * intrinsic gas from its limit and its sender must afford it; the sender may be a contract, and its
 * nonce is whatever the state has.
 */
export async function callOnWorld(
  world: L1World,
  environment: BlockEnvironment,
  request: CallRequest,
): Promise<CallOutcome> {
  if (request.asTransaction) {
    const refusal = findMessageInvalidity(request, request.gasLimit);
    if (refusal !== undefined) return refusedCall("intrinsic gas too low");
    if (!await chargeSender(world, request)) {
      return refusedCall("insufficient funds for gas * price + value");
    }
  }
  warmAccesses(world, environment, request);
  const refundGas = await applyAuthorizations(world, request.authorizations);
  return await runMessage(world, environment, { request, refundGas });
}

async function runMessage(
  { vm, common }: L1World,
  environment: BlockEnvironment,
  message: { readonly request: CallRequest; readonly refundGas: bigint },
): Promise<CallOutcome> {
  const { request } = message;
  const costs = priceMessage(request);
  const priced = request.gasPriceWei === 0n
    ? { ...environment, baseFeePerGasWei: 0n }
    : environment;
  const { execResult } = await vm.evm.runCall({
    block: createLibraryBlock(priced, common),
    caller: toLibraryAddress(request.from),
    ...(request.to === undefined ? {} : { to: toLibraryAddress(request.to) }),
    gasPrice: request.gasPriceWei,
    gasLimit: request.asTransaction ? request.gasLimit - costs.intrinsicGas : request.gasLimit,
    value: request.valueWei,
    data: request.data,
    skipBalance: !request.asTransaction,
  });
  const exception = exceptionOf(execResult);
  const spentGas = costs.intrinsicGas + execResult.executionGasUsed;
  const refundGas = message.refundGas + (execResult.gasRefund ?? 0n);
  return {
    success: exception === undefined,
    returnData: execResult.returnValue,
    gasUsed: request.asTransaction
      ? chargedGas(spentGas, refundGas, costs)
      : execResult.executionGasUsed,
    exception,
    logs: () => exception === undefined ? toEventLogs(execResult.logs) : [],
  };
}

/** Takes the price of all gas from the sender; `false` when gas and value are more than it has. */
async function chargeSender({ state }: L1World, request: CallRequest): Promise<boolean> {
  const priceWei = request.gasLimit * request.gasPriceWei;
  const sender = toLibraryAddress(request.from);
  const account = await state.getAccount(sender);
  const balanceWei = account?.balance ?? 0n;
  if (balanceWei < priceWei + request.valueWei) return false;
  if (account === undefined || priceWei === 0n) return true;
  account.balance = balanceWei - priceWei;
  await state.putAccount(sender, account);
  return true;
}

/** EIP-2929, EIP-2930 and EIP-3651: what is warm before the first opcode. */
function warmAccesses(
  { vm }: L1World,
  environment: BlockEnvironment,
  request: CallRequest,
): void {
  const { journal, precompiles } = vm.evm;
  for (const [precompile] of precompiles) journal.addAlwaysWarmAddress(precompile);
  for (const account of [request.from, request.to, environment.coinbase]) {
    if (account !== undefined) journal.addAlwaysWarmAddress(unprefixed(account));
  }
  for (const entry of request.accessList) {
    journal.addAlwaysWarmAddress(unprefixed(entry.address));
    for (const key of entry.storageKeys) {
      journal.addAlwaysWarmSlot(unprefixed(entry.address), unprefixed(key));
    }
  }
}

/** EIP-7702: writes the delegations that hold and gives the refund; the others are passed over. */
async function applyAuthorizations(
  world: L1World,
  authorizations: readonly Authorization[],
): Promise<bigint> {
  let refundGas = 0n;
  for (const authorization of authorizations) {
    refundGas += await applyAuthorization(world, authorization);
  }
  return refundGas;
}

async function applyAuthorization(
  { state, vm, common }: L1World,
  authorization: Authorization,
): Promise<bigint> {
  const { nonce } = authorization;
  const authority = recoverAuthority(authorization, common.chainId());
  if (authority === undefined) return 0n;
  vm.evm.journal.addAlwaysWarmAddress(unprefixed(authority));
  const libraryAuthority = toLibraryAddress(authority);
  const account = await state.getAccount(libraryAuthority);
  const code = await state.getCode(libraryAuthority);
  if (code.length > 0 && !isDelegation(code)) return 0n;
  if ((account?.nonce ?? 0n) !== nonce) return 0n;
  await state.putCode(libraryAuthority, delegationCode(authorization.address));
  await state.modifyAccountFields(libraryAuthority, { nonce: nonce + 1n });
  return account === undefined ? 0n : EXISTING_AUTHORITY_REFUND;
}

function refusedCall(exception: string): CallOutcome {
  return { success: false, returnData: EMPTY_BYTES, gasUsed: 0n, exception, logs: () => [] };
}

/** The library's journal keys its sets by hex without prefix. */
function unprefixed(hex: string): string {
  return hex.slice(2);
}
