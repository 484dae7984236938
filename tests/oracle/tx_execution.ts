/**
 * A transaction around its message: fees, nonce, authorizations, refunds, receipts.
 *
 * Owns what every EVM has in common, over the {@linkcode Machine} port, with the fee rule of this
 * layer: base fee and priority fee both go to the coinbase. Does not own opcodes.
 * @module
 */
import { EMPTY_BYTES } from "../../core/primitives/bytes.ts";
import { assert, RollupError } from "../../core/primitives/errors.ts";
import { type Address, ZERO_HASH } from "../../core/primitives/hex.ts";
import type { Receipt } from "../../core/types/receipt.ts";
import { effectiveGasPriceWei } from "../../core/types/tx.ts";
import { applyAuthorizations } from "./apply_authorizations.ts";
import type {
  BlockEnvironment,
  CallOutcome,
  CallRequest,
  ExecutableTx,
  TxOutcome,
} from "../../core/vm/executor.ts";
import type { Machine, MessageResult, TopMessage } from "./machine.ts";
import { REFUSAL_NAMES } from "../../core/vm/host/outcomes.ts";
import {
  chargedGas,
  findMessageInvalidity,
  findStateInvalidity,
  priceMessage,
  type TxInvalidity,
} from "../../core/vm/tx_rules.ts";
import { evmUsage } from "../../core/vm/usage.ts";
import { findStaticInvalidity } from "./static_rules.ts";
import type { WorldState } from "./world_state.ts";

/** What a transaction or call runs in. */
export interface ExecutionContext {
  readonly environment: BlockEnvironment;
  readonly state: WorldState;
  readonly machine: Machine;
}

/** Codes that this file throws. */
export type TxExecutionErrorCode = "BALANCE_OVERFLOW";

/** A balance never passes this: the EVM's words are 256 bits wide. */
const MAX_BALANCE_WEI = (1n << 256n) - 1n;

/**
 * Runs `executable` on the state, which it must find without open checkpoints.
 *
 * An invalid transaction writes nothing. An error of the machine or of the storage port is thrown
 * on with whatever was written until then: the caller undoes it.
 */
export async function executeTransaction(
  context: ExecutionContext,
  { tx, sender }: ExecutableTx,
  gasUsedBefore: bigint,
): Promise<TxOutcome> {
  const { environment, state } = context;
  const invalidity = findStaticInvalidity(tx, environment) ??
    await findInvalidityInState(context, { tx, sender }, gasUsedBefore);
  if (invalidity !== undefined) return { kind: "invalid", ...invalidity };

  const gasPriceWei = effectiveGasPriceWei(tx, environment.baseFeePerGasWei);
  const costs = priceMessage(tx);
  await addToAccount(state, sender, { balanceWei: -tx.gasLimit * gasPriceWei, nonce: 1n });
  const authorized = await applyAuthorizations(state, tx.authorizations, environment.chainId);
  const result = await runMessage(context, {
    from: sender,
    to: tx.to,
    data: tx.data,
    valueWei: tx.valueWei,
    gasLimit: tx.gasLimit - costs.intrinsicGas,
    gasPriceWei,
    accessList: tx.accessList,
    warmAddresses: authorized.warmAddresses,
  });

  const refundGas = authorized.refundGas + result.refundGas;
  const gasUsed = chargedGas(costs.intrinsicGas + result.gasUsed, refundGas, costs);
  await addToAccount(state, sender, { balanceWei: (tx.gasLimit - gasUsed) * gasPriceWei });
  await addToAccount(state, environment.coinbase, { balanceWei: gasUsed * gasPriceWei });
  for (const account of result.destroyed) await destroyAccount(state, account);

  const receipt: Receipt = {
    type: tx.type,
    success: result.exception === undefined,
    gasUsed,
    cumulativeGasUsed: gasUsedBefore + gasUsed,
    effectiveGasPriceWei: gasPriceWei,
    logs: result.logs,
    contractAddress: tx.to === undefined ? result.createdAddress : undefined,
  };
  const { returnData, exception } = result;
  const usage = evmUsage(gasUsed);
  return { kind: "included", receipt, returnData, exception, usage };
}

/**
 * Runs a message without signature and nonce check; its writes stay, the caller drops the state.
 *
 * Block gas and EIP-7825 do not bound it. With a gas price of 0 the base fee is not asked for.
 */
export async function executeCall(
  context: ExecutionContext,
  request: CallRequest,
): Promise<CallOutcome> {
  const { environment, state } = context;
  const { from, gasLimit, gasPriceWei, valueWei } = request;
  const invalidity = await findCallInvalidity(context, request);
  if (invalidity !== undefined) return refusedCall(invalidity);

  const costs = request.asTransaction ? priceMessage(request) : { intrinsicGas: 0n, floorGas: 0n };
  const upfrontWei = request.asTransaction ? gasLimit * gasPriceWei : 0n;
  await addToAccount(state, from, { balanceWei: -upfrontWei, nonce: 1n });
  const { authorizations } = request;
  const authorized = await applyAuthorizations(state, authorizations, environment.chainId);
  const result = await runMessage(context, {
    from,
    to: request.to,
    data: request.data,
    valueWei,
    gasLimit: gasLimit - costs.intrinsicGas,
    gasPriceWei,
    accessList: request.accessList,
    warmAddresses: authorized.warmAddresses,
  });
  const spentGas = costs.intrinsicGas + result.gasUsed;
  const refundGas = authorized.refundGas + result.refundGas;
  const gasUsed = request.asTransaction ? chargedGas(spentGas, refundGas, costs) : spentGas;
  return {
    success: result.exception === undefined,
    returnData: result.returnData,
    gasUsed,
    exception: result.exception,
    logs: () => result.logs,
  };
}

async function findInvalidityInState(
  { environment, state }: ExecutionContext,
  { tx, sender }: ExecutableTx,
  gasUsedBefore: bigint,
): Promise<TxInvalidity | undefined> {
  const account = await state.account(sender);
  const code = await state.code(account.codeHash);
  const { baseFeePerGasWei, gasLimit } = environment;
  const block = { baseFeePerGasWei, gasLeft: gasLimit - gasUsedBefore };
  return findStateInvalidity(tx, { ...account, code }, block);
}

async function findCallInvalidity(
  { environment, state }: ExecutionContext,
  request: CallRequest,
): Promise<TxInvalidity | undefined> {
  const { gasLimit, gasPriceWei, valueWei } = request;
  if (request.asTransaction) {
    const invalidity = findMessageInvalidity(request, gasLimit);
    if (invalidity !== undefined) return invalidity;
  }
  const { baseFeePerGasWei } = environment;
  if (gasPriceWei > 0n && gasPriceWei < baseFeePerGasWei) {
    const message = `gas price ${gasPriceWei} wei is below the base fee ${baseFeePerGasWei} wei`;
    return { reason: "FEE_BELOW_BASE_FEE", message };
  }
  const { balanceWei } = await state.account(request.from);
  const neededWei = valueWei + (request.asTransaction ? gasLimit * gasPriceWei : 0n);
  if (balanceWei < neededWei) {
    const message = `the sender has ${balanceWei} of ${neededWei} wei that it needs`;
    return { reason: "INSUFFICIENT_FUNDS", message };
  }
  return undefined;
}

function refusedCall(invalidity: TxInvalidity): CallOutcome {
  return {
    success: false,
    returnData: EMPTY_BYTES,
    gasUsed: 0n,
    exception: REFUSAL_NAMES[invalidity.reason] ?? "invalid",
    logs: () => [],
    invalid: invalidity,
  };
}

/** A message to an account without code only moves value; no EVM is needed for it. */
async function runMessage(
  { state, machine }: ExecutionContext,
  message: TopMessage,
): Promise<MessageResult> {
  const { from, to, valueWei } = message;
  if (to === undefined || machine.isPrecompile(to)) return await machine.run(message);
  const recipient = await state.account(to);
  if (recipient.codeHash !== ZERO_HASH) return await machine.run(message);
  // Not more than the EVM's word can hold; the machine says how that ends.
  if (recipient.balanceWei + valueWei > MAX_BALANCE_WEI) return await machine.run(message);
  await addToAccount(state, from, { balanceWei: -valueWei });
  await addToAccount(state, to, { balanceWei: valueWei });
  return PLAIN_TRANSFER;
}

const PLAIN_TRANSFER: MessageResult = {
  gasUsed: 0n,
  refundGas: 0n,
  returnData: EMPTY_BYTES,
  exception: undefined,
  logs: [],
  createdAddress: undefined,
  destroyed: [],
};

async function addToAccount(
  state: WorldState,
  address: Address,
  change: { readonly balanceWei: bigint; readonly nonce?: bigint },
): Promise<void> {
  const { nonce = 0n } = change;
  if (change.balanceWei === 0n && nonce === 0n) return;
  const account = await state.account(address);
  const balanceWei = account.balanceWei + change.balanceWei;
  assert(balanceWei >= 0n, "funds were checked before");
  // No chain comes here, as its genesis bounds all wei there is; a witness may show any state.
  if (balanceWei > MAX_BALANCE_WEI) throw balanceOverflow(address);
  await state.setAccount(address, { ...account, balanceWei, nonce: account.nonce + nonce });
}

/** Makes the transaction invalid, so that the transition is total over any state. */
function balanceOverflow(address: Address): RollupError<TxExecutionErrorCode> {
  return new RollupError(
    "BALANCE_OVERFLOW",
    `Cannot run the transaction as no balance may pass 2^256 - 1 wei: that of ${address} would`,
    { details: { address }, mend: "Start from a state whose balances add up to less than 2^256." },
  );
}

/** EIP-6780: an account that was created and destroyed in one transaction leaves nothing. */
async function destroyAccount(state: WorldState, address: Address): Promise<void> {
  state.clearSeenSlots(address);
  await state.setAccount(address, { nonce: 0n, balanceWei: 0n, codeHash: ZERO_HASH });
}
