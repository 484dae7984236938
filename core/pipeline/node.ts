/**
 * What the stages work on: the store, the state in memory, the pool, the L1 and the chain's tip.
 *
 * Owns the record and the reading of checkpoints. Does not own opening or closing any of it
 * (`engine/create_engine.ts`).
 * @module
 */
import type { SealLimits } from "../batching/seal_policy.ts";
import type { L1Client } from "../l1/l1_client.ts";
import type { Pool } from "../pool/pool.ts";
import type { Address } from "../primitives/hex.ts";
import type { Clock, Log } from "../primitives/ports.ts";
import type { BlockSummary } from "../store/blocks.ts";
import { CHECKPOINTS } from "../store/schema.ts";
import type { StateStore } from "../store/state.ts";
import { type Kv, readRow } from "../store/table.ts";
import type { TreeHash } from "../tree/mod.ts";
import type { BatchCounters } from "../types/batch.ts";
import type { ChainConfig } from "../types/genesis.ts";
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
  readonly sequencer: L1Account;
  readonly aggregator: L1Account;
}

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

/** Everything a stage needs. */
export interface Node {
  readonly kv: Kv;
  readonly config: ChainConfig;
  readonly sealLimits: SealLimits;
  readonly executor: Executor;
  readonly treeHash: TreeHash;
  readonly state: StateStore;
  readonly pool: Pool;
  readonly tip: ChainTip;
  readonly openBatch: OpenBatch;
  readonly l1: L1Connection;
  readonly clock: Clock;
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
