/**
 * One message on the EVM of the embedded L1, from its first check to the coinbase's fee.
 *
 * Owns geth's order of checks and its words, for messages that nobody signed: calls, estimates and
 * simulated transactions. Does not own overrides (`state_overrides.ts`) or blocks.
 * @module
 */
import { type EVMResult, type ExecResult, getActivePrecompiles, type Log } from "@ethereumjs/evm";
import { Account } from "@ethereumjs/util";
import {
  type Address,
  bytesToAddress,
  type Hash32,
  hexToBytes,
} from "../../core/primitives/hex.ts";
import type { AccessListEntry, Authorization } from "../../core/types/tx.ts";
import type { EventLog } from "../../core/types/receipt.ts";
import { delegationCode, recoverAuthority } from "../../core/vm/authorizations.ts";
import { isDelegation } from "../../core/vm/tx_rules.ts";
import { checksumAddress } from "../rpc/format.ts";
import { exceptionOf, type L1World, toEventLogs, toLibraryAddress } from "./library.ts";
import { GAS_PER_BLOB } from "./forks.ts";
import { guardTime } from "./call_time.ts";
import { faultOfEnd, faultOfFrame, type PrecompileFrame } from "./evm_faults.ts";
import { priceL1Message } from "./message_gas.ts";

/** A message with every field that a transaction has. */
export interface L1Message {
  readonly from: Address;
  readonly to: Address | undefined;
  readonly data: Uint8Array;
  readonly valueWei: bigint;
  readonly nonce: bigint;
  readonly gasLimit: bigint;
  /** What a unit of gas costs; `GASPRICE`. */
  readonly gasPriceWei: bigint;
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
  readonly accessList: readonly AccessListEntry[];
  /** `undefined` and an empty list are not the same: a type 4 needs an entry. */
  readonly authorizations: readonly Authorization[] | undefined;
  readonly blobHashes: readonly Hash32[] | undefined;
  readonly maxFeePerBlobGasWei: bigint | undefined;
}

/** What opcodes read of the block that a message runs in. */
export interface MessageBlock {
  readonly number: bigint;
  readonly timestampSec: bigint;
  readonly coinbase: Address;
  readonly gasLimit: bigint;
  readonly difficulty: bigint;
  readonly prevRandao: Hash32;
  /** `undefined` before London. */
  readonly baseFeePerGasWei: bigint | undefined;
  /** `undefined` before Cancun. */
  readonly blobBaseFeeWei: bigint | undefined;
}

/** How strict a run is. */
export interface MessageChecks {
  /** Nonces must fit, and who offers nothing for gas is refused where gas has a price. */
  readonly isValidated: boolean;
  /** When it must have ended, by the process's monotonic clock. */
  readonly deadlineMs: number;
  /** Gas that the block has left; `undefined` for a message in no block. */
  readonly blockGasLeft?: bigint;
}

/** Why a message could not begin. */
export type MessageFault =
  | "NONCE_TOO_LOW"
  | "NONCE_TOO_HIGH"
  | "NONCE_MAX"
  | "TIP_ABOVE_FEE"
  | "FEE_BELOW_BASE_FEE"
  | "BLOB_FEE_TOO_LOW"
  | "BLOBS_INVALID"
  | "AUTHORIZATIONS_INVALID"
  | "INIT_CODE_TOO_LARGE"
  | "BLOCK_GAS_EXHAUSTED"
  | "INSUFFICIENT_FUNDS"
  | "INTRINSIC_GAS_TOO_LOW"
  | "FLOOR_GAS_TOO_LOW";

/** What became of a message. */
export type MessageOutcome =
  | { readonly kind: "refused"; readonly fault: MessageFault; readonly message: string }
  | {
    readonly kind: "ran";
    readonly exception: string | undefined;
    readonly returnData: Uint8Array;
    /** After refunds, with the intrinsic cost. */
    readonly gasUsed: bigint;
    /** Before refunds: what the limit must reach. */
    readonly maxGasUsed: bigint;
    readonly blobGasUsed: bigint;
    readonly logs: readonly EventLog[];
    readonly createdAddress: Address | undefined;
  };

/** EIP-7702: what an authorization gives back when its account exists already. */
const EXISTING_AUTHORITY_REFUND = 12_500n;
/** EIP-3860. */
const MAX_INIT_CODE_BYTES = 49_152;
/** Blobs of one transaction from Osaka on (EIP-7594). */
const MAX_BLOBS_PER_TX = 6;
const NONCE_MODULUS = 1n << 64n;

/** Runs `message` on `world` in `block`; the changes stay in the world. */
export async function applyMessage(
  world: L1World,
  message: L1Message,
  block: MessageBlock,
  checks: MessageChecks,
): Promise<MessageOutcome> {
  const { state, vm } = world;
  const { journal } = vm.evm;
  const sender = toLibraryAddress(message.from);
  const account = await state.getAccount(sender) ?? new Account();
  const costs = priceL1Message(message, world.common);
  const refused = findNonceFault(message, account.nonce, checks) ??
    findFeeFault(message, block, checks) ?? findShapeFault(world, message, block, checks) ??
    findFundsFault(message, account.balance, block) ?? findGasFault(message, costs);
  if (refused !== undefined) return { kind: "refused", ...refused };
  guardTime(vm.evm, checks.deadlineMs);
  await journal.cleanup();
  state.originalStorageCache.clear();
  await journal.checkpoint();
  try {
    const blobGasUsed = blobGasOf(message);
    account.balance -= message.gasLimit * message.gasPriceWei +
      blobGasUsed * (block.blobBaseFeeWei ?? 0n);
    account.nonce = (account.nonce + 1n) % NONCE_MODULUS;
    await journal.putAccount(sender, account);
    warmAccesses(world, message, block);
    const authorizationRefund = await applyAuthorizations(world, message.authorizations ?? []);
    const result = await runTopFrame(world, message, {
      block,
      gasLimit: message.gasLimit - costs.intrinsicGas,
    });
    const settled = settleGas(result.execResult, costs, {
      refundGas: authorizationRefund,
      quotient: BigInt(world.common.param("maxRefundQuotient")),
    });
    await payGas(world, message, block, { ...settled, checks });
    await deleteDestroyed(world, result.execResult);
    await journal.commit();
    return {
      kind: "ran",
      ...settled,
      ...outcomeOf(world, result, {
        to: message.to,
        inputSizeBytes: message.data.length,
        gasLimit: message.gasLimit - costs.intrinsicGas,
      }),
      blobGasUsed,
    };
  } catch (error) {
    await journal.revert();
    throw error;
  } finally {
    await journal.cleanup();
    state.originalStorageCache.clear();
  }
}

type Fault = { readonly fault: MessageFault; readonly message: string };

function findNonceFault(
  { from, nonce }: L1Message,
  stateNonce: bigint,
  { isValidated }: MessageChecks,
): Fault | undefined {
  if (!isValidated) return undefined;
  const who = `address ${checksumAddress(from)}`;
  if (stateNonce < nonce) {
    return {
      fault: "NONCE_TOO_HIGH",
      message: `nonce too high: ${who}, tx: ${nonce} state: ${stateNonce}`,
    };
  }
  if (stateNonce > nonce) {
    return {
      fault: "NONCE_TOO_LOW",
      message: `nonce too low: ${who}, tx: ${nonce} state: ${stateNonce}`,
    };
  }
  return stateNonce + 1n === NONCE_MODULUS
    ? { fault: "NONCE_MAX", message: `nonce has max value: ${who}, nonce: ${stateNonce}` }
    : undefined;
}

function findFeeFault(
  message: L1Message,
  { baseFeePerGasWei }: MessageBlock,
  checks: MessageChecks,
): Fault | undefined {
  const { from, maxFeePerGasWei, maxPriorityFeePerGasWei } = message;
  if (baseFeePerGasWei === undefined || isFreeOfFees(message, checks)) return undefined;
  const who = `address ${checksumAddress(from)}`;
  if (maxPriorityFeePerGasWei > maxFeePerGasWei) {
    return {
      fault: "TIP_ABOVE_FEE",
      message: `max priority fee per gas higher than max fee per gas: ${who}, ` +
        `maxPriorityFeePerGas: ${maxPriorityFeePerGasWei}, maxFeePerGas: ${maxFeePerGasWei}`,
    };
  }
  return maxFeePerGasWei < baseFeePerGasWei
    ? {
      fault: "FEE_BELOW_BASE_FEE",
      message: `max fee per gas less than block base fee: ${who}, ` +
        `maxFeePerGas: ${maxFeePerGasWei}, baseFee: ${baseFeePerGasWei}`,
    }
    : undefined;
}

function findShapeFault(
  { common }: L1World,
  message: L1Message,
  block: MessageBlock,
  checks: MessageChecks,
): Fault | undefined {
  const { to, blobHashes, authorizations, data, gasLimit } = message;
  const blobFault = blobHashes === undefined
    ? undefined
    : findBlobFault(message, blobHashes, common.isActivatedEIP(7594)) ??
      findBlobFeeFault(message, block, checks);
  if (blobFault !== undefined) return blobFault;
  if (authorizations !== undefined && (to === undefined || authorizations.length === 0)) {
    const what = to === undefined
      ? "EIP-7702 transaction cannot be used to create contract"
      : "EIP-7702 transaction with empty auth list";
    return {
      fault: "AUTHORIZATIONS_INVALID",
      message: `${what} (sender ${checksumAddress(message.from)})`,
    };
  }
  if (
    to === undefined && common.isActivatedEIP(3860) && data.length > MAX_INIT_CODE_BYTES
  ) {
    return {
      fault: "INIT_CODE_TOO_LARGE",
      message: `max initcode size exceeded: code size ${data.length} limit ${MAX_INIT_CODE_BYTES}`,
    };
  }
  return checks.blockGasLeft !== undefined && gasLimit > checks.blockGasLeft
    ? { fault: "BLOCK_GAS_EXHAUSTED", message: "gas limit reached" }
    : undefined;
}

function findBlobFault(
  { to }: L1Message,
  hashes: readonly Hash32[],
  isOsaka: boolean,
): Fault | undefined {
  const fault = (message: string): Fault => ({ fault: "BLOBS_INVALID", message });
  if (to === undefined) return fault("blob transaction of type create");
  if (hashes.length === 0) return fault("blob transaction missing blob hashes");
  if (isOsaka && hashes.length > MAX_BLOBS_PER_TX) {
    return fault("blob transaction has too many blobs");
  }
  const wrong = hashes.findIndex((hash) => !hash.startsWith("0x01"));
  return wrong < 0 ? undefined : fault(`blob ${wrong} has invalid hash version`);
}

function findBlobFeeFault(
  { from, maxFeePerBlobGasWei = 0n }: L1Message,
  { blobBaseFeeWei }: MessageBlock,
  { isValidated }: MessageChecks,
): Fault | undefined {
  if (blobBaseFeeWei === undefined) return undefined;
  if (!isValidated && maxFeePerBlobGasWei === 0n) return undefined;
  return maxFeePerBlobGasWei < blobBaseFeeWei
    ? {
      fault: "BLOB_FEE_TOO_LOW",
      message: `max fee per blob gas less than block blob gas fee: address ` +
        `${checksumAddress(from)} blobGasFeeCap: ${maxFeePerBlobGasWei}, ` +
        `blobBaseFee: ${blobBaseFeeWei}`,
    }
    : undefined;
}

function findFundsFault(
  message: L1Message,
  balanceWei: bigint,
  { blobBaseFeeWei }: MessageBlock,
): Fault | undefined {
  const { from, gasLimit, maxFeePerGasWei, valueWei, maxFeePerBlobGasWei = 0n } = message;
  const blobWei = blobBaseFeeWei === undefined ? 0n : blobGasOf(message) * maxFeePerBlobGasWei;
  const wantWei = gasLimit * maxFeePerGasWei + valueWei + blobWei;
  return balanceWei < wantWei
    ? {
      fault: "INSUFFICIENT_FUNDS",
      message: `insufficient funds for gas * price + value: address ${checksumAddress(from)} ` +
        `have ${balanceWei} want ${wantWei}`,
    }
    : undefined;
}

interface MessageCosts {
  readonly intrinsicGas: bigint;
  /** 0 before Prague. */
  readonly floorGas: bigint;
}

function findGasFault({ gasLimit }: L1Message, costs: MessageCosts): Fault | undefined {
  const { intrinsicGas, floorGas } = costs;
  if (gasLimit < intrinsicGas) {
    return {
      fault: "INTRINSIC_GAS_TOO_LOW",
      message: `intrinsic gas too low: have ${gasLimit}, want ${intrinsicGas}`,
    };
  }
  return gasLimit < floorGas
    ? {
      fault: "FLOOR_GAS_TOO_LOW",
      message: `insufficient gas for floor data gas cost: have ${gasLimit}, want ${floorGas}`,
    }
    : undefined;
}

/** A call that offers nothing for gas pays nothing, whatever the block asks. */
function isFreeOfFees(message: L1Message, { isValidated }: MessageChecks): boolean {
  return !isValidated && message.maxFeePerGasWei === 0n && message.maxPriorityFeePerGasWei === 0n;
}

function blobGasOf({ blobHashes }: L1Message): bigint {
  return BigInt(blobHashes?.length ?? 0) * GAS_PER_BLOB;
}

/** EIP-2929, EIP-2930 and EIP-3651: what is warm before the first opcode. */
function warmAccesses({ vm, common }: L1World, message: L1Message, block: MessageBlock): void {
  if (!common.isActivatedEIP(2929)) return;
  const { journal } = vm.evm;
  // The fork's own, whatever was moved or replaced: warmth is of addresses.
  for (const [precompile] of getActivePrecompiles(common)) journal.addAlwaysWarmAddress(precompile);
  const coinbase = common.isActivatedEIP(3651) ? block.coinbase : undefined;
  for (const account of [message.from, message.to, coinbase]) {
    if (account !== undefined) journal.addAlwaysWarmAddress(unprefixed(account));
  }
  for (const entry of message.accessList) {
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
  if (!world.common.isActivatedEIP(7702)) return 0n;
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

async function runTopFrame(
  { vm }: L1World,
  message: L1Message,
  place: { readonly block: MessageBlock; readonly gasLimit: bigint },
): Promise<EVMResult> {
  return await vm.evm.runCall({
    block: toEvmBlock(place.block),
    caller: toLibraryAddress(message.from),
    ...(message.to === undefined ? {} : { to: toLibraryAddress(message.to) }),
    gasPrice: message.gasPriceWei,
    gasLimit: place.gasLimit,
    value: message.valueWei,
    data: message.data,
    ...(message.blobHashes === undefined ? {} : { blobVersionedHashes: [...message.blobHashes] }),
    skipNonceIncrement: true,
  });
}

/** What the EVM reads of its block. */
export function toEvmBlock(block: MessageBlock) {
  const { number, gasLimit, difficulty, baseFeePerGasWei, blobBaseFeeWei } = block;
  return {
    header: {
      number,
      gasLimit,
      difficulty,
      timestamp: block.timestampSec,
      coinbase: toLibraryAddress(block.coinbase),
      prevRandao: hexToBytes(block.prevRandao),
      ...(baseFeePerGasWei === undefined ? {} : { baseFeePerGas: baseFeePerGasWei }),
      getBlobGasPrice: () => blobBaseFeeWei,
    },
  };
}

/** EIP-3529 and EIP-7623: what is charged, and what the gas limit must have been for it. */
function settleGas(
  result: ExecResult,
  { intrinsicGas, floorGas }: MessageCosts,
  refunds: { readonly refundGas: bigint; readonly quotient: bigint },
): { readonly gasUsed: bigint; readonly maxGasUsed: bigint } {
  const spentGas = intrinsicGas + result.executionGasUsed;
  const refundGas = refunds.refundGas + (result.gasRefund ?? 0n);
  const mostRefund = spentGas / refunds.quotient;
  const gasUsed = spentGas - (refundGas < mostRefund ? refundGas : mostRefund);
  return {
    gasUsed: gasUsed < floorGas ? floorGas : gasUsed,
    maxGasUsed: spentGas < floorGas ? floorGas : spentGas,
  };
}

async function payGas(
  { state, vm }: L1World,
  message: L1Message,
  block: MessageBlock,
  paid: { readonly gasUsed: bigint; readonly checks: MessageChecks },
): Promise<void> {
  const pay = async (who: Address, amountWei: bigint) => {
    const account = await state.getAccount(toLibraryAddress(who)) ?? new Account();
    account.balance += amountWei;
    await vm.evm.journal.putAccount(toLibraryAddress(who), account);
  };
  await pay(message.from, (message.gasLimit - paid.gasUsed) * message.gasPriceWei);
  if (isFreeOfFees(message, paid.checks)) return;
  const tipWei = message.gasPriceWei - (block.baseFeePerGasWei ?? 0n);
  await pay(block.coinbase, paid.gasUsed * tipWei);
}

/** EIP-6780: from Cancun on only what was made by the same message goes. */
async function deleteDestroyed({ vm, common }: L1World, result: ExecResult): Promise<void> {
  const destroyed = [...result.selfdestruct ?? []].map(([hex]) => hex);
  for (const hex of destroyed) {
    const account = bytesToAddress(Uint8Array.fromHex(unprefixed(hex)));
    const isOwn = result.createdAddresses?.has(hex) === true;
    if (common.isActivatedEIP(6780) && !isOwn) continue;
    await vm.evm.journal.deleteAccount(toLibraryAddress(account));
  }
}

function outcomeOf(
  world: L1World,
  { execResult, createdAddress }: EVMResult,
  frame: PrecompileFrame,
) {
  const exception = exceptionWords(world, execResult, frame);
  const logs: readonly Log[] | undefined = exception === undefined ? execResult.logs : undefined;
  return {
    exception,
    returnData: execResult.returnValue,
    logs: toEventLogs(logs),
    createdAddress: createdAddress === undefined ? undefined : bytesToAddress(createdAddress.bytes),
  };
}

function exceptionWords(
  { common }: L1World,
  result: ExecResult,
  frame: PrecompileFrame,
): string | undefined {
  const thrownAs = exceptionOf(result);
  if (thrownAs === undefined) return undefined;
  const isCreate = frame.to === undefined;
  return result.runState === undefined
    ? faultOfFrame(thrownAs, { ...frame, isCreate, runState: undefined })
    : faultOfEnd(thrownAs, result.runState, { isCreate, common });
}

/** The library's journal keys its sets by hex without prefix. */
function unprefixed(hex: string): string {
  return hex.startsWith("0x") ? hex.slice(2) : hex;
}
