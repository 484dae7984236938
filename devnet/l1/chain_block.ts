/**
 * A block of the embedded L1 as it is kept: header, signed transactions, receipts and outcomes.
 *
 * Owns the records, their codecs and the fields of a header that follow from its body and parent.
 * The header itself is the one of `core/types/block.ts`: both layers have the same 21 fields and
 * the same constants. Does not own execution or tables.
 * @module
 */
import { keccak256 } from "../../core/crypto/keccak.ts";
import { EMPTY_BYTES } from "../../core/primitives/bytes.ts";
import { assert } from "../../core/primitives/errors.ts";
import {
  type Address,
  bytesToAddress,
  bytesToHash32,
  type Hash32,
  hexToBytes,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../../core/primitives/hex.ts";
import {
  decodeRlp,
  encodeRlp,
  rlpBytes,
  type RlpItem,
  rlpList,
  rlpUint,
  uintToRlp,
} from "../../core/primitives/rlp.ts";
import { blockNumber } from "../../core/primitives/units.ts";
import {
  type BlockHeader,
  EMPTY_REQUESTS_HASH,
  EMPTY_TRIE_ROOT,
  EMPTY_UNCLES_HASH,
  encodeHeader,
  headerHash,
  transactionsRoot,
} from "../../core/types/block.ts";
import { logsBloom, type Receipt, receiptsRoot } from "../../core/types/receipt.ts";
import { type Transaction, transactionHash } from "../../core/types/tx.ts";
import type { BlockEnvironment } from "../../core/vm/executor.ts";
import type { ChainBlock, ChainHeader, ChainReceipt, ChainTransaction } from "../rpc/chain.ts";
import { decodeL1Transaction } from "./admission.ts";
import { nextBaseFeeWei } from "./base_fee.ts";

/** Gas of a block of the embedded L1, as anvil's; room for a transaction of EIP-7825's size. */
export const L1_BLOCK_GAS_LIMIT = 30_000_000n;
/** Takes the tips; anvil's default. */
export const L1_COINBASE: Address = ZERO_ADDRESS;
/** Return data of a failed transaction that is kept for whoever asks why. */
const MAX_KEPT_RETURN_BYTES = 1_024;

/** A transaction of a block. */
export interface L1IncludedTx {
  readonly hash: Hash32;
  readonly raw: Uint8Array;
  readonly tx: Transaction;
  readonly sender: Address;
}

/** What became of it. */
export interface L1Outcome {
  readonly receipt: Receipt;
  /** Name of the EVM's exception; `undefined` for success. */
  readonly exception: string | undefined;
  /** What a failed transaction returned: the encoded revert reason. Empty for success. */
  readonly returnData: Uint8Array;
}

/** A block with all that it did. */
export interface L1Block {
  readonly header: BlockHeader;
  readonly hash: Hash32;
  readonly sizeBytes: number;
  readonly transactions: readonly L1IncludedTx[];
  readonly outcomes: readonly L1Outcome[];
}

/** What the block after `parent` runs in; the time is the clock's, but always later than before. */
export function nextEnvironment(
  parent: Pick<L1Block, "header" | "hash">,
  options: { readonly chainId: bigint; readonly nowSec: bigint },
): BlockEnvironment {
  const { header, hash } = parent;
  const earliestSec = header.timestampSec + 1n;
  return {
    chainId: options.chainId,
    number: header.number + 1n,
    timestampSec: options.nowSec > earliestSec ? options.nowSec : earliestSec,
    coinbase: L1_COINBASE,
    gasLimit: L1_BLOCK_GAS_LIMIT,
    baseFeePerGasWei: nextBaseFeeWei(header),
    // No beacon chain draws lots here; the same chain must give the same number everywhere.
    prevRandao: keccak256(hexToBytes(hash)),
    parentHash: hash,
  };
}

/** The block that ran `transactions` in `environment` and ended in the state under `stateRoot`. */
export function assembleBlock(
  environment: BlockEnvironment,
  stateRoot: Hash32,
  body: {
    readonly transactions: readonly L1IncludedTx[];
    readonly outcomes: readonly L1Outcome[];
  },
): L1Block {
  const { transactions, outcomes } = body;
  assert(transactions.length === outcomes.length, "each transaction has one outcome");
  const receipts = outcomes.map(({ receipt }) => receipt);
  const header: BlockHeader = {
    parentHash: environment.parentHash,
    coinbase: environment.coinbase,
    stateRoot,
    transactionsRoot: transactionsRoot(transactions.map(({ raw }) => raw)),
    receiptsRoot: receiptsRoot(receipts),
    logsBloom: logsBloom(receipts.flatMap(({ logs }) => logs)),
    // The brand says L2, but the codec is the one of every Ethereum header.
    number: blockNumber(environment.number),
    gasLimit: environment.gasLimit,
    gasUsed: receipts.at(-1)?.cumulativeGasUsed ?? 0n,
    timestampSec: environment.timestampSec,
    prevRandao: environment.prevRandao,
    baseFeePerGasWei: environment.baseFeePerGasWei,
  };
  const rlp = encodeL1Block(header, transactions.map(({ raw }) => raw));
  return { header, hash: headerHash(header), sizeBytes: rlp.length, ...body };
}

/** The block as peers would send it: [header, transactions, no uncles, no withdrawals]. */
export function encodeL1Block(
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

/** The transactions with their senders, for {@linkcode decodeBody}. */
export function encodeBody(transactions: readonly L1IncludedTx[]): Uint8Array {
  return encodeRlp(transactions.map(({ raw, sender }) => [raw, hexToBytes(sender)]));
}

/** The inverse of {@linkcode encodeBody}; senders are not recovered again. */
export function decodeBody(bytes: Uint8Array): readonly L1IncludedTx[] {
  return rlpList(decodeRlp(bytes)).map((item) => {
    const [rawItem, sender] = rlpList(item, 2);
    const raw = rlpBytes(rawItem);
    return {
      hash: transactionHash(raw),
      raw,
      tx: decodeL1Transaction(raw),
      sender: bytesToAddress(rlpBytes(sender, 20)),
    };
  });
}

/** The outcomes, for {@linkcode decodeOutcomes}. */
export function encodeOutcomes(outcomes: readonly L1Outcome[]): Uint8Array {
  return encodeRlp(outcomes.map(({ receipt, exception, returnData }) => [
    uintToRlp(BigInt(receipt.type)),
    uintToRlp(receipt.success ? 1n : 0n),
    uintToRlp(receipt.gasUsed),
    uintToRlp(receipt.cumulativeGasUsed),
    uintToRlp(receipt.effectiveGasPriceWei),
    receipt.contractAddress === undefined ? EMPTY_BYTES : hexToBytes(receipt.contractAddress),
    receipt.logs.map((log) => [hexToBytes(log.address), log.topics.map(hexToBytes), log.data]),
    new TextEncoder().encode(exception ?? ""),
    returnData.slice(0, MAX_KEPT_RETURN_BYTES),
  ]));
}

/** The inverse of {@linkcode encodeOutcomes}. */
export function decodeOutcomes(bytes: Uint8Array): readonly L1Outcome[] {
  return rlpList(decodeRlp(bytes)).map((item) => {
    const fields = rlpList(item, 9);
    const exception = new TextDecoder().decode(rlpBytes(fields[7]));
    return {
      receipt: decodeReceipt(fields),
      exception: exception === "" ? undefined : exception,
      returnData: rlpBytes(fields[8]),
    };
  });
}

/** The header as RPC shows it. */
export function toChainHeader({ header, hash }: Pick<L1Block, "header" | "hash">): ChainHeader {
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
export function toChainBlock(block: L1Block): ChainBlock {
  return {
    header: toChainHeader(block),
    sizeBytes: block.sizeBytes,
    transactions: block.transactions.map((_, index) => toChainTransaction(block, index)),
  };
}

/** The transaction at `index` as RPC shows it. */
export function toChainTransaction(block: L1Block, index: number): ChainTransaction {
  const included = block.transactions[index];
  assert(included !== undefined, "a transaction's position is inside its block");
  const { number, baseFeePerGasWei } = block.header;
  const { hash, raw, tx, sender } = included;
  const position = { blockHash: block.hash, blockNumber: number, index, baseFeePerGasWei };
  return { hash, raw, tx, sender, position };
}

/** All receipts of the block as RPC shows them. */
export function toChainReceipts(block: L1Block): readonly ChainReceipt[] {
  let firstLogIndex = 0;
  return block.outcomes.map(({ receipt }, index) => {
    const entry = { transaction: toChainTransaction(block, index), receipt, firstLogIndex };
    firstLogIndex += receipt.logs.length;
    return entry;
  });
}

function decodeReceipt(fields: readonly RlpItem[]): Receipt {
  const contract = rlpBytes(fields[5]);
  return {
    type: decodeType(rlpUint(fields[0])),
    success: rlpUint(fields[1]) === 1n,
    gasUsed: rlpUint(fields[2]),
    cumulativeGasUsed: rlpUint(fields[3]),
    effectiveGasPriceWei: rlpUint(fields[4]),
    contractAddress: contract.length === 0 ? undefined : bytesToAddress(contract),
    logs: rlpList(fields[6]).map((item) => {
      const [emitter, topics, data] = rlpList(item, 3);
      return {
        address: bytesToAddress(rlpBytes(emitter, 20)),
        topics: rlpList(topics).map((topic) => bytesToHash32(rlpBytes(topic, 32))),
        data: rlpBytes(data),
      };
    }),
  };
}

function decodeType(value: bigint): Receipt["type"] {
  if (value === 1n) return 1;
  if (value === 2n) return 2;
  if (value === 4n) return 4;
  assert(value === 0n, "stored receipts have a type that was admitted");
  return 0;
}
