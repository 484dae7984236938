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
import type { BlockEnvironment, CallOutcome, CallRequest } from "../../core/vm/executor.ts";
import type { StateReader, TraceHooks } from "../../core/vm/trace.ts";

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

/** What a call finds in the place of an account's own state. Absent fields stay as they are. */
export interface AccountOverride {
  readonly balanceWei?: bigint;
  readonly nonce?: bigint;
  readonly code?: Uint8Array;
  /** The whole storage; every other slot is zero. Never together with `stateDiff`. */
  readonly state?: ReadonlyMap<Hash32, Hash32>;
  /** These slots only. */
  readonly stateDiff?: ReadonlyMap<Hash32, Hash32>;
  /** Where the precompile of this address answers instead. */
  readonly movePrecompileTo?: Address;
}

/** What a call finds in the place of the environment of its block. */
export interface BlockOverrides {
  readonly number?: bigint;
  readonly timestampSec?: bigint;
  readonly gasLimit?: bigint;
  readonly coinbase?: Address;
  readonly prevRandao?: Hash32;
  readonly difficulty?: bigint;
  readonly baseFeePerGasWei?: bigint;
  readonly blobBaseFeeWei?: bigint;
  readonly beaconRoot?: Hash32;
  readonly withdrawals?: readonly {
    readonly index: bigint;
    readonly validatorIndex: bigint;
    readonly address: Address;
    readonly amountGwei: bigint;
  }[];
}

/** Everything that may be otherwise for one call. */
export interface CallOverrides {
  readonly state?: ReadonlyMap<Address, AccountOverride>;
  readonly block?: BlockOverrides;
}

/** What is to be traced. */
export type TraceTarget =
  | { readonly kind: "block"; readonly number: bigint }
  | { readonly kind: "transaction"; readonly blockNumber: bigint; readonly index: number }
  | {
    readonly kind: "call";
    readonly request: CallRequest;
    /** The call runs on the state after this block… */
    readonly number: bigint;
    /** …or before transaction `index` of the block after it. */
    readonly index?: number;
    readonly overrides?: CallOverrides;
  };

/** A run that was watched. The readers are valid until the visitor's `onEnd` settles. */
export interface TracedRun {
  /** Absent for a call. */
  readonly transaction: ChainTransaction | undefined;
  readonly environment: BlockEnvironment;
  /** Whole gas, after refunds, with the intrinsic cost. */
  readonly gasUsed: bigint;
  readonly success: boolean;
  readonly returnData: Uint8Array;
  readonly before: StateReader;
  readonly after: StateReader;
}

/** Watches one transaction. */
export interface TraceVisitor {
  readonly hooks: TraceHooks;
  onEnd(run: TracedRun): Promise<void>;
}

/** A chain that can run what it ran again. */
export interface ChainTracing {
  /**
   * Runs `target` again and lets `visit` watch each of its transactions, in order; earlier
   * transactions of the block run unwatched.
   *
   * @throws RollupError for a block that is not there or has no parent.
   */
  trace(
    target: TraceTarget,
    visit: (transaction: ChainTransaction | undefined) => TraceVisitor,
  ): Promise<void>;
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
  call(request: CallRequest, number: bigint, overrides?: CallOverrides): Promise<CallOutcome>;
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
  /**
   * Lets the clock jump, which both layers share; the answer is what it jumped in all, in seconds.
   */
  increaseTime(seconds: bigint): bigint;
  /**
   * The next block has this timestamp, and time goes on from there.
   *
   * @throws `TIMESTAMP_TOO_EARLY` unless it is later than the latest block's; on the L2, which has
   * no time of its own, also when the clock has passed it.
   */
  setNextBlockTimestamp(timestampSec: bigint): Promise<void>;
  /** Runs again what it ran. */
  readonly tracing?: ChainTracing;
  /** What a test may do to the chain; only the embedded L1 lets it. */
  readonly controls?: ChainControls;
}

/** Codes of choosing times. */
export type TimeErrorCode = "TIMESTAMP_TOO_EARLY";

/** A transaction for one of the new blocks of a reorganisation. */
export interface ReorgTransaction {
  /** EIP-2718 bytes. */
  readonly raw: Uint8Array;
  /** 0 is the first new block. */
  readonly blockIndex: number;
}

/** What a reorganisation did. */
export interface Reorg {
  /** The latest block that both forks have. */
  readonly commonNumber: bigint;
  /** Transactions of dropped blocks that no new block has. */
  readonly lost: readonly Hash32[];
  /** Given transactions that were invalid in their place. */
  readonly refused: readonly { readonly hash: Hash32; readonly reason: string }[];
}

/** What real chains do by themselves or never, as commands. */
export interface ChainControls {
  /**
   * Drops the last `depth` blocks and makes as many others, which hold `transactions` only. Dropped
   * transactions do not wait in the pool again.
   *
   * @throws `L1_REORG_DEPTH` for 0 or more blocks than there are, `L1_REORG_BLOCK_INDEX`,
   * `L1_REORG_BLOCK_FULL`, the codes of admission.
   */
  reorg(depth: bigint, transactions?: readonly ReorgTransaction[]): Promise<Reorg>;
  /** Drops the last `depth` blocks. @throws `L1_REORG_DEPTH` for more blocks than there are. */
  rollback(depth: bigint): Promise<Reorg>;
  /** Whether a transaction makes a block at once; what waits is mined when it begins to. */
  setAutomine(enabled: boolean): Promise<void>;
  /** Whether there was such a waiting transaction. */
  dropTransaction(hash: Hash32): Promise<boolean>;
  /**
   * Makes a block without transactions in which `account` has `balanceWei`, so that each state
   * still has its block and its root. Whoever runs the block again comes to another state.
   */
  setBalance(account: Address, balanceWei: bigint): Promise<void>;
  /** The next block has this base fee; those after it follow EIP-1559 from there. */
  setNextBaseFeePerGasWei(baseFeePerGasWei: bigint): void;
}
