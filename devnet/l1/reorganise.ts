/**
 * The embedded L1 goes back: blocks are dropped, and others take their places.
 *
 * Owns that each block goes in a commit of its own, latest first, so that a process that dies leaves
 * a valid chain, and that no dropped block ever comes back with the same hash. Dropped transactions
 * do not wait in the pool again, as with anvil: who wants one again says so. Does not own when.
 * @module
 */
import { decodeAndCheck, type PoolCandidate } from "../../core/pool/admission.ts";
import { assert, RollupError } from "../../core/primitives/errors.ts";
import type { Hash32 } from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import { encodeTransaction } from "../../core/types/tx.ts";
import { toChainBlock, toChainReceipts } from "../chain_block.ts";
import type { Reorg, ReorgTransaction } from "../rpc/chain.ts";
import { L1_TX_SIZES } from "./admission.ts";
import { type DroppedTx, listSource } from "./block_builder.ts";
import { type L1Block, toRanBlock } from "./chain_block.ts";
import { markUnsigned } from "./impersonation.ts";
import { mineBlock } from "./mine_block.ts";
import type { OpenChain } from "./open_chain.ts";

/** Codes that this file throws. */
export type L1ReorgErrorCode = "L1_REORG_DEPTH" | "L1_REORG_BLOCK_INDEX" | "L1_REORG_BLOCK_FULL";

/**
 * Drops the last `depth` blocks, down to genesis at most.
 *
 * Other blocks may follow at once or never. What waits in the pool goes on waiting; its nonces may
 * have a gap before them now.
 *
 * @throws `L1_REORG_DEPTH`
 */
export async function rollbackL1(chain: OpenChain, depth: bigint): Promise<Reorg> {
  const commonNumber = commonAncestor(chain, depth, 0n);
  const lost = await chain.rewinds.during(dropBlocks(chain, commonNumber));
  return { commonNumber, lost, refused: [] };
}

/**
 * Drops the last `depth` blocks and makes as many others that hold `transactions` and nothing else,
 * each block those of its index in their order. One that is invalid in its place is left out, told
 * in the answer. All are checked for their form before anything is dropped.
 *
 * @throws `L1_REORG_DEPTH`, `L1_REORG_BLOCK_INDEX`, `L1_REORG_BLOCK_FULL`, the codes of
 * `decodeAndCheck`.
 */
export async function reorganiseL1(
  chain: OpenChain,
  depth: bigint,
  transactions: readonly ReorgTransaction[],
): Promise<Reorg> {
  const commonNumber = commonAncestor(chain, depth, 1n);
  const candidatesByIndex = groupByBlock(chain, depth, transactions);
  const dropped = new Set(await chain.rewinds.during(dropBlocks(chain, commonNumber)));
  const refused: DroppedTx[] = [];
  for (let index = 0n; index < depth; index++) {
    const source = listSource(candidatesByIndex.get(index) ?? []);
    const mined = await mineBlock(chain, { source });
    for (const { hash } of mined.block.transactions) dropped.delete(hash);
    refused.push(...mined.dropped, ...mined.postponed);
  }
  return { commonNumber, lost: [...dropped], refused };
}

function commonAncestor(
  { view, firstNumber }: OpenChain,
  depth: bigint,
  leastDepth: bigint,
): bigint {
  const latestNumber = view.head().header.number;
  const isInside = depth >= leastDepth && depth <= latestNumber;
  if (isInside && latestNumber - depth < firstNumber) {
    throw rollupKept({ depth, latestNumber, firstNumber });
  }
  if (isInside) return latestNumber - depth;
  throw new RollupError<L1ReorgErrorCode>(
    "L1_REORG_DEPTH",
    depth > latestNumber
      // In anvil's words.
      ? `${leastDepth === 0n ? "Rollback" : "Reorg"} depth must not exceed current chain height: ` +
        `current height ${latestNumber}, depth ${depth}`
      : `Cannot take ${depth} blocks of L1 back as it must be at least ${leastDepth}`,
    {
      details: { depth, leastDepth, latestNumber },
      mend: "Choose a smaller depth; genesis always stays.",
    },
  );
}

/** L1 without the rollup would leave an L2 that follows nothing, and no way back to it. */
function rollupKept(details: {
  readonly depth: bigint;
  readonly latestNumber: bigint;
  readonly firstNumber: bigint;
}): RollupError<L1ReorgErrorCode> {
  const { depth, latestNumber, firstNumber } = details;
  return new RollupError(
    "L1_REORG_DEPTH",
    `Cannot take ${depth} blocks of L1 back as the rollup must stay deployed: its contracts are in ` +
      `the blocks up to ${firstNumber}, and the latest is ${latestNumber}`,
    {
      details,
      mend: latestNumber === firstNumber
        ? "Make a block first: there is none after them."
        : `Choose a depth of at most ${latestNumber - firstNumber}.`,
    },
  );
}

function groupByBlock(
  { forks, view }: OpenChain,
  depth: bigint,
  transactions: readonly ReorgTransaction[],
): ReadonlyMap<bigint, readonly PoolCandidate[]> {
  const context = { chainId: forks.chainId, blockGasLimit: view.head().header.gasLimit };
  const groups = new Map<bigint, PoolCandidate[]>();
  for (const transaction of transactions) {
    const index = BigInt(transaction.blockIndex);
    if (index < 0n || index >= depth) throw blockIndexOutside(index, depth);
    const group = groups.get(index) ?? [];
    if (group.length >= LIMITS.maxTxsPerBlock) throw blockFull(index);
    group.push(toCandidate(transaction, context));
    groups.set(index, group);
  }
  return groups;
}

function toCandidate(
  transaction: ReorgTransaction,
  context: { readonly chainId: bigint; readonly blockGasLimit: bigint },
): PoolCandidate {
  if ("raw" in transaction) return decodeAndCheck(transaction.raw, context, L1_TX_SIZES);
  const { unsigned, sender } = transaction;
  const raw = encodeTransaction(markUnsigned(unsigned, sender));
  return decodeAndCheck(raw, { ...context, sender }, L1_TX_SIZES);
}

/** Takes blocks above `commonNumber` back, latest first; the answer is what was in them. */
async function dropBlocks(chain: OpenChain, commonNumber: bigint): Promise<readonly Hash32[]> {
  const { view, store, log } = chain;
  const forkCount = view.forkCount() + 1n;
  const lost: Hash32[] = [];
  for (let number = view.head().header.number; number > commonNumber; number--) {
    const block = await view.block(number);
    const parent = await view.header(number - 1n);
    assert(block !== undefined && parent !== undefined, "the chain has every block up to its head");
    // The block was built on this, and so is what takes its place.
    const decreed = await store.decreed(parent.hash);
    // Hidden first: nobody may read rows that are about to go.
    const showAgain = view.retreat(block, parent, forkCount);
    try {
      await store.takeBack(block, forkCount);
    } catch (error) {
      showAgain();
      throw error;
    }
    chain.decreed = decreed;
    tellDropped(chain, block);
    lost.push(...block.transactions.map(({ hash }) => hash));
    log.debug("Dropped L1 block", { l1BlockNumber: number, txCount: block.transactions.length });
  }
  return lost;
}

function tellDropped({ reorgListeners, log }: OpenChain, block: L1Block): void {
  if (reorgListeners.size === 0) return;
  const ran = toRanBlock(block);
  const dropped = [{ block: toChainBlock(ran), receipts: toChainReceipts(ran) }];
  for (const listener of [...reorgListeners]) {
    try {
      listener(dropped);
    } catch (error) {
      // The block is gone whatever a listener makes of it.
      const reason = error instanceof Error ? error.message : String(error);
      log.warn("Listener of dropped L1 blocks failed", { reason });
    }
  }
}

function blockIndexOutside(blockIndex: bigint, depth: bigint): RollupError<L1ReorgErrorCode> {
  return new RollupError(
    "L1_REORG_BLOCK_INDEX",
    `Cannot put a transaction into new block ${blockIndex} as there must be one: ` +
      `a depth of ${depth} makes the blocks 0 to ${depth - 1n}`,
    { details: { blockIndex, depth }, mend: "Choose a lower index, or a greater depth." },
  );
}

function blockFull(blockIndex: bigint): RollupError<L1ReorgErrorCode> {
  const maxTxs = LIMITS.maxTxsPerBlock;
  return new RollupError(
    "L1_REORG_BLOCK_FULL",
    `Cannot put more than ${maxTxs} transactions into new block ${blockIndex}: it is full`,
    { details: { blockIndex, maxTxs }, mend: "Spread them over several blocks." },
  );
}
