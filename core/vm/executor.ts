/**
 * The one narrow port of execution: a block environment, ordered transactions and a storage port
 * go in; receipts, logs, sorted diffs and counters come out.
 *
 * Owns the interface and nothing else. Nobody above this room knows which EVM stands behind it.
 * @module
 */
import type { Address, Hash32 } from "../primitives/hex.ts";
import type { ExecutionCounters } from "../types/counters.ts";
import type { EventLog, Receipt } from "../types/receipt.ts";
import type { StateDiff } from "../types/state.ts";
import type { Transaction } from "../types/tx.ts";
import type { StateReader, TraceHooks } from "./trace.ts";

/** What opcodes and fees of a block depend on. */
export interface BlockEnvironment {
  readonly chainId: bigint;
  readonly number: bigint;
  readonly timestampSec: bigint;
  readonly coinbase: Address;
  readonly gasLimit: bigint;
  readonly baseFeePerGasWei: bigint;
  readonly prevRandao: Hash32;
  /** Goes into the EIP-2935 ring at block start. */
  readonly parentHash: Hash32;
  /** Gas for each byte of pubdata, on top of the EVM's gas (zk-stack, section 9). */
  readonly gasPerPubdata: bigint;
  /** Wei for a unit of blob gas, 1 when absent: nothing here sells any. */
  readonly blobBaseFeeWei?: bigint;
}

/**
 * Where the program reads the state as it was before the block. Reads are synchronous on a hit;
 * a promise is a miss that has to be fetched.
 */
export interface StoragePort {
  /** The value of a slot; 32 zero bytes when it was never written. */
  readSlot(address: Address, slot: Hash32): Hash32 | Promise<Hash32>;
  /** Whether the slot was ever written, so that an index stands for it in pubdata. */
  isWritten(address: Address, slot: Hash32): boolean | Promise<boolean>;
  /** The code with this keccak256. */
  readCode(codeHash: Hash32): Uint8Array | Promise<Uint8Array>;
  /**
   * Called in the place of `readCode` for a code that the executor still has from another block:
   * each code of a block goes through one of both, at least once.
   */
  noteCode?(codeHash: Hash32): void;
  /** Whether every slot is a hit: a run can go straight through unless it misses a code. */
  readonly isAtHand?: boolean;
  /** The same object as long as no slot changes its value: what was read may be kept that long. */
  readonly moment?: object;
}

/** A transaction with what admission has already worked out. */
export interface ExecutableTx {
  readonly tx: Transaction;
  readonly sender: Address;
  /** The canonical bytes of `tx`, where they are at hand: nobody encodes it again then. */
  readonly raw?: Uint8Array;
}

/** Why a transaction cannot be part of a block; it changes nothing. */
export type InvalidReason =
  | "NONCE_TOO_LOW"
  | "NONCE_TOO_HIGH"
  | "INSUFFICIENT_FUNDS"
  | "INTRINSIC_GAS_TOO_LOW"
  | "GAS_LIMIT_TOO_HIGH"
  | "BLOCK_GAS_EXHAUSTED"
  | "FEE_BELOW_BASE_FEE"
  | "SENDER_HAS_CODE"
  | "CHAIN_ID_MISMATCH"
  | "INIT_CODE_TOO_LARGE"
  | "INVALID";

/** What became of one transaction. */
export type TxOutcome =
  | {
    readonly kind: "included";
    readonly receipt: Receipt;
    readonly returnData: Uint8Array;
    /** Name of the EVM's exception when it did not succeed: `revert`, `out of gas`, … */
    readonly exception: string | undefined;
    readonly usage: TxUsage;
  }
  | { readonly kind: "invalid" } & Refusal;

/** Why something cannot run. */
export interface Refusal {
  readonly reason: InvalidReason;
  readonly message: string;
  /** Of calls and traced transactions: what there is and what it takes, of what `reason` is about. */
  readonly amounts?: { readonly have: bigint; readonly need: bigint };
}

/** Where the gas of one transaction went, and what else it used. */
export interface TxUsage {
  /** What the EVM used after refunds, or the floor; with `pubdataGas` it is the receipt's gas. */
  readonly evmGasUsed: bigint;
  readonly pubdataGas: bigint;
  /** Bytes by which the block's pubdata grew; negative when it shrank. */
  readonly pubdataBytes: number;
  /** EIP-3529, as applied. */
  readonly refundGas: bigint;
  /** Sum of the accounting's storage refunds (zk-stack, section 2.3); no part of the EVM's gas. */
  readonly storageRefundGas: number;
  /** What this transaction alone added. */
  readonly counters: ExecutionCounters;
}

/**
 * Codes with which an executor throws instead of answering.
 *
 * `PROGRAM_TRAPPED`: the program broke, a defect; the block goes on as if the transaction had never
 * been offered. Details: `fault`, what broke, and `txHash` where there is one. `PROGRAM_REFUSED`: no
 * block can be of this environment. `PROGRAM_TX_OVERSIZED`: its memory does not take the message.
 */
export type ProgramErrorCode = "PROGRAM_TRAPPED" | "PROGRAM_REFUSED" | "PROGRAM_TX_OVERSIZED";

/** The result of a whole block. */
export interface ExecutionOutput {
  readonly receipts: readonly Receipt[];
  /** Final changes only, sorted by (address, slot). */
  readonly diffs: readonly StateDiff[];
  /** Codes that were deployed, by their keccak256. */
  readonly newCodes: ReadonlyMap<Hash32, Uint8Array>;
  readonly counters: ExecutionCounters;
}

/** A block under construction; transactions run one after another on its intermediate state. */
export interface BlockExecution {
  /** Runs `tx`; an invalid one leaves no trace. */
  run(tx: ExecutableTx): Promise<TxOutcome>;
  /**
   * Takes back the transaction that ran last and was included, as if it had never been offered:
   * the operator's external rollback (zk-stack, section 1.7). Only once after each `run`.
   */
  undoLast(): void;
  /** Gas that the block has left. */
  gasLeft(): bigint;
  /** What the block has used so far. */
  counters(): ExecutionCounters;
  /**
   * Ends the transactions. `systemWrites` computes slots that the block itself writes at its end
   * from the receipts (the header commitment); they join the diffs.
   */
  finish(
    systemWrites: (receipts: readonly Receipt[]) => readonly SystemWrite[],
  ): Promise<ExecutionOutput>;
}

/** A slot that the protocol writes, not a transaction. */
export interface SystemWrite {
  readonly address: Address;
  readonly slot: Hash32;
  readonly value: Hash32;
}

/** A message to run without a signature, for `eth_call` and `eth_estimateGas`. */
export interface CallRequest {
  readonly from: Address;
  readonly to: Address | undefined;
  readonly data: Uint8Array;
  readonly valueWei: bigint;
  readonly gasLimit: bigint;
  readonly gasPriceWei: bigint;
  /** What it offers by EIP-1559, where it says so; `gasPriceWei` is the most of it then. */
  readonly maxFeePerGasWei?: bigint;
  readonly maxPriorityFeePerGasWei?: bigint;
  /** EIP-4844, on L1 only. */
  readonly blobHashes?: readonly Hash32[];
  readonly maxFeePerBlobGasWei?: bigint;
  /** Of the sender; without it, the one that the state has. */
  readonly nonce?: bigint;
  /** `true` charges intrinsic gas and checks the balance as a transaction would. */
  readonly asTransaction: boolean;
  readonly accessList: Transaction["accessList"];
  readonly authorizations: Transaction["authorizations"];
}

/** The result of a {@linkcode CallRequest}. */
export interface CallOutcome {
  readonly success: boolean;
  readonly returnData: Uint8Array;
  /** With intrinsic gas and after refunds when run as a transaction. */
  readonly gasUsed: bigint;
  readonly exception: string | undefined;
  /** Decoded when asked for: hardly any caller looks at them. */
  readonly logs: () => readonly EventLog[];
  /** What the run used; absent when it could not start, and on an EVM without metering. */
  readonly usage?: TxUsage;
  /** Set when it could not even start: gas below its intrinsic cost, or funds that are missing. */
  readonly invalid?: Refusal;
}

/** An implementation of the EVM over the uniform state map. */
export interface Executor {
  /** Identifies the program in public inputs and on L1. */
  readonly programHash: Hash32;
  begin(environment: BlockEnvironment, storage: StoragePort): Promise<BlockExecution>;
  /** Runs a message on the state before the block and throws its changes away. */
  call(
    environment: BlockEnvironment,
    storage: StoragePort,
    request: CallRequest,
    bounds?: CallBounds,
  ): Promise<CallOutcome>;
  /**
   * Runs `steps` one after another, each on what the earlier ones left, and lets whoever wants to
   * watch them. What they come to is what `begin` and `call` come to.
   */
  trace(
    environment: BlockEnvironment,
    storage: StoragePort,
    steps: readonly TraceStep[],
    bounds?: CallBounds,
  ): Promise<void>;
}

/** What ends a run that takes too long. */
export interface CallBounds {
  /** Asked before and within each piece of costly arithmetic; what it throws ends the run. */
  readonly checkTime?: () => void;
  /**
   * Asked there too: the run waits for what it answers, so that others have a turn. The state that
   * the run reads must not change meanwhile, or whoever runs it must find out.
   */
  readonly breathe?: () => Promise<void> | undefined;
}

/** One transaction or message of a traced run. */
export interface TraceStep {
  readonly run:
    | { readonly kind: "transaction"; readonly tx: ExecutableTx }
    /** The last step: nothing runs on what a call leaves. */
    | { readonly kind: "call"; readonly request: CallRequest };
  /** Unwatched steps cost what they cost in a block. */
  readonly hooks?: TraceHooks;
  /** Called when it has run; the readers are valid until the promise settles. */
  onEnd?(end: TraceStepEnd): Promise<void>;
}

/** What a step came to. */
export interface TraceStepEnd {
  readonly outcome: TxOutcome | { readonly kind: "called"; readonly call: CallOutcome };
  /** Only of a step with hooks. */
  readonly before: StateReader;
  readonly after: StateReader;
  /** All that the run has changed up to here. */
  readonly changes: {
    diffs(): readonly StateDiff[];
    newCodes(): ReadonlyMap<Hash32, Uint8Array>;
  };
}
