/**
 * One instance of the program, as its operator drives it.
 *
 * Owns the vocabulary between host and module: environments, transaction frames, results. Does not
 * own the module's memory (`assembly/layout.ts`), the rules of blocks (`block_transition.ts`) or
 * what happens after a trap (`wasm_executor.ts`).
 * @module
 */
import type { Address, Hash32 } from "../../primitives/hex.ts";
import type { EventLog } from "../../types/receipt.ts";
import type { StateDiff } from "../../types/state.ts";
import type { AccessListEntry } from "../../types/tx.ts";
import type { ExecutionCounters } from "../../types/counters.ts";
import type { BlockEnvironment, CallBounds, StoragePort, TxUsage } from "../executor.ts";

/** Rules by which a run goes: the rollup's, or those of plain Ethereum for its state tests. */
export type Profile = "rollup" | "ethereum";

/** Hard forks that the program knows. */
export type Fork = "Cancun" | "Prague" | "Osaka";

/** What a run starts from. */
export interface ProgramEnvironment extends BlockEnvironment {
  readonly profile: Profile;
  readonly fork: Fork;
  /** Wei for each unit of blob gas. */
  readonly blobBaseFeeWei: bigint;
  /** Most blobs of one transaction; 0 where type 3 is not known. */
  readonly maxBlobs: number;
  /** EIP-7825; 0 for no bound. */
  readonly maxTxGas: bigint;
}

/** What the program asks about the world before the run. */
export interface ProgramWorld extends CallBounds {
  readonly storage: StoragePort;
  /** Ethereum profile only: the hash of an earlier block. */
  readonly blockHash?: (number: bigint) => Hash32;
  /** Whether an account without nonce and code has storage (EIP-7610); none has when absent. */
  readonly accountHasStorage?: (account: Address) => boolean;
}

/** An authorization with what the operator recovered of it (EIP-7702). */
export interface RecoveredAuthorization {
  readonly chainId: bigint;
  /** Whose code is to run. */
  readonly address: Address;
  /** Up to 2^64 - 1; a greater one is given as unrecovered. */
  readonly nonce: bigint;
  /** Who signed; `undefined` for a bad signature. */
  readonly authority: Address | undefined;
}

/** A transaction or call as the program takes it. */
export interface TxFrame {
  readonly type: 0 | 1 | 2 | 3 | 4;
  readonly sender: Address;
  readonly to: Address | undefined;
  readonly valueWei: bigint;
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
  /** 0 but for type 3. */
  readonly maxFeePerBlobGasWei: bigint;
  /** `undefined` when the signature names no chain. */
  readonly chainId: bigint | undefined;
  /** Below 2^64, as the nonce. */
  readonly gasLimit: bigint;
  readonly nonce: bigint;
  readonly data: Uint8Array;
  readonly accessList: readonly AccessListEntry[];
  readonly authorizations: readonly RecoveredAuthorization[];
  readonly blobHashes: readonly Hash32[];
  /** Calls only: charged as a transaction would be. */
  readonly asTransaction: boolean;
}

/** What became of a frame. */
export type ProgramResult =
  | {
    readonly kind: "ran";
    /** Code of the exception (EXCEPTION_…), 0 for success. */
    readonly exception: number;
    readonly gasUsed: bigint;
    readonly returnData: Uint8Array;
    /** Decoded when asked for. */
    readonly logs: () => readonly EventLog[];
    readonly gasPriceWei: bigint;
    readonly usage: TxUsage;
  }
  | {
    readonly kind: "invalid";
    /** INVALID_…. */
    readonly reason: number;
    readonly have: bigint;
    readonly need: bigint;
  };

/** What a closed run leaves. */
export interface ProgramOutput {
  /** Final changes, sorted by (address, slot). */
  readonly diffs: readonly StateDiff[];
  readonly newCodes: ReadonlyMap<Hash32, Uint8Array>;
  /** Ethereum profile: accounts that the run touched, for the removal of empty ones (EIP-161). */
  readonly touched: readonly Address[];
}

/** What a run has changed so far; decoded when it is asked for. */
export interface ProgramChanges {
  /** `undefined` where the value is that from before the run. */
  slot(address: Address, slot: Hash32): Hash32 | undefined;
  /** Sorted by (address, slot). */
  diffs(): readonly StateDiff[];
  /** Codes that are new in the run up to now, which may be later. */
  codes(): ReadonlyMap<Hash32, Uint8Array>;
}

/** What the accounting wrote down, an entry for each storage operation of the run, in order. */
export interface AccountingVectors {
  /** Gas that comes back for a slot that was touched before. */
  readonly refunds: readonly number[];
  /** Bytes; negative where a write took back what was paid. */
  readonly pubdataCosts: readonly number[];
  /** What the transaction that ran last got back for codes that the run knew already. */
  readonly decommitRefundErgs: bigint;
}

/** One instance; runs one block or call at a time. */
export interface Program {
  /** Forgets the last run and starts another. */
  begin(environment: ProgramEnvironment, world: ProgramWorld): Promise<void>;
  /** Runs one transaction on what the earlier ones left. */
  runTx(frame: TxFrame): Promise<ProgramResult>;
  /** Runs a message as a call; the run is of no use for anything else after it. */
  call(frame: TxFrame): Promise<ProgramResult>;
  /** Marks the operator's external snapshot; one at a time. */
  snapshot(): void;
  /** Goes back to it. */
  rollback(): void;
  /** Forgets it. */
  popSnapshot(): void;
  /** What the run has used so far. */
  counters(): ExecutionCounters;
  /** The accounting so far (zk-stack, section 2.3); empty in the Ethereum profile. */
  vectors(): AccountingVectors;
  /** FAULT_… of the trap that just happened; 0 for one that the program did not see coming. */
  fault(): number;
  /** Slots that differ from before the run and codes that are new, as they are now. */
  changes(): ProgramChanges;
  /** Closes the run; `commitment` asks for what the state is to remember of the block. */
  close(commitment: () => Hash32): Promise<ProgramOutput>;
}

/**
 * One instance that never waits: what it would have to wait for ends the run with an error that
 * `isNotAtHand` knows, and the instance is lost. Switching between stacks at every import costs more
 * than most transactions do.
 */
export interface StraightProgram extends Program {
  /** Runs a message in a run of its own, before anybody else has a turn. */
  callAtOnce(environment: ProgramEnvironment, world: ProgramWorld, frame: TxFrame): ProgramResult;
}
