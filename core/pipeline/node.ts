/**
 * What the stages work on: the store, the state in memory, the pool, the L1 and the chain's tip.
 *
 * Owns the record and the reading of checkpoints. Does not own opening or closing any of it
 * (`engine/create_engine.ts`).
 * @module
 */
import type { BatchPlan } from "../batching/batch_plan.ts";
import type { SealLimits } from "../batching/seal_policy.ts";
import type { L1Client, L1Log } from "../l1/l1_client.ts";
import type { SubmitPolicy } from "../l1/submit_policy.ts";
import type { Pool } from "../pool/pool.ts";
import type { Address, Hash32 } from "../primitives/hex.ts";
import type { Clock, Log } from "../primitives/ports.ts";
import type { ProofJob } from "../proving/prover.ts";
import type { BlockSummary, StoredBlock } from "../store/blocks.ts";
import { CHECKPOINTS } from "../store/schema.ts";
import type { PoolLog } from "../store/pool_log.ts";
import type { StateStore } from "../store/state.ts";
import { type Kv, readRow } from "../store/table.ts";
import type { TreeHash } from "../tree/mod.ts";
import type { BatchCounters } from "../types/batch.ts";
import type { ChainConfig } from "../types/genesis.ts";
import type { AddressRecovery } from "../types/tx.ts";
import type { Executor } from "../vm/executor.ts";

/** A key of the node with its address. */
export interface L1Account {
  readonly address: Address;
  readonly privateKey: Uint8Array;
}

/** The L1 as the node reaches it. */
export interface L1Connection {
  readonly client: L1Client;
  readonly chainId: bigint;
  readonly rollup: Address;
  /** First L1 block that can hold an event of the rollup. */
  readonly deployedAtL1Block: bigint;
  /** Who sequences here; only the trusted sequencer may. */
  readonly sequencer: L1Account;
  /** Who sends proofs here, and whom they name; anyone may, after a timeout. */
  readonly aggregator: L1Account;
  /** Whom the contract knew when the node was opened. */
  readonly trustedSequencer: Address;
  readonly trustedAggregator: Address;
}

/** What a node does of all that a rollup needs. */
export type Role = "sequencer" | "prover" | "submitter" | "synchronizer";

/** Every role, in the order of the pipeline. */
export const ROLES: readonly Role[] = ["sequencer", "prover", "submitter", "synchronizer"];

/** The latest block; the only mutable cell that stages share. */
export interface ChainTip {
  get(): BlockSummary;
  set(tip: BlockSummary): void;
}

/** What the unsealed blocks have come to, remembered from block to block (`open_batch.ts`). */
export interface OpenBatch {
  /** The counters of the batch that the next block may join; those of an empty one if it is full. */
  counters(node: Node): Promise<BatchCounters>;
}

/** The batch of L1 that is being executed, remembered from step to step (`derive_batch.ts`). */
export interface Derivation {
  /** The latest block that is known to be what L1 says; checked again by who opens the node. */
  checkedBlockHash: Hash32 | undefined;
  /** What the batch with this accInputHash means: its senders are recovered once. */
  planned: { readonly accInputHash: Hash32; readonly plan: BatchPlan } | undefined;
}

/** Jobs of batches that were gathered together, lowest first, until each is proven (`prove_batch.ts`). */
export interface GatheredJobs {
  readonly jobs: ProofJob[];
}

/** Logs of L1 that were asked for and not read yet (`l1_feed.ts`). */
export interface L1Feed {
  /**
   * The next L1 block that has events, or the last of a range without any; `undefined` when L1 has
   * changed while it was asked.
   */
  next(node: Node, first: bigint, latest: bigint): Promise<
    { readonly l1BlockNumber: bigint; readonly logs: readonly L1Log[] } | undefined
  >;
  /** Forgets what was asked for: the L1 has changed. */
  clear(): void;
}

/** What tests want of the timestamps of blocks to come. */
export interface BlockTiming {
  /** At least this many seconds from block to block. */
  intervalSec: bigint | undefined;
  /** Exactly that of the next block, which is later than the latest block's. */
  nextSec: bigint | undefined;
}

/** Everything a stage needs. */
export interface Node {
  readonly kv: Kv;
  readonly config: ChainConfig;
  readonly sealLimits: SealLimits;
  readonly executor: Executor;
  readonly treeHash: TreeHash;
  readonly state: StateStore;
  readonly pool: Pool;
  readonly recoverAddress: AddressRecovery;
  /** What admissions are kept in until they have rows or are in a block; absent without a folder. */
  readonly poolLog: PoolLog | undefined;
  /** Hashes that may have a row in the table of the pool (`inlet.ts`). */
  readonly pooledOnDisk: Set<Hash32>;
  readonly tip: ChainTip;
  readonly openBatch: OpenBatch;
  readonly derivation: Derivation;
  readonly gathered: GatheredJobs;
  readonly l1: L1Connection;
  readonly l1Feed: L1Feed;
  readonly roles: ReadonlySet<Role>;
  readonly submitPolicy: SubmitPolicy;
  /** Senders whose transactions this sequencer does not take, to rehearse censorship. */
  readonly censored: ReadonlySet<Address>;
  readonly clock: Clock;
  readonly timing?: BlockTiming;
  /** Told when batches or blocks begin to be taken back; the promise settles when that is over. */
  readonly onUnwind?: (unwinding: Promise<void>) => void;
  /** Told of each block that was taken back, latest first. */
  readonly onBlockDropped?: (block: StoredBlock) => void;
  readonly log: Log;
}

/** Ids of the stages, which are also their keys in the table of checkpoints. */
export type StageId =
  | "build_block"
  | "seal_batch"
  | "sequence_batch"
  | "prove_batch"
  | "verify_batch"
  | "sync_l1";

/** How far a stage has come: a block number, a batch number, or for `sync_l1` an L1 block. */
export async function readCheckpoint(node: Pick<Node, "kv">, stage: StageId): Promise<bigint> {
  return await readRow(node.kv, CHECKPOINTS, [stage]) ?? 0n;
}
