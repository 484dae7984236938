/**
 * What JSON-RPC needs of a chain; the embedded L1 and the L2 both are one.
 *
 * Owns the interface, so each `eth_` method is written once for both layers. Does not own JSON:
 * values here are domain values, and `format.ts` renders them.
 * @module
 */
import type { Address, Hash32, Hex } from "../../core/primitives/hex.ts";
import type { Receipt } from "../../core/types/receipt.ts";
import type { Transaction } from "../../core/types/tx.ts";
import type { CallOutcome, CallRequest } from "../../core/vm/executor.ts";

/** Words that clients use for a block. */
export type BlockTag = "latest" | "pending" | "earliest" | "safe" | "finalized";

/** A header with every field that Ethereum has had up to Osaka. */
export interface ChainHeader {
  readonly hash: Hash32;
  readonly parentHash: Hash32;
  readonly sha3Uncles: Hash32;
  readonly miner: Address;
  readonly stateRoot: Hash32;
  readonly transactionsRoot: Hash32;
  readonly receiptsRoot: Hash32;
  readonly logsBloom: Uint8Array;
  readonly difficulty: bigint;
  readonly number: bigint;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  readonly timestampSec: bigint;
  readonly extraData: Hex;
  readonly mixHash: Hash32;
  readonly nonce: Hex;
  readonly baseFeePerGasWei: bigint;
  readonly withdrawalsRoot: Hash32;
  readonly blobGasUsed: bigint;
  readonly excessBlobGas: bigint;
  readonly parentBeaconBlockRoot: Hash32;
  readonly requestsHash: Hash32;
}

/** A transaction with its place in the chain, or without one while it is pending. */
export interface ChainTransaction {
  readonly hash: Hash32;
  readonly raw: Uint8Array;
  readonly tx: Transaction;
  readonly sender: Address;
  readonly position:
    | {
      readonly blockHash: Hash32;
      readonly blockNumber: bigint;
      readonly index: number;
      readonly baseFeePerGasWei: bigint;
    }
    | undefined;
}

/** A block as clients read it. */
export interface ChainBlock {
  readonly header: ChainHeader;
  /** Size of the RLP of header and body. */
  readonly sizeBytes: number;
  readonly transactions: readonly ChainTransaction[];
}

/** A receipt with what clients want to read beside it. */
export interface ChainReceipt {
  readonly transaction: ChainTransaction;
  readonly receipt: Receipt;
  /** Index of its first log within the block. */
  readonly firstLogIndex: number;
}

/** A chain behind JSON-RPC. Numbers are block numbers; the state is as *after* that block. */
export interface ChainBackend {
  /** `L1` or `L2`, for messages. */
  readonly layer: "L1" | "L2";
  readonly chainId: bigint;
  /** Number of the block that a tag means now. `pending` is `latest`. */
  numberOf(tag: BlockTag): Promise<bigint>;
  numberOfHash(hash: Hash32): Promise<bigint | undefined>;
  block(number: bigint): Promise<ChainBlock | undefined>;
  /** Header alone, for scans that do not need bodies. */
  header(number: bigint): Promise<ChainHeader | undefined>;
  receipts(number: bigint): Promise<readonly ChainReceipt[]>;
  /** An included or pending transaction. */
  transaction(hash: Hash32): Promise<ChainTransaction | undefined>;
  receipt(hash: Hash32): Promise<ChainReceipt | undefined>;
  balance(account: Address, number: bigint): Promise<bigint>;
  nonce(account: Address, number: bigint): Promise<bigint>;
  /** With the transactions that wait in the pool. */
  pendingNonce(account: Address): Promise<bigint>;
  code(account: Address, number: bigint): Promise<Uint8Array>;
  storage(account: Address, slot: Hash32, number: bigint): Promise<Hash32>;
  /** Runs on the state after block `number`, in the environment of the block that would follow. */
  call(request: CallRequest, number: bigint): Promise<CallOutcome>;
  /** Base fee that the next block will have. */
  nextBaseFeePerGasWei(): Promise<bigint>;
  blockGasLimit(): bigint;
  /** @throws RollupError with the admission code, e.g. `POOL_NONCE_TOO_LOW`. */
  sendRawTransaction(raw: Uint8Array): Promise<Hash32>;
  /** Waiting transactions, per sender in nonce order. */
  pendingTransactions(): Promise<readonly ChainTransaction[]>;
  /** Private keys of the unlocked devnet accounts, for `eth_sendTransaction` and `eth_sign`. */
  devAccounts(): ReadonlyMap<Address, Uint8Array>;
  /** Closes a block now, empty if nothing waits; the answer is its number. */
  mine(): Promise<bigint>;
  /** Calls `listener` after each new block until the returned function is called. */
  onBlock(listener: (block: ChainBlock) => void): () => void;
}
