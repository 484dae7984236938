/**
 * A block of the embedded L1 as it is kept: header, signed transactions, receipts and outcomes.
 *
 * Owns the records, their codecs and the fields of a header that follow from its body and parent.
 * The header itself is the one of `core/types/block.ts`: both layers have the same 21 fields and
 * the same constants. Does not own execution or tables.
 * @module
 */
import { keccak256 } from "../../core/crypto/keccak.ts";
import { bigintToBytes, concatBytes } from "../../core/primitives/bytes.ts";
import { assert } from "../../core/primitives/errors.ts";
import {
  type Address,
  bytesToAddress,
  type Hash32,
  hexToBytes,
  ZERO_ADDRESS,
} from "../../core/primitives/hex.ts";
import { decodeRlp, encodeRlp, rlpBytes, rlpList } from "../../core/primitives/rlp.ts";
import { blockNumber } from "../../core/primitives/units.ts";
import { type BlockHeader, headerHash, transactionsRoot } from "../../core/types/block.ts";
import {
  fieldsToReceipt,
  logsBloom,
  type Receipt,
  receiptsRoot,
  receiptToFields,
} from "../../core/types/receipt.ts";
import { type Transaction, transactionHash } from "../../core/types/tx.ts";
import type { BlockEnvironment } from "../../core/vm/executor.ts";
import { encodeBlock, type RanBlock } from "../chain_block.ts";
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

/** What decides the environment of the next block besides its parent. */
export interface NextBlockOptions {
  readonly chainId: bigint;
  readonly nowSec: bigint;
  /** How often the chain has gone back. */
  readonly forkCount: bigint;
  /** What somebody wants of this block; the protocol's rules decide where it is left out. */
  readonly wishes?: NextBlockWishes;
}

/** What a test may want of one block. */
export interface NextBlockWishes {
  /** Exact, and later than the parent's. */
  readonly timestampSec?: bigint;
  readonly baseFeePerGasWei?: bigint;
}

/** What the block after `parent` runs in; the time is the clock's, but always later than before. */
export function nextEnvironment(
  parent: Pick<L1Block, "header" | "hash">,
  options: NextBlockOptions,
): BlockEnvironment {
  const { header, hash } = parent;
  const { nowSec, wishes = {} } = options;
  const earliestSec = header.timestampSec + 1n;
  return {
    chainId: options.chainId,
    number: header.number + 1n,
    timestampSec: wishes.timestampSec ?? (nowSec > earliestSec ? nowSec : earliestSec),
    coinbase: L1_COINBASE,
    gasLimit: L1_BLOCK_GAS_LIMIT,
    baseFeePerGasWei: wishes.baseFeePerGasWei ?? nextBaseFeeWei(header),
    prevRandao: drawPrevRandao(hash, options.forkCount),
    parentHash: hash,
    gasPerPubdata: 0n,
  };
}

/**
 * No beacon chain draws lots here; the same chain must give the same number everywhere. A chain that
 * went back draws another one, so that also an empty block never has the hash of a dropped one.
 */
function drawPrevRandao(parentHash: Hash32, forkCount: bigint): Hash32 {
  const seed = hexToBytes(parentHash);
  return keccak256(forkCount === 0n ? seed : concatBytes(seed, bigintToBytes(forkCount, 8)));
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
  const rlp = encodeBlock(header, transactions.map(({ raw }) => raw));
  return { header, hash: headerHash(header), sizeBytes: rlp.length, ...body };
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
    ...receiptToFields(receipt),
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
      receipt: fieldsToReceipt(fields.slice(0, 7)),
      exception: exception === "" ? undefined : exception,
      returnData: rlpBytes(fields[8]),
    };
  });
}

/** The block as the views of both layers take it. */
export function toRanBlock({ header, hash, transactions, outcomes }: L1Block): RanBlock {
  return { header, hash, transactions, receipts: outcomes.map(({ receipt }) => receipt) };
}
