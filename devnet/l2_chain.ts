/**
 * The L2 as JSON-RPC reads it.
 *
 * Owns the view of a node's tables as a chain: `safe` is the last block of the latest sequenced
 * batch, `finalized` that of the latest verified one. Does not own JSON or any state.
 * @module
 */
import type { LocalEngine } from "../core/engine/local_engine.ts";
import { blockOfTag } from "../core/engine/inspect.ts";
import { readHeads } from "../core/pipeline/heads.ts";
import { latestNonce } from "../core/pipeline/inlet.ts";
import { RollupError } from "../core/primitives/errors.ts";
import { type Address, type Hash32, hexToBytes, ZERO_HASH } from "../core/primitives/hex.ts";
import { readBlock, readBlockSummary, type StoredBlock } from "../core/store/blocks.ts";
import { BLOCK_NUMBERS, TX_POSITIONS } from "../core/store/schema.ts";
import { readRow } from "../core/store/table.ts";
import { balanceSlot, codeHashSlot, nonceSlot, type SlotId } from "../core/types/state.ts";
import { decodeTransaction } from "../core/types/tx.ts";
import { nextBaseFeePerGasWei } from "../core/vm/block_environment.ts";
import { type RanBlock, toChainBlock, toChainHeader, toChainReceipts } from "./chain_block.ts";
import type {
  BlockTag,
  ChainBackend,
  ChainBlock,
  ChainReceipt,
  TimeErrorCode,
} from "./rpc/chain.ts";

/** Tells listeners of new blocks; the engine's `onBlock` feeds it. */
export interface BlockFeed {
  publish(blockNumber: bigint): void;
  subscribe(listener: (blockNumber: bigint) => void): () => void;
}

/** A feed without listeners. */
export function createBlockFeed(): BlockFeed {
  const listeners = new Set<(blockNumber: bigint) => void>();
  return {
    publish: (blockNumber) => {
      for (const listener of listeners) listener(blockNumber);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The chain of `engine`. */
export function createL2Chain(
  engine: LocalEngine,
  feed: BlockFeed,
  devAccounts: ReadonlyMap<Address, Uint8Array>,
): ChainBackend {
  const { node } = engine;
  const { kv } = node;
  const tipNumber = (): bigint => node.tip.get().header.number;
  const readSlot = async (id: SlotId, number: bigint): Promise<Hash32> => {
    const state = number === tipNumber() ? node.state.latest() : node.state.at(number);
    return await state.readSlot(id.address, id.slot);
  };
  const block = async (number: bigint): Promise<ChainBlock | undefined> => {
    const stored = await readBlock(kv, number);
    return stored === undefined ? undefined : toChainBlock(toRanBlock(stored));
  };
  const receipts = async (number: bigint): Promise<readonly ChainReceipt[]> => {
    const stored = await readBlock(kv, number);
    return stored === undefined ? [] : toChainReceipts(toRanBlock(stored));
  };
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
      const summary = await readBlockSummary(kv, number);
      return summary === undefined ? undefined : toChainHeader(summary);
    },
    receipts,
    transaction: async (hash) => {
      const position = await readRow(kv, TX_POSITIONS, [hexToBytes(hash)]);
      if (position !== undefined) {
        return (await block(position.blockNumber))?.transactions[position.index];
      }
      const pooled = node.pool.get(hash);
      return pooled === undefined ? undefined : { ...pooled, position: undefined };
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
    call: (request, number) => engine.call(request, number),
    nextBaseFeePerGasWei: () => Promise.resolve(nextBaseFeePerGasWei(node.tip.get().header)),
    blockGasLimit: () => node.config.blockGasLimit,
    sendRawTransaction: async (raw) => (await engine.sendTransaction(raw)).transactionHash,
    pendingTransactions: () =>
      Promise.resolve(node.pool.entries().map((entry) => ({ ...entry, position: undefined }))),
    devAccounts: () => devAccounts,
    mine: () => engine.mineBlock(),
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
    increaseTime: (seconds) => {
      node.clock.advance(seconds);
      return node.clock.advancedSec();
    },
    setNextBlockTimestamp: (timestampSec) => {
      const latestSec = node.tip.get().header.timestampSec;
      const nowSec = node.clock.nowSec();
      const earliestSec = nowSec > latestSec ? nowSec : latestSec + 1n;
      if (timestampSec < earliestSec) return Promise.reject(tooEarly(timestampSec, earliestSec));
      // The L2 takes its time from the clock alone, so the clock of both layers goes there now.
      node.clock.advance(timestampSec - nowSec);
      return Promise.resolve();
    },
  };
}

function tooEarly(timestampSec: bigint, earliestSec: bigint): RollupError<TimeErrorCode> {
  return new RollupError(
    "TIMESTAMP_TOO_EARLY",
    `Cannot give the next L2 block the timestamp ${timestampSec} as it must not be before the ` +
      `clock of both layers: that stands at ${earliestSec}`,
    { details: { timestampSec, earliestSec }, mend: `Choose ${earliestSec} or later.` },
  );
}

function toRanBlock({ header, hash, transactions, receipts }: StoredBlock): RanBlock {
  return {
    header,
    hash,
    transactions: transactions.map((tx) => ({ ...tx, tx: decodeTransaction(tx.raw) })),
    receipts,
  };
}
