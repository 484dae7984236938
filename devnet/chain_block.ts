/**
 * Blocks of either layer as JSON-RPC shows them.
 *
 * Owns the translation from what a chain keeps to `rpc/chain.ts`, once for both layers: their
 * headers have the same fields and the same constants. Does not own where blocks are kept.
 * @module
 */
import { assert } from "../core/primitives/errors.ts";
import { type Address, type Hash32, ZERO_HASH } from "../core/primitives/hex.ts";
import { decodeRlp, encodeRlp } from "../core/primitives/rlp.ts";
import {
  type BlockHeader,
  EMPTY_REQUESTS_HASH,
  EMPTY_TRIE_ROOT,
  EMPTY_UNCLES_HASH,
  encodeHeader,
} from "../core/types/block.ts";
import type { Receipt } from "../core/types/receipt.ts";
import type { Transaction } from "../core/types/tx.ts";
import type { ChainBlock, ChainHeader, ChainReceipt, ChainTransaction } from "./rpc/chain.ts";

/** What a chain keeps of a block that ran. */
export interface RanBlock {
  readonly header: BlockHeader;
  readonly hash: Hash32;
  readonly transactions: readonly {
    readonly hash: Hash32;
    readonly raw: Uint8Array;
    readonly tx: Transaction;
    readonly sender: Address;
  }[];
  /** One for each transaction. */
  readonly receipts: readonly Receipt[];
}

/** The header as RPC shows it. */
export function toChainHeader({ header, hash }: Pick<RanBlock, "header" | "hash">): ChainHeader {
  return {
    hash,
    parentHash: header.parentHash,
    sha3Uncles: EMPTY_UNCLES_HASH,
    miner: header.coinbase,
    stateRoot: header.stateRoot,
    transactionsRoot: header.transactionsRoot,
    receiptsRoot: header.receiptsRoot,
    logsBloom: header.logsBloom,
    difficulty: 0n,
    number: header.number,
    gasLimit: header.gasLimit,
    gasUsed: header.gasUsed,
    timestampSec: header.timestampSec,
    extraData: "0x",
    mixHash: header.prevRandao,
    nonce: "0x0000000000000000",
    baseFeePerGasWei: header.baseFeePerGasWei,
    withdrawalsRoot: EMPTY_TRIE_ROOT,
    blobGasUsed: 0n,
    excessBlobGas: 0n,
    parentBeaconBlockRoot: ZERO_HASH,
    requestsHash: EMPTY_REQUESTS_HASH,
  };
}

/** The block as RPC shows it. */
export function toChainBlock(block: RanBlock): ChainBlock {
  const rawTransactions = block.transactions.map(({ raw }) => raw);
  return {
    header: toChainHeader(block),
    sizeBytes: encodeBlock(block.header, rawTransactions).length,
    transactions: block.transactions.map((_, index) => toChainTransaction(block, index)),
  };
}

/** The transaction at `index` as RPC shows it. */
export function toChainTransaction(block: RanBlock, index: number): ChainTransaction {
  const included = block.transactions[index];
  assert(included !== undefined, "a transaction's position is inside its block");
  const { number, baseFeePerGasWei } = block.header;
  const { hash, raw, tx, sender } = included;
  const position = { blockHash: block.hash, blockNumber: number, index, baseFeePerGasWei };
  return { hash, raw, tx, sender, position };
}

/** All receipts of the block as RPC shows them. */
export function toChainReceipts(block: RanBlock): readonly ChainReceipt[] {
  let firstLogIndex = 0;
  return block.receipts.map((receipt, index) => {
    const entry = { transaction: toChainTransaction(block, index), receipt, firstLogIndex };
    firstLogIndex += receipt.logs.length;
    return entry;
  });
}

/** The block as peers would send it: [header, transactions, no uncles, no withdrawals]. */
export function encodeBlock(
  header: BlockHeader,
  rawTransactions: readonly Uint8Array[],
): Uint8Array {
  return encodeRlp([
    decodeRlp(encodeHeader(header)),
    // A legacy transaction is a list itself; a typed one is a byte string.
    rawTransactions.map((raw) => (raw[0] ?? 0) >= 0xc0 ? decodeRlp(raw) : raw),
    [],
    [],
  ]);
}
