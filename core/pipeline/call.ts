/**
 * Messages that run on the state after a block and leave nothing behind.
 *
 * Owns in what environment they run: that of the block itself, as in geth, or of the one that would
 * follow. Does not own execution (`vm`) or what is made of the outcome.
 * @module
 */
import { type Address, type Hash32, ZERO_HASH } from "../primitives/hex.ts";
import { type BlockSummary, requireBlockSummary } from "../store/blocks.ts";
import type { BlockHeader } from "../types/block.ts";
import { blockHashSlot, HISTORY_STORAGE_ADDRESS, HISTORY_WINDOW_BLOCKS } from "../types/state.ts";
import { nextEnvironment } from "../vm/block_environment.ts";
import type {
  BlockEnvironment,
  CallBounds,
  CallOutcome,
  CallRequest,
  StoragePort,
} from "../vm/executor.ts";
import { type AccountPatch, createOverlay } from "../vm/overlay_storage.ts";
import { nextTimestampSec } from "./block_time.ts";
import type { Node } from "./node.ts";

/** What a call may find otherwise than it is. */
export interface CallOptions extends CallBounds {
  readonly environment?: Partial<BlockEnvironment>;
  readonly state?: ReadonlyMap<Address, AccountPatch>;
}

/** Runs `request` on the state after block `number`, in the environment of that block. */
export async function callAt(
  node: Node,
  request: CallRequest,
  number: bigint,
  options: CallOptions = {},
): Promise<CallOutcome> {
  const tip = node.tip.get();
  const isLatest = number === tip.header.number;
  const block = isLatest ? tip : await requireBlockSummary(node.kv, number);
  const place = { block, environment: environmentOf(node, block.header) };
  const stage = await stageCall(node, place, options.environment);
  const environment = seenBy(request, stage.environment);
  const callOn = (storage: StoragePort): Promise<CallOutcome> => {
    if (options.state === undefined && stage.history.size === 0) {
      return node.executor.call(environment, storage, request, options);
    }
    const overlay = createOverlay(storage);
    overlay.patch(stage.history);
    if (options.state !== undefined) overlay.patch(options.state);
    return node.executor.call(environment, overlay, request, options);
  };
  const past = () => callOn(node.state.at(number));
  if (!isAtTip(node, number)) return await past();
  const version = node.state.version();
  try {
    const outcome = await callOn(node.state.latest());
    if (node.state.version() === version) return outcome;
  } catch (error) {
    if (node.state.version() === version) throw error;
  }
  // A block came while the call waited for a code: it may have seen both states, and counts for none.
  return await past();
}

/** The state after block `number`; its slots are at hand if that is the latest one. */
export function stateAfter(node: Pick<Node, "state" | "tip">, number: bigint): StoragePort {
  return isAtTip(node, number) ? node.state.latest() : node.state.at(number);
}

/** Whether the tree is that of block `number`: it runs ahead of the tip while one is being committed. */
function isAtTip({ state, tip }: Pick<Node, "state" | "tip">, number: bigint): boolean {
  const { header } = tip.get();
  return number === header.number && state.isAt(header.stateRoot);
}

/** Runs `request` on the latest state, in the environment of the block to come. */
export async function callInNextBlock(
  node: Node,
  request: CallRequest,
  options: CallBounds = {},
): Promise<CallOutcome> {
  const tip = node.tip.get();
  const environment = environmentAfter(node, tip);
  return await callAt(node, request, tip.header.number, { ...options, environment });
}

/** Where a message runs: on the state after `block`, in `environment`. */
export interface CallPlace {
  readonly block: BlockSummary;
  readonly environment: BlockEnvironment;
}

/** A {@linkcode CallPlace} with what was wished of it. */
export interface CallStage {
  readonly environment: BlockEnvironment;
  /** What the ring of block hashes (EIP-2935) has to hold other than the state has it. */
  readonly history: ReadonlyMap<Address, AccountPatch>;
}

/** BLOCKHASH looks this far back. */
const HASHES = 256n;

/**
 * `place` with the fields of `wanted` in the place of its own. In a block of another number a message
 * finds the hashes of the blocks that there are up to `place.block`, and none of later ones.
 */
export async function stageCall(
  node: Pick<Node, "kv">,
  { block, environment }: CallPlace,
  wanted: Partial<BlockEnvironment> = {},
): Promise<CallStage> {
  const latest = block.header.number;
  const number = wanted.number ?? environment.number;
  const hashOf = async (asked: bigint): Promise<Hash32> => {
    if (asked === latest) return block.hash;
    if (asked < 0n || asked > latest) return ZERO_HASH;
    return (await requireBlockSummary(node.kv, asked)).hash;
  };
  const isNear = number === latest || number === latest + 1n;
  const parentHash = number === latest ? block.header.parentHash : await hashOf(number - 1n);
  const staged = { ...environment, parentHash, ...wanted };
  if (isNear) return { environment: staged, history: NO_PATCHES };
  const slots = new Map<Hash32, Hash32>();
  for (let asked = number > HASHES ? number - HASHES : 0n; asked < number; asked++) {
    const isInState = asked < latest && asked + HISTORY_WINDOW_BLOCKS >= latest;
    if (!isInState) slots.set(blockHashSlot(asked).slot, await hashOf(asked));
  }
  return {
    environment: staged,
    history: new Map([[HISTORY_STORAGE_ADDRESS, { stateDiff: slots }]]),
  };
}

const NO_PATCHES: ReadonlyMap<Address, AccountPatch> = new Map();

/** What transactions of the block of `header` ran in. */
export function environmentOf(node: Node, header: BlockHeader): BlockEnvironment {
  const { chainId, gasPerPubdata } = node.config;
  return {
    chainId,
    number: header.number,
    timestampSec: header.timestampSec,
    coinbase: header.coinbase,
    gasLimit: header.gasLimit,
    baseFeePerGasWei: header.baseFeePerGasWei,
    prevRandao: header.prevRandao,
    parentHash: header.parentHash,
    gasPerPubdata,
  };
}

/** What transactions would run in if the block after `parent` were made now. */
export function environmentAfter(node: Node, parent: BlockSummary): BlockEnvironment {
  return nextEnvironment({
    parent: parent.header,
    parentHash: parent.hash,
    timestampSec: nextTimestampSec(node, parent.header),
    config: node.config,
  });
}

/** As in geth, who offers nothing for gas sees no price of it. */
export function seenBy(request: CallRequest, environment: BlockEnvironment): BlockEnvironment {
  const isFree = request.gasPriceWei === 0n && (request.maxFeePerGasWei ?? 0n) === 0n;
  return isFree ? { ...environment, baseFeePerGasWei: 0n } : environment;
}
