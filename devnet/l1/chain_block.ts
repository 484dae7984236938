/**
 * A block of the embedded L1 as it is kept: header, signed transactions, receipts and outcomes.
 *
 * Owns the records, their codecs and the fields of a header that follow from its body and parent,
 * in whatever fork. Does not own the header's bytes (`devnet/chain_header.ts`), execution or tables.
 * @module
 */
import { keccak256 } from "../../core/crypto/keccak.ts";
import { bigintToBytes, concatBytes, EMPTY_BYTES } from "../../core/primitives/bytes.ts";
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
import { orderedTrieRoot } from "../../core/crypto/ordered_trie.ts";
import { EMPTY_UNCLES_HASH, transactionsRoot } from "../../core/types/block.ts";
import {
  fieldsToReceipt,
  logsBloom,
  type Receipt,
  receiptsRoot,
  receiptToFields,
} from "../../core/types/receipt.ts";
import { decodeBlockTransaction, type Transaction, transactionHash } from "../../core/types/tx.ts";
import type { BlockEnvironment } from "../../core/vm/executor.ts";
import {
  fieldsToWithdrawal,
  type RanBlock,
  toChainBlock,
  withdrawalToFields,
} from "../chain_block.ts";
import {
  fieldsToHeader,
  hashHeaderFields,
  type HeaderFields,
  headerToFields,
} from "../chain_header.ts";
import type { ChainHeader, Withdrawal } from "../rpc/chain.ts";
import { nextBaseFeeWei } from "./base_fee.ts";
import { nextExcessBlobGas } from "./blob_fee.ts";
import { type ForkSchedule, type L1Rules, rulesAt } from "./forks.ts";

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
  readonly header: ChainHeader;
  readonly hash: Hash32;
  readonly sizeBytes: number;
  readonly transactions: readonly L1IncludedTx[];
  readonly outcomes: readonly L1Outcome[];
  readonly uncles: readonly ChainHeader[];
  /** From Shanghai on. */
  readonly withdrawals: readonly Withdrawal[] | undefined;
}

/** Everything that a block runs in, and that is no transaction. */
export interface L1Environment extends BlockEnvironment {
  readonly rules: L1Rules;
  /** 0 since the merge; a block with another one pays its miner. */
  readonly difficulty: bigint;
  /** From Cancun on. */
  readonly excessBlobGas: bigint | undefined;
  /** From Cancun on. */
  readonly parentBeaconBlockRoot: Hash32 | undefined;
  readonly uncles: readonly ChainHeader[];
  /** From Shanghai on. */
  readonly withdrawals: readonly Withdrawal[] | undefined;
}

/** What decides the environment of the next block besides its parent. */
export interface NextBlockOptions {
  readonly forks: ForkSchedule;
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
  /** Seconds after the parent, or later where the clock is. */
  readonly intervalSec?: bigint;
  readonly baseFeePerGasWei?: bigint;
  readonly coinbase?: Address;
  readonly gasLimit?: bigint;
  readonly prevRandao?: Hash32;
}

/** What the block after `parent` runs in; the time is the clock's, but always later than before. */
export function nextEnvironment(
  parent: Pick<L1Block, "header" | "hash">,
  options: NextBlockOptions,
): L1Environment {
  const { header, hash } = parent;
  const { forks, nowSec, wishes = {} } = options;
  const earliestSec = header.timestampSec + (wishes.intervalSec ?? 1n);
  const number = header.number + 1n;
  const timestampSec = wishes.timestampSec ?? (nowSec > earliestSec ? nowSec : earliestSec);
  // Nobody works here: a chain that merges at all does so with the first block that is made here.
  const mayMerge = header.difficulty === 0n || forks.terminalTotalDifficulty !== undefined;
  const rules = rulesAt(forks, { number, timestampSec, isMerged: mayMerge });
  const hasBaseFee = rules.isActive("london");
  return {
    chainId: forks.chainId,
    number,
    timestampSec,
    coinbase: wishes.coinbase ?? L1_COINBASE,
    // London's first block has room for twice as much, so that half of it is what it was before.
    gasLimit: wishes.gasLimit ??
      (hasBaseFee && header.baseFeePerGasWei === undefined
        ? 2n * header.gasLimit
        : header.gasLimit),
    baseFeePerGasWei: hasBaseFee ? wishes.baseFeePerGasWei ?? nextBaseFeeWei(header) : 0n,
    prevRandao: wishes.prevRandao ?? drawPrevRandao(hash, options.forkCount),
    parentHash: hash,
    gasPerPubdata: 0n,
    rules,
    difficulty: rules.isActive("paris") ? 0n : header.difficulty,
    excessBlobGas: nextExcessBlobGas(header, rules),
    parentBeaconBlockRoot: rules.isActive("cancun") ? ZERO_HASH : undefined,
    uncles: [],
    withdrawals: rules.isActive("shanghai") ? [] : undefined,
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

/** What a block ends with. */
export interface BlockEnd {
  readonly stateRoot: Hash32;
  /** From Prague on. */
  readonly requestsHash: Hash32 | undefined;
}

/** The block that ran `transactions` in `environment` and ended with `end`. */
export function assembleBlock(
  environment: L1Environment,
  end: BlockEnd,
  body: {
    readonly transactions: readonly L1IncludedTx[];
    readonly outcomes: readonly L1Outcome[];
  },
): L1Block {
  const { transactions, outcomes } = body;
  assert(transactions.length === outcomes.length, "each transaction has one outcome");
  const { rules, uncles, withdrawals } = environment;
  const receipts = outcomes.map(({ receipt }) => receipt);
  const header: HeaderFields = {
    parentHash: environment.parentHash,
    sha3Uncles: unclesHash(uncles),
    miner: environment.coinbase,
    stateRoot: end.stateRoot,
    transactionsRoot: transactionsRoot(transactions.map(({ raw }) => raw)),
    receiptsRoot: receiptsRoot(receipts),
    logsBloom: logsBloom(receipts.flatMap(({ logs }) => logs)),
    difficulty: environment.difficulty,
    number: environment.number,
    gasLimit: environment.gasLimit,
    gasUsed: receipts.at(-1)?.cumulativeGasUsed ?? 0n,
    timestampSec: environment.timestampSec,
    extraData: "0x",
    mixHash: environment.prevRandao,
    nonce: "0x0000000000000000",
    baseFeePerGasWei: rules.isActive("london") ? environment.baseFeePerGasWei : undefined,
    withdrawalsRoot: withdrawals === undefined ? undefined : withdrawalsRoot(withdrawals),
    blobGasUsed: rules.isActive("cancun") ? blobGasUsed(receipts) : undefined,
    excessBlobGas: environment.excessBlobGas,
    parentBeaconBlockRoot: environment.parentBeaconBlockRoot,
    requestsHash: end.requestsHash,
  };
  const hash = hashHeaderFields(header);
  return toL1Block({ ...header, hash }, body, { uncles, withdrawals });
}

/** The block of these parts, with its size. */
export function toL1Block(
  header: ChainHeader,
  body: {
    readonly transactions: readonly L1IncludedTx[];
    readonly outcomes: readonly L1Outcome[];
  },
  rest: Pick<L1Block, "uncles" | "withdrawals">,
): L1Block {
  const block = { header, hash: header.hash, sizeBytes: 0, ...body, ...rest };
  return { ...block, sizeBytes: toChainBlock(toRanBlock(block)).sizeBytes };
}

/** What a header says of its uncles. */
export function unclesHash(uncles: readonly ChainHeader[]): Hash32 {
  return uncles.length === 0 ? EMPTY_UNCLES_HASH : keccak256(encodeRlp(uncles.map(headerToFields)));
}

/** What a header says of its withdrawals. */
export function withdrawalsRoot(withdrawals: readonly Withdrawal[]): Hash32 {
  return orderedTrieRoot(
    withdrawals.map((withdrawal) => encodeRlp(withdrawalToFields(withdrawal))),
  );
}

/** What the blobs of all transactions took. */
export function blobGasUsed(receipts: readonly Receipt[]): bigint {
  return receipts.reduce((sum, receipt) => sum + (receipt.blobGasUsed ?? 0n), 0n);
}

/** The body with the senders of transactions, for {@linkcode decodeBody}. */
export function encodeBody(block: Pick<L1Block, "transactions" | "uncles" | "withdrawals">) {
  const { transactions, uncles, withdrawals } = block;
  return encodeRlp([
    transactions.map(({ raw, sender }) => [raw, hexToBytes(sender)]),
    uncles.map(headerToFields),
    ...(withdrawals === undefined ? [] : [withdrawals.map(withdrawalToFields)]),
  ]);
}

/** The inverse of {@linkcode encodeBody}; senders are not recovered again. */
export function decodeBody(
  bytes: Uint8Array,
): Pick<L1Block, "transactions" | "uncles" | "withdrawals"> {
  const [transactions, uncles, withdrawals] = rlpList(decodeRlp(bytes));
  return {
    transactions: rlpList(transactions).map(decodeIncludedTx),
    uncles: rlpList(uncles).map(fieldsToHeader),
    withdrawals: withdrawals === undefined
      ? undefined
      : rlpList(withdrawals).map(fieldsToWithdrawal),
  };
}

function decodeIncludedTx(item: RlpItem): L1IncludedTx {
  const [rawItem, sender] = rlpList(item, 2);
  const raw = rlpBytes(rawItem);
  return {
    hash: transactionHash(raw),
    raw,
    tx: decodeBlockTransaction(raw),
    sender: bytesToAddress(rlpBytes(sender, 20)),
  };
}

/** The outcomes, for {@linkcode decodeOutcomes}. */
export function encodeOutcomes(outcomes: readonly L1Outcome[]): Uint8Array {
  return encodeRlp(outcomes.map(({ receipt, exception, returnData }) => [
    ...receiptToFields(receipt),
    new TextEncoder().encode(exception ?? ""),
    returnData.slice(0, MAX_KEPT_RETURN_BYTES),
    receipt.stateRoot === undefined ? EMPTY_BYTES : hexToBytes(receipt.stateRoot),
    uintToRlp(receipt.blobGasUsed ?? 0n),
    uintToRlp(receipt.blobGasPriceWei ?? 0n),
  ]));
}

/** The inverse of {@linkcode encodeOutcomes}. */
export function decodeOutcomes(bytes: Uint8Array): readonly L1Outcome[] {
  return rlpList(decodeRlp(bytes)).map((item) => {
    const fields = rlpList(item, 12);
    const exception = new TextDecoder().decode(rlpBytes(fields[7]));
    const stateRoot = rlpBytes(fields[9]);
    const receipt = fieldsToReceipt(fields.slice(0, 7));
    return {
      receipt: {
        ...receipt,
        ...(stateRoot.length === 0 ? {} : { stateRoot: bytesToHash32(stateRoot) }),
        ...(receipt.type !== 3 ? {} : {
          blobGasUsed: rlpUint(fields[10]),
          blobGasPriceWei: rlpUint(fields[11]),
        }),
      },
      exception: exception === "" ? undefined : exception,
      returnData: rlpBytes(fields[8]),
    };
  });
}

/** The block as the views of both layers take it. */
export function toRanBlock(block: L1Block): RanBlock {
  const { header, transactions, outcomes, uncles, withdrawals } = block;
  const receipts = outcomes.map(({ receipt }) => receipt);
  return { header, transactions, receipts, uncles, withdrawals };
}
