/**
 * Blocks of either layer as JSON-RPC shows them, and the bytes that peers would exchange.
 *
 * Owns the translation from what a chain keeps to `rpc/chain.ts`, once for both layers, and what
 * `debug_getRaw…` answers. Does not own where blocks are kept.
 * @module
 */
import { assert } from "../core/primitives/errors.ts";
import {
  type Address,
  bytesToAddress,
  type Hash32,
  hexToBytes,
  ZERO_HASH,
} from "../core/primitives/hex.ts";
import {
  decodeRlp,
  encodeRlp,
  rlpBytes,
  type RlpItem,
  rlpList,
  rlpUint,
  uintToRlp,
} from "../core/primitives/rlp.ts";
import {
  type BlockHeader,
  EMPTY_REQUESTS_HASH,
  EMPTY_TRIE_ROOT,
  EMPTY_UNCLES_HASH,
} from "../core/types/block.ts";
import { encodeReceipt, type Receipt } from "../core/types/receipt.ts";
import type { Transaction } from "../core/types/tx.ts";
import { encodeHeaderFields, headerToFields } from "./chain_header.ts";
import type {
  ChainBlock,
  ChainHeader,
  ChainReceipt,
  ChainTransaction,
  Withdrawal,
} from "./rpc/chain.ts";

/** What a chain keeps of a block that ran. */
export interface RanBlock {
  readonly header: ChainHeader;
  readonly transactions: readonly {
    readonly hash: Hash32;
    readonly raw: Uint8Array;
    readonly tx: Transaction;
    readonly sender: Address;
  }[];
  /** One for each transaction. */
  readonly receipts: readonly Receipt[];
  readonly uncles: readonly ChainHeader[];
  readonly withdrawals: readonly Withdrawal[] | undefined;
}

/** What a block of a rollup has beside its header and transactions. */
export const EMPTY_BODY_REST: Pick<RanBlock, "uncles" | "withdrawals"> = {
  uncles: [],
  withdrawals: [],
};

/** A header of the L2 as RPC shows it. */
export function toChainHeader(
  { header, hash }: { readonly header: BlockHeader; readonly hash: Hash32 },
): ChainHeader {
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
  const { header, uncles, withdrawals } = block;
  const transactions = block.transactions.map((_, index) => toChainTransaction(block, index));
  const shown = { header, sizeBytes: 0, transactions, uncles, withdrawals };
  return { ...shown, sizeBytes: encodeChainBlock(shown).length };
}

/** The transaction at `index` as RPC shows it. */
export function toChainTransaction(block: RanBlock, index: number): ChainTransaction {
  const included = block.transactions[index];
  assert(included !== undefined, "a transaction's position is inside its block");
  const { number, timestampSec, baseFeePerGasWei = 0n, hash: blockHash } = block.header;
  const { hash, raw, tx, sender } = included;
  return {
    hash,
    raw,
    tx,
    sender,
    position: { blockHash, blockNumber: number, index, timestampSec, baseFeePerGasWei },
  };
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

/** The bytes of a header: what `debug_getRawHeader` answers. */
export function encodeChainHeader(header: ChainHeader): Uint8Array {
  return encodeHeaderFields(header);
}

/**
 * The block as peers would send it: header, transactions, uncles and, from Shanghai on, withdrawals.
 * What `debug_getRawBlock` answers.
 */
export function encodeChainBlock(block: ChainBlock): Uint8Array {
  const { header, transactions, uncles, withdrawals } = block;
  return encodeRlp([
    headerToFields(header),
    // A legacy transaction is a list itself; a typed one is a byte string.
    transactions.map(({ raw }) => (raw[0] ?? 0) >= 0xc0 ? decodeRlp(raw) : raw),
    uncles.map(headerToFields),
    ...(withdrawals === undefined ? [] : [withdrawals.map(withdrawalToFields)]),
  ]);
}

/** The receipts in consensus form, in order: what `debug_getRawReceipts` answers. */
export function encodeChainReceipts(receipts: readonly ChainReceipt[]): readonly Uint8Array[] {
  return receipts.map(({ receipt }) => encodeReceipt(receipt));
}

/** The RLP fields of a withdrawal (EIP-4895). */
export function withdrawalToFields(withdrawal: Withdrawal): readonly RlpItem[] {
  return [
    uintToRlp(withdrawal.index),
    uintToRlp(withdrawal.validatorIndex),
    hexToBytes(withdrawal.address),
    uintToRlp(withdrawal.amountGwei),
  ];
}

/** The inverse of {@linkcode withdrawalToFields}. @throws `RLP_INVALID` */
export function fieldsToWithdrawal(item: RlpItem): Withdrawal {
  const [index, validatorIndex, account, amountGwei] = rlpList(item, 4);
  return {
    index: rlpUint(index, 8),
    validatorIndex: rlpUint(validatorIndex, 8),
    address: bytesToAddress(rlpBytes(account, 20)),
    amountGwei: rlpUint(amountGwei, 8),
  };
}
