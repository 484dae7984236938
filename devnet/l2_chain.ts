/**
 * The L2 as JSON-RPC reads it.
 *
 * Owns the view of a node's tables as a chain: `safe` is the last block of the latest sequenced
 * batch, `finalized` that of the latest verified one. Does not own JSON or any state.
 * @module
 */
import type { LocalEngine } from "../core/engine/local_engine.ts";
import { blockOfTag } from "../core/engine/inspect.ts";
import { environmentAfter, stateAfter } from "../core/pipeline/call.ts";
import { readHeads } from "../core/pipeline/heads.ts";
import { readCheckpoint } from "../core/pipeline/node.ts";
import { latestNonce } from "../core/pipeline/inlet.ts";
import type { PoolEntry } from "../core/pool/pool.ts";
import { type Address, type Hash32, hexToBytes, ZERO_HASH } from "../core/primitives/hex.ts";
import type { BlockSummary, StoredBlock } from "../core/store/blocks.ts";
import { BLOCK_NUMBERS, TX_POSITIONS } from "../core/store/schema.ts";
import { readRow } from "../core/store/table.ts";
import { balanceSlot, codeHashSlot, nonceSlot, type SlotId } from "../core/types/state.ts";
import { decodeTransaction } from "../core/types/tx.ts";
import { nextBaseFeePerGasWei } from "../core/vm/block_environment.ts";
import {
  EMPTY_BODY_REST,
  type RanBlock,
  toChainBlock,
  toChainHeader,
  toChainReceipts,
} from "./chain_block.ts";
import { createBatchFinder } from "./l2_batches.ts";
import { createBlockReader } from "./l2_blocks.ts";
import { createL2Call } from "./l2_call.ts";
import { createL2Simulation } from "./l2_simulate.ts";
import { createL2Tracing } from "./l2_trace.ts";
import { createL2Controls } from "./l2_controls.ts";
import { createStillPace, type L2Pace } from "./l2_pace.ts";
import { createL2Time } from "./l2_time.ts";
import type {
  BatchPlace,
  BlockTag,
  ChainBackend,
  ChainBlock,
  ChainHeader,
  ChainReceipt,
  ChainTransaction,
} from "./rpc/chain.ts";
import { createRewindGate, type RewindGate } from "./rpc/rewinds.ts";

/** Tells listeners of new blocks and of what enters the pool; the engine feeds it. */
export interface BlockFeed {
  publish(blockNumber: bigint): void;
  subscribe(listener: (blockNumber: bigint) => void): () => void;
  publishDropped(block: StoredBlock): void;
  subscribeDropped(listener: (block: StoredBlock) => void): () => void;
  publishPending(entry: PoolEntry): void;
  subscribePending(listener: (entry: PoolEntry) => void): () => void;
  /** Closed to readers while the L2 goes back. */
  readonly rewinds: RewindGate;
}

/** A feed without listeners. */
export function createBlockFeed(): BlockFeed {
  const listeners = new Set<(blockNumber: bigint) => void>();
  const dropListeners = new Set<(block: StoredBlock) => void>();
  const pendingListeners = new Set<(entry: PoolEntry) => void>();
  return {
    publish: (blockNumber) => {
      for (const listener of listeners) listener(blockNumber);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    publishDropped: (block) => {
      for (const listener of dropListeners) listener(block);
    },
    subscribeDropped: (listener) => {
      dropListeners.add(listener);
      return () => dropListeners.delete(listener);
    },
    publishPending: (entry) => {
      for (const listener of pendingListeners) listener(entry);
    },
    subscribePending: (listener) => {
      pendingListeners.add(listener);
      return () => pendingListeners.delete(listener);
    },
    rewinds: createRewindGate(),
  };
}

/** The chain of `engine`. */
export function createL2Chain(
  engine: LocalEngine,
  feed: BlockFeed,
  devAccounts: ReadonlyMap<Address, Uint8Array>,
  pace: L2Pace = createStillPace(engine),
): ChainBackend {
  const { node } = engine;
  const { kv } = node;
  const batchPlaceOf = createBatchFinder(node);
  const reader = createBlockReader(node, feed);
  const headers = new WeakMap<BlockSummary, ChainHeader>();
  const tipNumber = (): bigint => node.tip.get().header.number;
  const readSlot = async (id: SlotId, number: bigint): Promise<Hash32> => {
    return await stateAfter(node, number).readSlot(id.address, id.slot);
  };
  const block = async (number: bigint): Promise<ChainBlock | undefined> => {
    const stored = await reader.block(number);
    if (stored === undefined) return undefined;
    return placeBlock(stored, await batchPlaceOf(number));
  };
  const receipts = async (number: bigint): Promise<readonly ChainReceipt[]> => {
    const stored = await reader.block(number);
    return stored === undefined ? [] : placeReceipts(stored, await batchPlaceOf(number));
  };
  const tracing = createL2Tracing(node, block);
  const time = createL2Time(node);
  return {
    layer: "L2",
    chainId: node.config.chainId,
    numberOf: async (tag: BlockTag) => {
      if (tag === "earliest") return 0n;
      if (tag === "latest" || tag === "pending") return tipNumber();
      return await blockOfTag(node, await readHeads(node), tag);
    },
    numberOfHash: (hash) => readRow(kv, BLOCK_NUMBERS, [hexToBytes(hash)]),
    block,
    header: async (number) => {
      const summary = await reader.summary(number);
      return summary === undefined ? undefined : toChainHeader(summary);
    },
    knownHeader: (number) => {
      const summary = reader.knownSummary(number);
      if (summary === undefined) return undefined;
      let header = headers.get(summary);
      if (header === undefined) headers.set(summary, header = toChainHeader(summary));
      return header;
    },
    sealedBatches: () => readCheckpoint(node, "seal_batch"),
    receipts,
    transaction: async (hash) => {
      const position = await readRow(kv, TX_POSITIONS, [hexToBytes(hash)]);
      if (position !== undefined) {
        return (await block(position.blockNumber))?.transactions[position.index];
      }
      const pooled = node.pool.get(hash);
      return pooled === undefined ? undefined : { ...pooled, position: undefined, batch: null };
    },
    receipt: async (hash) => {
      const position = await readRow(kv, TX_POSITIONS, [hexToBytes(hash)]);
      if (position === undefined) return undefined;
      return (await receipts(position.blockNumber))[position.index];
    },
    balance: async (account, number) => BigInt(await readSlot(balanceSlot(account), number)),
    nonce: async (account, number) => BigInt(await readSlot(nonceSlot(account), number)),
    pendingNonce: (account) =>
      Promise.resolve(node.pool.pendingNonce(account, latestNonce(node, account))),
    code: async (account, number) => {
      const codeHash = await readSlot(codeHashSlot(account), number);
      return codeHash === ZERO_HASH
        ? new Uint8Array(0)
        : await node.state.latest().readCode(codeHash);
    },
    storage: (account, slot, number) => readSlot({ address: account, slot }, number),
    call: createL2Call(node, tracing),
    nextBlock: () => {
      const { number, timestampSec, coinbase, gasLimit, baseFeePerGasWei, prevRandao } =
        environmentAfter(node, node.tip.get());
      return Promise.resolve({
        number,
        timestampSec,
        coinbase,
        gasLimit,
        baseFeePerGasWei,
        prevRandao,
      });
    },
    tracing,
    simulation: createL2Simulation(node),
    nextBaseFeePerGasWei: () => Promise.resolve(nextBaseFeePerGasWei(node.tip.get().header)),
    blockGasLimit: () => node.config.blockGasLimit,
    sendRawTransaction: (raw) => engine.takeTransaction(raw),
    pendingTransactions: () =>
      Promise.resolve(
        node.pool.entries().map((entry) => ({ ...entry, position: undefined, batch: null })),
      ),
    devAccounts: () => devAccounts,
    mine: () => engine.mineBlock(),
    onPending: (listener) =>
      feed.subscribePending((entry) => listener({ ...entry, position: undefined, batch: null })),
    onBlock: (listener) =>
      feed.subscribe((number) => {
        // The row was committed before the feed was told, so the block is there.
        block(number).then(
          (found) => {
            if (found !== undefined) listener(found);
          },
          (error) => node.log.warn("Cannot tell a subscriber of a block", { error: String(error) }),
        );
      }),
    onReorg: (listener) =>
      feed.subscribeDropped((dropped) => {
        // Its batch went before it.
        const receipts = placeReceipts(dropped, null);
        listener([{ block: placeBlock(dropped, null), receipts }]);
      }),
    rewinds: feed.rewinds,
    controls: createL2Controls(engine, { pace, time }),
    increaseTime: time.increaseTime,
    setNextBlockTimestamp: time.setNextBlockTimestamp,
  };
}

/** `transaction`, in the batch of its block. */
function placeInBatch(transaction: ChainTransaction, batch: BatchPlace | null): ChainTransaction {
  const index = transaction.position?.index ?? 0;
  return {
    ...transaction,
    batch: batch === null ? null : { ...batch, txIndex: batch.txIndex + index },
  };
}

function placeBlock(stored: StoredBlock, batch: BatchPlace | null): ChainBlock {
  const found = toChainBlock(toRanBlock(stored));
  const transactions = found.transactions.map((tx) => placeInBatch(tx, batch));
  return { ...found, transactions, batch };
}

function placeReceipts(stored: StoredBlock, batch: BatchPlace | null): readonly ChainReceipt[] {
  return toChainReceipts(toRanBlock(stored)).map((receipt) => ({
    ...receipt,
    transaction: placeInBatch(receipt.transaction, batch),
  }));
}

function toRanBlock({ header, hash, transactions, receipts }: StoredBlock): RanBlock {
  return {
    header: toChainHeader({ header, hash }),
    ...EMPTY_BODY_REST,
    transactions: transactions.map((tx) => ({ ...tx, tx: decodeTransaction(tx.raw) })),
    receipts,
  };
}
