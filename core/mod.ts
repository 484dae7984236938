/**
 * varve as a library: open a rollup, step it, read it.
 *
 * Owns the list of what is public. Does not own any implementation.
 * @module
 */
export { createEngine, type CreateEngineOptions, type FreshKv } from "./engine/create_engine.ts";
export type { GenesisFacts } from "./engine/genesis_facts.ts";
export type {
  BatchTag,
  Engine,
  HeadsView,
  InspectQuery,
  JsonValue,
  L1CallRequest,
  L1PlanView,
  L1SentView,
  L1TransactionView,
  Progress,
  ProofJobView,
  ProveView,
  RebuildDifference,
  RebuildView,
  SealView,
  SenderView,
  SendView,
  SyncView,
} from "./engine/engine.ts";
export type { LocalEngine, LocalEngineOptions } from "./engine/local_engine.ts";
export { createRemoteEngine, type RemoteEngineOptions } from "./engine/remote_engine.ts";
export { isRollupError, RollupError, type RollupErrorOptions } from "./primitives/errors.ts";
export type { Batch, BatchCounters, SealReason } from "./types/batch.ts";
export type { Block, BlockHeader } from "./types/block.ts";
export type { ChainConfig, GenesisAccount } from "./types/genesis.ts";
export type { ProofKind } from "./types/proof.ts";
export type { EventLog, Receipt } from "./types/receipt.ts";
export type { Transaction, UnsignedTransaction } from "./types/tx.ts";
