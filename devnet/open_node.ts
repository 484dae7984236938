/**
 * The node of a data folder, over whichever L1 it has.
 *
 * Owns what both kinds of L1 share: options, clock, KV files, and that the engine's closing takes
 * down what was opened before it. Does not own the L1 (`rollup.ts`, `external_rollup.ts`).
 * @module
 */
import { parseSealLimits } from "../core/batching/limit_settings.ts";
import type { SealLimits } from "../core/batching/seal_policy.ts";
import { createEngine, type CreateEngineOptions } from "../core/engine/create_engine.ts";
import type { GenesisFacts } from "../core/engine/genesis_facts.ts";
import type { LocalEngine } from "../core/engine/local_engine.ts";
import type { SubmitPolicy } from "../core/l1/submit_policy.ts";
import type { L1Connection, Role } from "../core/pipeline/node.ts";
import { RollupError } from "../core/primitives/errors.ts";
import type { Address } from "../core/primitives/hex.ts";
import { type Clock, createVirtualClock, type Log } from "../core/primitives/ports.ts";
import type { Lease } from "../core/store/lease.ts";
import { openPoolLog } from "../core/store/pool_log.ts";
import type { StoreErrorCode } from "../core/store/table.ts";
import type { ChainConfig } from "../core/types/genesis.ts";
import { createWasmExecutor } from "../core/vm/host/wasm_executor.ts";
import { GENESIS_TIMESTAMP_SEC } from "./chain_config.ts";
import { createRealClock } from "./clock.ts";
import type { L1ImportFiles } from "./l1_genesis_file.ts";
import { type BlockFeed, createBlockFeed } from "./l2_chain.ts";
import { createRecoveryThread } from "./recovery_thread.ts";

/** What opening a node needs, whatever its L1. */
export interface NodeOptions {
  readonly dataDir: string;
  readonly clock: "real" | "virtual";
  /** A sent L2 transaction goes into a block at once. */
  readonly automine: boolean;
  readonly log: Log;
  /** Text of `parseSealLimits`. */
  readonly sealLimits?: string;
  /** Part of the chain: another value than the folder's is refused. */
  readonly gasPerPubdata?: bigint;
  /** All of them unless told otherwise. */
  readonly roles?: ReadonlySet<Role>;
  readonly submitPolicy?: Partial<SubmitPolicy>;
  /** Seconds until an L1->L2 operation is overdue, of contracts that are deployed now. */
  readonly forceTimeoutSec?: bigint;
  /** Senders that the sequencer refuses, to rehearse censorship. */
  readonly censored?: ReadonlySet<Address>;
  /** What the embedded L1 of a new folder starts from in the place of the devnet's own genesis. */
  readonly l1Import?: L1ImportFiles;
}

/** A node, open. */
export interface OpenNode {
  readonly engine: LocalEngine;
  readonly feed: BlockFeed;
  readonly lease: Lease;
  readonly rollupAddress: Address;
  readonly verifierAddress: Address;
}

/** What stands below a node. */
export interface NodeGround {
  readonly config: ChainConfig;
  readonly clock: Clock;
  readonly sealLimits: Partial<SealLimits>;
  readonly connectL1: (genesis: GenesisFacts) => Promise<L1Connection>;
  /** What a follower of this rollup needs, for one that is rebuilt into a folder. */
  readonly openFreshKv: NonNullable<CreateEngineOptions["openFreshKv"]>;
  /** All that was opened before; taken over when the engine is open. */
  readonly undo: AsyncDisposableStack;
}

/** Opens `node.kv` and the engine on it. */
export async function openNode(
  options: NodeOptions,
  ground: NodeGround,
): Promise<{ readonly engine: LocalEngine; readonly feed: BlockFeed }> {
  const { roles, submitPolicy, censored, log } = options;
  const feed = createBlockFeed();
  const kv = await openKvFile(`${options.dataDir}/node.kv`);
  const poolLog = openPoolLog(`${options.dataDir}/pool.log`);
  const recovery = createRecoveryThread();
  const closeOutside = { close: () => Promise.resolve() };
  const engine = await createEngine({
    kv,
    poolLog,
    recoverAddress: recovery.recover,
    config: ground.config,
    executor: createWasmExecutor(),
    clock: ground.clock,
    log,
    sealLimits: ground.sealLimits,
    automine: options.automine,
    onBlock: feed.publish,
    onUnwind: feed.rewinds.during,
    onBlockDropped: feed.publishDropped,
    onPending: feed.publishPending,
    ...(roles === undefined ? {} : { roles }),
    ...(submitPolicy === undefined ? {} : { submitPolicy }),
    ...(censored === undefined ? {} : { censored }),
    connectL1: ground.connectL1,
    openFreshKv: ground.openFreshKv,
    close: () => {
      recovery[Symbol.dispose]();
      return closeOutside.close();
    },
  }).catch((error) => {
    recovery[Symbol.dispose]();
    poolLog[Symbol.dispose]();
    kv.close();
    throw error;
  });
  // From here on the engine's own closing takes the rest down, in reverse order.
  const outside = ground.undo.move();
  closeOutside.close = () => outside.disposeAsync();
  return { engine, feed };
}

/** The limits and the clock that `options` ask for; wrong limits are refused before all else. */
export function readNodeOptions(
  options: Pick<NodeOptions, "sealLimits" | "clock">,
): { readonly sealLimits: Partial<SealLimits>; readonly clock: Clock } {
  return {
    sealLimits: options.sealLimits === undefined ? {} : parseSealLimits(options.sealLimits),
    clock: options.clock === "virtual"
      ? createVirtualClock(GENESIS_TIMESTAMP_SEC)
      : createRealClock(),
  };
}

/** @throws `STORE_FILE_CORRUPT` */
export async function openKvFile(path: string): Promise<Deno.Kv> {
  try {
    return await Deno.openKv(path);
  } catch (cause) {
    throw new RollupError<StoreErrorCode>(
      "STORE_FILE_CORRUPT",
      `Cannot open "${path}" as a database: ${cause instanceof Error ? cause.message : cause}`,
      {
        details: { path },
        mend: "The data folder is damaged: restore a copy of it, or delete it and start again.",
        cause,
      },
    );
  }
}
