/**
 * Messages without a signature on the embedded L1: `eth_call`, estimates, traces of calls.
 *
 * Owns in which block such a message runs, with what overrides, and how its request becomes a
 * message. Its changes stay in a scratch world and are thrown away. Does not own execution
 * (`message.ts`).
 * @module
 */
import { LIMITS } from "../../core/primitives/limits.ts";
import type { BlockEnvironment, CallOutcome, CallRequest } from "../../core/vm/executor.ts";
import type { BlockOverrides, CallOverrides, ChainHeader } from "../rpc/chain.ts";
import { blobBaseFeeWei } from "./blob_fee.ts";
import { callDeadlineMs } from "./call_time.ts";
import type { L1Environment } from "./chain_block.ts";
import { groundAfter } from "./decrees.ts";
import { type L1World, toLibraryAddress } from "./library.ts";
import { type ForkSchedule, type L1Rules, rulesAt } from "./forks.ts";
import { applyMessage, type L1Message, type MessageBlock } from "./message.ts";
import { headEnvironment, type OpenChain } from "./open_chain.ts";
import { applyStateOverrides } from "./state_overrides.ts";

/** A world in which a message may run, and the block that it sees. */
export interface CallWorld {
  readonly world: L1World;
  readonly block: MessageBlock;
  /** The same block for those who want it in the words of both layers. */
  readonly environment: BlockEnvironment;
}

/** Runs `request` on the state after the block of `header`, and in its environment. */
export async function callAfter(
  chain: OpenChain,
  header: ChainHeader,
  call: { readonly request: CallRequest; readonly overrides?: CallOverrides | undefined },
): Promise<CallOutcome> {
  const { world, block } = await openCallWorld(chain, header, call.overrides);
  return await callOnWorld(world, block, call.request);
}

/** A world on the state after the block of `header`, in its environment but for `overrides`. */
export async function openCallWorld(
  chain: OpenChain,
  header: ChainHeader,
  overrides: CallOverrides = {},
): Promise<CallWorld> {
  const { forks, evm } = chain;
  const { block: blockOverrides = {} } = overrides;
  const place = { ...header, ...blockOverrides };
  const rules = rulesAt(forks, { ...place, isMerged: header.difficulty === 0n });
  const block = toMessageBlock(header, { rules, overrides: blockOverrides });
  const world = await evm.scratch(await groundAfter(chain, header), rules);
  // Nobody asks for the root of this state: within a checkpoint nothing reaches the tries.
  await world.state.checkpoint();
  if (overrides.state !== undefined) await applyStateOverrides(world, overrides.state);
  return { world, block, environment: toEnvironment(header, block, forks) };
}

/**
 * Runs `request` in `block` on `world`, which must not be used afterwards. As in geth it pays its
 * intrinsic gas and its sender must have what it sends; its nonce is whatever the state has, and who
 * offers nothing for gas sees a base fee of 0.
 */
export async function callOnWorld(
  world: L1World,
  block: MessageBlock,
  request: CallRequest,
): Promise<CallOutcome> {
  const message = await toL1Message(world, block, request);
  const outcome = await applyMessage(world, message, seenBlock(message, block), {
    isValidated: false,
    deadlineMs: callDeadlineMs(),
  });
  if (outcome.kind === "refused") {
    return {
      success: false,
      returnData: new Uint8Array(0),
      gasUsed: 0n,
      exception: `err: ${outcome.message} (supplied gas ${message.gasLimit})`,
      logs: () => [],
    };
  }
  const { exception, returnData, gasUsed, logs } = outcome;
  return { success: exception === undefined, returnData, gasUsed, exception, logs: () => logs };
}

/** What differs in the block to come from the latest one. */
export function comingBlock(chain: OpenChain): BlockOverrides {
  const environment = headEnvironment(chain);
  const { number, timestampSec, gasLimit, coinbase, prevRandao, difficulty, rules } = environment;
  return {
    number,
    timestampSec,
    gasLimit,
    coinbase,
    prevRandao,
    difficulty,
    ...(rules.isActive("london") ? { baseFeePerGasWei: environment.baseFeePerGasWei } : {}),
    ...(rules.blobs === undefined
      ? {}
      : { blobBaseFeeWei: blobBaseFeeWei(environment.excessBlobGas ?? 0n, rules.blobs) }),
  };
}

/** What opcodes read of the block of `header` by `rules`, but for `overrides`. */
export function toMessageBlock(
  header: Omit<ChainHeader, "hash">,
  { rules, overrides = {} }: {
    readonly rules: L1Rules;
    readonly overrides?: BlockOverrides;
  },
): MessageBlock {
  const { blobs } = rules;
  return {
    number: overrides.number ?? header.number,
    timestampSec: overrides.timestampSec ?? header.timestampSec,
    coinbase: overrides.coinbase ?? header.miner,
    gasLimit: overrides.gasLimit ?? header.gasLimit,
    difficulty: overrides.difficulty ?? header.difficulty,
    prevRandao: overrides.prevRandao ?? header.mixHash,
    baseFeePerGasWei: rules.isActive("london")
      ? overrides.baseFeePerGasWei ?? header.baseFeePerGasWei ?? 0n
      : undefined,
    blobBaseFeeWei: blobs === undefined
      ? undefined
      : overrides.blobBaseFeeWei ?? blobBaseFeeWei(header.excessBlobGas ?? 0n, blobs),
  };
}

/** The block as opcodes of `message` see it: what is not paid for has no price. */
export function seenBlock(message: L1Message, block: MessageBlock): MessageBlock {
  const isFree = message.gasPriceWei === 0n && block.baseFeePerGasWei !== undefined;
  const isBlobFree = message.maxFeePerBlobGasWei === 0n && block.blobBaseFeeWei !== undefined;
  return {
    ...block,
    ...(isFree ? { baseFeePerGasWei: 0n } : {}),
    ...(isBlobFree ? { blobBaseFeeWei: 0n } : {}),
  };
}

/** `request` as a message of the sender's next nonce. */
export async function toL1Message(
  { state }: L1World,
  { baseFeePerGasWei = 0n }: MessageBlock,
  request: CallRequest,
): Promise<L1Message> {
  const { from, to, data, valueWei, accessList, authorizations, blobHashes } = request;
  const account = await state.getAccount(toLibraryAddress(from));
  const cap = request.maxFeePerGasWei ?? request.gasPriceWei;
  const tip = request.maxPriorityFeePerGasWei ??
    (request.maxFeePerGasWei === undefined ? request.gasPriceWei : 0n);
  const wanted = tip + baseFeePerGasWei;
  const gasPriceWei = cap === 0n && tip === 0n ? 0n : wanted < cap ? wanted : cap;
  const { gasLimit } = request;
  return {
    from,
    to,
    data,
    valueWei,
    nonce: request.nonce ?? account?.nonce ?? 0n,
    gasLimit: gasLimit < LIMITS.maxCallGas ? gasLimit : LIMITS.maxCallGas,
    gasPriceWei: request.maxFeePerGasWei === undefined ? request.gasPriceWei : gasPriceWei,
    maxFeePerGasWei: cap,
    maxPriorityFeePerGasWei: tip,
    accessList,
    authorizations: authorizations.length === 0 ? undefined : authorizations,
    blobHashes,
    maxFeePerBlobGasWei: request.maxFeePerBlobGasWei ??
      (blobHashes === undefined ? undefined : 0n),
  };
}

function toEnvironment(
  header: ChainHeader,
  block: MessageBlock,
  { chainId }: ForkSchedule,
): BlockEnvironment & Partial<L1Environment> {
  return {
    chainId,
    number: block.number,
    timestampSec: block.timestampSec,
    coinbase: block.coinbase,
    gasLimit: block.gasLimit,
    baseFeePerGasWei: block.baseFeePerGasWei ?? 0n,
    prevRandao: block.prevRandao,
    difficulty: block.difficulty,
    parentHash: header.parentHash,
    gasPerPubdata: 0n,
  };
}
