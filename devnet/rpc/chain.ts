/**
 * What JSON-RPC needs of a chain; the embedded L1 and the L2 both are one.
 *
 * Owns the interface, so each `eth_` method is written once for both layers. Does not own JSON:
 * values here are domain values, and `format.ts` renders them.
 * @module
 */
import type { Address, Hash32, Hex } from "../../core/primitives/hex.ts";
import type { Receipt } from "../../core/types/receipt.ts";
import type { Transaction, UnsignedTransaction } from "../../core/types/tx.ts";
import type { BlockEnvironment, CallOutcome, CallRequest } from "../../core/vm/executor.ts";
import type { StateReader, TraceHooks } from "../../core/vm/trace.ts";
import type { ChainProofs } from "./chain_proofs.ts";
import type { Rewinds } from "./rewinds.ts";
import type { ChainSimulation } from "./simulate.ts";

/** Words that clients use for a block. */
export type BlockTag = "latest" | "pending" | "earliest" | "safe" | "finalized";

/**
 * A header with every field that Ethereum has had up to Osaka. A field that a later fork brought is
 * `undefined` in blocks from before; `devnet/chain_header.ts` has the bytes.
 */
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
  /** From London on. */
  readonly baseFeePerGasWei: bigint | undefined;
  /** From Shanghai on. */
  readonly withdrawalsRoot: Hash32 | undefined;
  /** From Cancun on, as the next two. */
  readonly blobGasUsed: bigint | undefined;
  readonly excessBlobGas: bigint | undefined;
  readonly parentBeaconBlockRoot: Hash32 | undefined;
  /** From Prague on. */
  readonly requestsHash: Hash32 | undefined;
}

/** Ether that the beacon chain pays out (EIP-4895). */
export interface Withdrawal {
  readonly index: bigint;
  readonly validatorIndex: bigint;
  readonly address: Address;
  readonly amountGwei: bigint;
}

/** The sealed batch that a block of the L2 is in. */
export interface BatchPlace {
  readonly number: bigint;
  /** The latest time that its data may have. */
  readonly timestampSec: bigint;
  /** Transactions of the batch before this one, or before the first of this block. */
  readonly txIndex: number;
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
      readonly timestampSec: bigint;
      /** 0 before London: a price is a price there. */
      readonly baseFeePerGasWei: bigint;
    }
    | undefined;
  /** Absent on L1; `null` until its block is sealed into a batch. */
  readonly batch?: BatchPlace | null;
}

/** A block as clients read it. */
export interface ChainBlock {
  readonly header: ChainHeader;
  /** Size of the RLP of header and body. */
  readonly sizeBytes: number;
  readonly transactions: readonly ChainTransaction[];
  /** Headers of blocks that lost (EIP-3675: none since the merge). */
  readonly uncles: readonly ChainHeader[];
  /** From Shanghai on. */
  readonly withdrawals: readonly Withdrawal[] | undefined;
  /** Absent on L1; `null` until it is sealed into a batch. */
  readonly batch?: BatchPlace | null;
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
  readonly withdrawals?: readonly Withdrawal[];
}

/** Everything that may be otherwise for one call. */
export interface CallOverrides {
  readonly state?: ReadonlyMap<Address, AccountOverride>;
  readonly block?: BlockOverrides;
}

/** What became of a message that nobody signed. */
export interface ChainCallOutcome extends CallOutcome {
  /**
   * geth's words for `exception`, on a chain that has to run the message again to know them: whoever
   * only looks whether it succeeds, as a search for a gas limit does, does without.
   */
  readonly explain?: () => Promise<string>;
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

/** What tracers need to know of the rules of a block. */
export interface TracedRules {
  /** EIP-6780: only what the same transaction created is destroyed. */
  readonly isDestroyedOnlyNew: boolean;
  /** EIP-7702. */
  readonly hasDelegations: boolean;
  /** EIP-158: an account with nothing in it is none. */
  readonly clearsEmpty: boolean;
  readonly precompiles: ReadonlySet<Address>;
}

/** A run that was watched. The readers are valid until the visitor's `onEnd` settles. */
export interface TracedRun {
  readonly rules: TracedRules;
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

/** What holds from a fork on (EIP-7910). */
export interface ForkConfig {
  /** 0 where it is there from the first block on. */
  readonly activationTimeSec: bigint;
  readonly blobSchedule: {
    readonly target: bigint;
    readonly max: bigint;
    readonly baseFeeUpdateFraction: bigint;
  } | undefined;
  /** EIP-6122, 4 bytes. */
  readonly forkId: Hex;
  /** By the names of EIP-7910. */
  readonly precompiles: Readonly<Record<string, Address>>;
  readonly systemContracts: Readonly<Record<string, Address>>;
}

/** Forks by time, as a chain stands now. */
export interface ForkConfigs {
  readonly current: ForkConfig | undefined;
  readonly next: ForkConfig | undefined;
  /** Of all that are known. */
  readonly last: ForkConfig | undefined;
}

/** What blob gas costs (EIP-4844). */
export interface BlobMarket {
  /** In the block itself. */
  readonly baseFeeWei: bigint;
  /** In the block after it. */
  readonly nextBaseFeeWei: bigint;
  /** The most that a block has. */
  readonly maxBlobGas: bigint;
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
  /** The same at once, where it is at hand. */
  knownHeader?(number: number): ChainHeader | undefined;
  receipts(number: bigint): Promise<readonly ChainReceipt[]>;
  /** Number of the batch that was sealed last; only on L2. */
  sealedBatches?(): Promise<bigint>;
  /** An included or pending transaction. */
  transaction(hash: Hash32): Promise<ChainTransaction | undefined>;
  receipt(hash: Hash32): Promise<ChainReceipt | undefined>;
  balance(account: Address, number: bigint): Promise<bigint>;
  nonce(account: Address, number: bigint): Promise<bigint>;
  /** With the transactions that wait in the pool. */
  pendingNonce(account: Address): Promise<bigint>;
  code(account: Address, number: bigint): Promise<Uint8Array>;
  storage(account: Address, slot: Hash32, number: bigint): Promise<Hash32>;
  /**
   * Runs on the state after block `number`, in the environment of that block, as geth: `NUMBER`
   * answers `number`. What runs in the block to come has {@linkcode nextBlock} as overrides.
   *
   * @throws RpcError when it takes too long, or for overrides that the chain cannot apply.
   */
  call(request: CallRequest, number: bigint, overrides?: CallOverrides): Promise<ChainCallOutcome>;
  /** What differs in the environment of the block that would follow the latest one now. */
  nextBlock?(): Promise<BlockOverrides>;
  /** Prices of blobs at the block of `header`; `undefined` where there are none. */
  blobMarket?(header: ChainHeader): BlobMarket | undefined;
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
  /** Calls `listener` with each transaction that enters the pool, until the function is called. */
  onPending(listener: (transaction: ChainTransaction) => void): () => void;
  /**
   * Calls `listener` with blocks that the chain has just taken back, the latest first, until the
   * returned function is called. One rewind may be told in several calls.
   */
  onReorg(listener: (dropped: readonly DroppedBlock[]) => void): () => void;
  /**
   * Lets the clock jump, which both layers share; the answer is what it jumped in all, in seconds.
   *
   * @throws `TIMESTAMP_TOO_LATE` where the next block cannot be so late.
   */
  increaseTime(seconds: bigint): bigint;
  /**
   * The next block has this timestamp, and time goes on from there.
   *
   * @throws `TIMESTAMP_TOO_EARLY` unless it is later than the latest block's, `TIMESTAMP_TOO_LATE`.
   */
  setNextBlockTimestamp(timestampSec: bigint): Promise<void>;
  /** When it goes back; a chain without never does while it is read. */
  readonly rewinds?: Rewinds;
  /** Runs again what it ran. */
  readonly tracing?: ChainTracing;
  /** Which forks hold and will. */
  forkConfigs?(): Promise<ForkConfigs>;
  /** Runs blocks that never were. */
  readonly simulation?: ChainSimulation;
  /** Proves its state by Merkle Patricia tries; the L2's tree is another one (`zks_getProof`). */
  readonly proofs?: ChainProofs;
  /** What a test may do to the chain; what a layer cannot do it refuses, and says why. */
  readonly controls: ChainControls;
}

/** A block that was taken back, with the receipts whose logs are void now. */
export interface DroppedBlock {
  readonly block: ChainBlock;
  readonly receipts: readonly ChainReceipt[];
}

/** Codes of choosing times. */
export type TimeErrorCode = "TIMESTAMP_TOO_EARLY" | "TIMESTAMP_TOO_LATE";

/** A transaction for one of the new blocks of a reorganisation. */
export type ReorgTransaction =
  & {
    /** 0 is the first new block. */
    readonly blockIndex: number;
  }
  & (
    | {
      /** EIP-2718 bytes. */
      readonly raw: Uint8Array;
    }
    | {
      /** Sent as `sender`, who has not signed: as {@linkcode ChainControls.sendUnsigned} does. */
      readonly unsigned: UnsignedTransaction;
      readonly sender: Address;
    }
  );

/** What a reorganisation did. */
export interface Reorg {
  /** The latest block that both forks have. */
  readonly commonNumber: bigint;
  /** Transactions of dropped blocks that no new block has. */
  readonly lost: readonly Hash32[];
  /** Given transactions that were invalid in their place. */
  readonly refused: readonly { readonly hash: Hash32; readonly reason: string }[];
}

/** What an account is to be by decree; absent fields stay as they are. */
export interface AccountDecree {
  readonly balanceWei?: bigint;
  readonly nonce?: bigint;
  readonly code?: Uint8Array;
  /** These slots, or all slots with `isWholeStorage`; the value zero clears a slot. */
  readonly storage?: ReadonlyMap<Hash32, Hash32>;
  readonly isWholeStorage?: boolean;
}

/** What the blocks to come are to have. Absent fields stay as they are. */
export interface BlockWishes {
  /** The next block only; those after it follow EIP-1559 from there. */
  readonly baseFeePerGasWei?: bigint;
  /** The next block only. */
  readonly prevRandao?: Hash32;
  /** From the next block on. */
  readonly coinbase?: Address;
  /** From the next block on. */
  readonly gasLimit?: bigint;
}

/** What real chains do by themselves or never, as commands. */
export interface ChainControls {
  /**
   * Drops the last `depth` blocks and makes as many others, which hold `transactions` only. Dropped
   * transactions do not wait in the pool again.
   *
   * @throws `L1_REORG_DEPTH` for 0 or more blocks than there are, `L1_REORG_BLOCK_INDEX`,
   * `L1_REORG_BLOCK_FULL`, the codes of admission, `DEV_METHOD_UNSUPPORTED`.
   */
  reorg(depth: bigint, transactions?: readonly ReorgTransaction[]): Promise<Reorg>;
  /**
   * Drops the last `depth` blocks.
   *
   * @throws `L1_REORG_DEPTH` for more blocks than there are, `DEV_METHOD_UNSUPPORTED`.
   */
  rollback(depth: bigint): Promise<Reorg>;
  /**
   * Whether a transaction makes a block at once; what waits is mined when it begins to. `false` on
   * a chain that mines on an interval changes nothing.
   */
  setAutomine(enabled: boolean): Promise<void>;
  isAutomine(): boolean;
  /** A block each `seconds`; 0 for blocks on command only. */
  setIntervalMining(seconds: bigint): Promise<void>;
  /** Seconds between blocks; `undefined` for a chain that does not mine on an interval. */
  intervalMiningSec(): bigint | undefined;
  /** The rules that the next block follows, e.g. `Osaka`. */
  hardfork(): string;
  /** Whether there was such a waiting transaction. */
  dropTransaction(hash: Hash32): Promise<boolean>;
  /** Empties the pool, or takes what `sender` has in it. */
  dropTransactions(sender?: Address): Promise<void>;
  /**
   * Gives accounts another state, which readers of the block that is the latest now see from now on
   * and the next block is built on. No block is made, so that state is not the header's.
   *
   * @throws `DEV_METHOD_UNSUPPORTED` on the L2, whose every state must be provable.
   */
  decree(accounts: ReadonlyMap<Address, AccountDecree>): Promise<void>;
  /** @throws `DEV_METHOD_UNSUPPORTED` */
  wish(wishes: BlockWishes): Promise<void>;
  /**
   * Lets the clock of both layers stand at `timestampSec`; the answer is what it jumped by.
   *
   * @throws `TIMESTAMP_TOO_LATE`
   */
  setTime(timestampSec: bigint): bigint;
  /**
   * Each block is `seconds` after its parent; `undefined` ends it. Whether there was one before.
   *
   * @throws `TIMESTAMP_TOO_LATE`
   */
  setBlockTimestampInterval(seconds: bigint | undefined): boolean;
  /** @throws `DEV_METHOD_UNSUPPORTED` */
  impersonate(account: Address, enabled: boolean): void;
  /** @throws `DEV_METHOD_UNSUPPORTED` */
  autoImpersonate(enabled: boolean): void;
  /** Whether transactions of `account` need no signature now. */
  isImpersonated(account: Address): boolean;
  /** Accounts that are impersonated one by one. */
  impersonated(): readonly Address[];
  /**
   * Sends as `sender`, who has not signed. The hash is that of the transaction with the marked
   * signature of `impersonation.ts`.
   *
   * @throws the codes of admission, `DEV_METHOD_UNSUPPORTED`.
   */
  sendUnsigned(transaction: UnsignedTransaction, sender: Address): Promise<Hash32>;
  /** The latest state, blocks and transactions in anvil's format. @throws `DEV_METHOD_UNSUPPORTED` */
  dumpState(): Promise<Uint8Array>;
  /**
   * Gives every account of the dump its state of there, but for those that the rollup stands on.
   *
   * @throws `STATE_DUMP_MALFORMED`, `DEV_METHOD_UNSUPPORTED`.
   */
  loadState(dump: Uint8Array): Promise<void>;
}

/** What a test may do to both layers of a devnet at once. */
export interface DevnetControls {
  /** Remembers the present of both layers, the clock and the pools; its id. */
  snapshot(): Promise<bigint>;
  /** Goes back there; the id and later ones are used up. `false` for an id that is not known. */
  revert(id: bigint): Promise<boolean>;
  /** Back to what the devnet had when it was first started. */
  reset(): Promise<void>;
  /** Whether anything but warnings is logged. */
  setLoggingEnabled(enabled: boolean): void;
  /** Tells one run of a devnet from another; a reset begins a new one. */
  instanceId(): Hash32;
  /** The snapshots that can be gone back to, of `layer`. */
  snapshots(layer: "L1" | "L2"): readonly {
    readonly id: bigint;
    readonly blockNumber: bigint;
    readonly blockHash: Hash32;
  }[];
}
