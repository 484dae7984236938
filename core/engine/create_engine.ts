/**
 * Opening a rollup: the one place where the ports of the rooms below are wired together.
 *
 * Owns the check that a data folder is of this version, chain and program, and the writing of
 * genesis. Does not own KV files, leases or the L1 itself, which the caller brings.
 * @module
 */
import { blockCounters, DEFAULT_SEAL_LIMITS, type SealLimits } from "../batching/seal_policy.ts";
import { recoverAddress } from "../crypto/secp256k1.ts";
import { DEFAULT_SUBMIT_POLICY, type SubmitPolicy } from "../l1/submit_policy.ts";
import { readHeads } from "../pipeline/heads.ts";
import { restorePool } from "../pipeline/inlet.ts";
import { replayPoolLog } from "../pipeline/pool_rows.ts";
import { createOpenBatch } from "../pipeline/open_batch.ts";
import { createL1Feed } from "../pipeline/l1_feed.ts";
import { type ChainTip, type L1Connection, type Node, type Role, ROLES } from "../pipeline/node.ts";
import { createPool } from "../pool/pool.ts";
import { AssertionError, RollupError } from "../primitives/errors.ts";
import { type Address, bytesToHash32, ZERO_HASH } from "../primitives/hex.ts";
import { type Clock, createVirtualClock, type Log, silentLog } from "../primitives/ports.ts";
import {
  type BlockSummary,
  readBlockSummary,
  stageBlock,
  type StoredBlock,
  toSummary,
} from "../store/blocks.ts";
import type { PoolLog } from "../store/pool_log.ts";
import { CHAIN, CHECKPOINTS, SCHEMA_VERSION } from "../store/schema.ts";
import { openState, type StateStore, writeCodes } from "../store/state.ts";
import {
  type Kv,
  readRow,
  readSchemaVersion,
  requireRow,
  type StoreErrorCode,
} from "../store/table.ts";
import { createWriteSet } from "../store/write_set.ts";
import { createPoseidon2TreeHash } from "../tree/mod.ts";
import { headerHash } from "../types/block.ts";
import { NO_COUNTERS } from "../types/counters.ts";
import { type ChainConfig, genesisHash } from "../types/genesis.ts";
import type { AddressRecovery } from "../types/tx.ts";
import { genesisState, sealHeader } from "../vm/block_transition.ts";
import type { Executor } from "../vm/executor.ts";

import type { Follower } from "./rebuild.ts";
import { computeGenesisFacts, type GenesisFacts } from "./genesis_facts.ts";
import { createLocalEngine, type LocalEngine, type LocalEngineOptions } from "./local_engine.ts";

/** A store for a node that is rebuilt from L1. */
export interface FreshKv {
  readonly kv: Kv;
  /** Where it is kept; `undefined` for memory. */
  readonly folder: string | undefined;
  /** Run after the store is closed. */
  close(): Promise<void>;
}

/** All that an engine is made of. */
export interface CreateEngineOptions extends LocalEngineOptions {
  /** The node's own KV; the engine closes it. */
  readonly kv: Kv;
  readonly config: ChainConfig;
  readonly executor: Executor;
  readonly clock: Clock;
  readonly log: Log;
  readonly sealLimits?: Partial<SealLimits>;
  readonly submitPolicy?: Partial<SubmitPolicy>;
  /** Beside `kv` in its folder, and closed with it; without one each admission waits for `kv`. */
  readonly poolLog?: PoolLog;
  /** Recovers the addresses of who sends transactions here; where they are sent unless told otherwise. */
  readonly recoverAddress?: AddressRecovery;
  /** What this node does; everything unless told otherwise. */
  readonly roles?: ReadonlySet<Role>;
  /** Senders whose transactions the sequencer does not take, to rehearse censorship. */
  readonly censored?: ReadonlySet<Address>;
  /** Opens a store in a folder, or in memory, for a node that is rebuilt from this one's L1. */
  readonly openFreshKv?: (folder: string | undefined) => Promise<FreshKv>;
  /** Finds the contracts on L1, deploying them if need be. */
  readonly connectL1: (genesis: GenesisFacts) => Promise<L1Connection>;
  /** Run last when the engine closes: the L1, the lease. */
  readonly close?: () => Promise<void>;
}

/**
 * Opens the rollup in `kv`, or starts it there.
 *
 * @throws `DATA_FOLDER_OTHER_VERSION`, `GENESIS_MISMATCH`, `STORE_ROW_CORRUPT`, and what
 * `connectL1` throws.
 */
export async function createEngine(options: CreateEngineOptions): Promise<LocalEngine> {
  const { kv, config, executor, clock, log } = options;
  const treeHash = createPoseidon2TreeHash();
  refuseOtherVersion(await readSchemaVersion(kv, CHAIN, ["chain"]));
  const chain = await readRow(kv, CHAIN, ["chain"]);
  if (chain !== undefined) checkFolder(chain, config, executor);
  const latest = await readRow(kv, CHECKPOINTS, ["build_block"]);
  // Both are written with genesis: one without the other is damage, and genesis must not go over it.
  if (chain === undefined && latest !== undefined) await requireRow(kv, CHAIN, ["chain"]);
  if (chain !== undefined && latest === undefined) {
    await requireRow(kv, CHECKPOINTS, ["build_block"]);
  }
  const state = await openState(kv, treeHash, latest);
  const kept = latest === undefined ? undefined : await requireSummary(kv, latest);
  clock.observe(kept?.header.timestampSec ?? config.genesisTimestampSec);
  // L1 comes first: a folder is not started for a rollup that it refuses.
  const l1 = await options.connectL1(await factsOf(options, kept));
  const tip = kept ?? await writeGenesis({ kv, config, executor, state });
  const node: Node = {
    kv,
    config,
    sealLimits: { ...DEFAULT_SEAL_LIMITS, ...options.sealLimits },
    executor,
    treeHash,
    state,
    pool: createPool(),
    recoverAddress: options.recoverAddress ?? recoverAddress,
    poolLog: options.poolLog,
    pooledOnDisk: new Set(),
    tip: createTip(tip),
    openBatch: createOpenBatch(),
    derivation: { checkedBlockHash: undefined, planned: undefined },
    gathered: { jobs: [] },
    l1,
    l1Feed: createL1Feed(),
    roles: options.roles ?? new Set(ROLES),
    submitPolicy: { ...DEFAULT_SUBMIT_POLICY, ...options.submitPolicy },
    censored: options.censored ?? new Set(),
    clock,
    timing: { intervalSec: undefined, nextSec: undefined },
    ...(options.onUnwind === undefined ? {} : { onUnwind: options.onUnwind }),
    ...(options.onBlockDropped === undefined ? {} : { onBlockDropped: options.onBlockDropped }),
    log,
  };
  await restorePool(node);
  await replayPoolLog(node);
  await checkHeads(node);
  const { openFreshKv } = options;
  const openFollower = openFreshKv === undefined
    ? {}
    : { openFollower: (folder: string | undefined) => openFollowerOf(node, openFreshKv, folder) };
  return createLocalEngine(node, options, {
    ...openFollower,
    close: async () => {
      await state.flush();
      options.poolLog?.[Symbol.dispose]();
      kv.close();
      await options.close?.();
    },
  });
}

/** What the chain started from: as it is kept, or as it will be. */
async function factsOf(
  { kv, config, executor }: CreateEngineOptions,
  kept: BlockSummary | undefined,
): Promise<GenesisFacts> {
  if (kept === undefined) return computeGenesisFacts(config, executor);
  const { header, leafCount } = await requireSummary(kv, 0n);
  const { programHash } = executor;
  return { chainId: config.chainId, stateRoot: header.stateRoot, leafCount, programHash };
}

/** A node that shares the L1 and the program of `node`, and nothing that either of them changes. */
async function openFollowerOf(
  { config, executor, l1 }: Node,
  openFreshKv: NonNullable<CreateEngineOptions["openFreshKv"]>,
  into: string | undefined,
): Promise<Follower> {
  const { kv, folder, close } = await openFreshKv(into);
  try {
    const engine = await createEngine({
      kv,
      config,
      executor,
      clock: createVirtualClock(config.genesisTimestampSec),
      log: silentLog,
      automine: false,
      roles: new Set(["synchronizer"]),
      connectL1: () => Promise.resolve(l1),
      close,
    });
    return { engine, folder };
  } catch (error) {
    kv.close();
    await close();
    throw error;
  }
}

/** Heads that a run would never leave behind are damage here, and not yet a defect. */
async function checkHeads(node: Node): Promise<void> {
  try {
    await readHeads(node);
  } catch (cause) {
    if (!(cause instanceof AssertionError)) throw cause;
    throw new RollupError<StoreErrorCode>(
      "STORE_ROW_CORRUPT",
      `Cannot open the data folder as its checkpoints and L1 events must agree: ${cause.message}`,
      {
        mend: "The data folder is damaged: restore a copy of it, or delete it and start again.",
        cause,
      },
    );
  }
}

function createTip(start: BlockSummary): ChainTip {
  let tip = start;
  return {
    get: () => tip,
    set: (next) => {
      tip = next;
    },
  };
}

interface GenesisPlace {
  readonly kv: Kv;
  readonly config: ChainConfig;
  readonly executor: Executor;
  readonly state: StateStore;
}

/** Block 0 and the row that says what this folder is, in one commit. */
async function writeGenesis(place: GenesisPlace): Promise<BlockSummary> {
  const { kv, config, executor, state } = place;
  const genesis = genesisState(config);
  const diffs = genesis.writes.map((write) => ({
    address: write.address,
    slot: write.slot,
    oldValue: ZERO_HASH,
    newValue: write.value,
  }));
  const { stateRoot, leafCount } = state.apply(diffs);
  const header = sealHeader(genesis.draftHeader, stateRoot);
  const block: StoredBlock = {
    header,
    hash: headerHash(header),
    leafCount,
    counters: blockCounters([], NO_COUNTERS),
    lastOperation: 0n,
    operationTxCount: 0,
    transactions: [],
    receipts: [],
    usages: [],
    diffs,
  };
  const writes = createWriteSet(kv);
  await stageBlock(kv, writes, block);
  await writeCodes(kv, genesis.codes);
  writes.set(CHECKPOINTS, ["build_block"], 0n);
  writes.set(CHAIN, ["chain"], {
    schemaVersion: SCHEMA_VERSION,
    genesisHash: genesisHash(config),
    programHash: executor.programHash,
    genesisStateRoot: bytesToHash32(state.tree.root()),
    genesisLeafCount: leafCount,
  });
  await writes.commit();
  await state.committed(0n, diffs);
  return toSummary(block);
}

/** Before any row is decoded: the rows of another version may have another shape. */
function refuseOtherVersion(version: bigint | undefined): void {
  if (version === undefined || version === SCHEMA_VERSION) return;
  throw new RollupError<StoreErrorCode>(
    "DATA_FOLDER_OTHER_VERSION",
    `Cannot open the data folder as version ${SCHEMA_VERSION}: it is of version ${version}`,
    {
      details: { expected: SCHEMA_VERSION, got: version },
      mend: "Use the varve that made the folder, or start a new one with `--data DIR`.",
    },
  );
}

function checkFolder(
  chain: { genesisHash: string; programHash: string },
  config: ChainConfig,
  executor: Executor,
): void {
  const expected = [genesisHash(config), executor.programHash];
  const got = [chain.genesisHash, chain.programHash];
  const differs = expected.findIndex((hash, index) => hash !== got[index]);
  if (differs < 0) return;
  const what = differs === 0 ? "genesis" : "program";
  const origin = differs === 0 ? "configuration" : "version of varve";
  throw new RollupError<StoreErrorCode>(
    "GENESIS_MISMATCH",
    `Cannot open the data folder with this ${what}: ` +
      `it was started with ${got[differs]}, this is ${expected[differs]}`,
    {
      details: { expected: expected[differs], got: got[differs] },
      mend: `Start a new folder with \`--data DIR\`, or use the ${origin} that made this one.`,
    },
  );
}

async function requireSummary(kv: Kv, number: bigint): Promise<BlockSummary> {
  const summary = await readBlockSummary(kv, number);
  if (summary !== undefined) return summary;
  throw new RollupError<StoreErrorCode>(
    "STORE_ROW_MISSING",
    `Cannot open the data folder: block ${number} is missing`,
    {
      details: { blockNumber: number },
      mend: "The data folder is damaged: restore a copy of it, or delete it and start again.",
    },
  );
}
