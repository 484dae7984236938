/**
 * A whole rollup in this process: lease, embedded L1, contracts, L2.
 *
 * Owns the order of opening and its reverse. Both the devnet and a command without one go through
 * here, so they behave the same. Does not own serving or driving.
 * @module
 */
import { parseSealLimits } from "../core/batching/limit_settings.ts";
import { createEngine, type GenesisFacts } from "../core/engine/create_engine.ts";
import type { LocalEngine } from "../core/engine/local_engine.ts";
import { createJsonRpcL1Client } from "../core/l1/backends/json_rpc.ts";
import type { L1Connection } from "../core/pipeline/node.ts";
import { RollupError } from "../core/primitives/errors.ts";
import type { Address } from "../core/primitives/hex.ts";
import { createVirtualClock, type Log } from "../core/primitives/ports.ts";
import { acquireLease, type Lease } from "../core/store/lease.ts";
import type { StoreErrorCode } from "../core/store/table.ts";
import type { ChainConfig } from "../core/types/genesis.ts";
import { createWasmExecutor } from "../core/vm/host/wasm_executor.ts";
import { DEVNET_ROLES, devnetGenesisAccounts } from "./accounts.ts";
import {
  DEVNET_CHAIN,
  GENESIS_TIMESTAMP_SEC,
  L1_CHAIN_ID,
  TRUSTED_AGGREGATOR_TIMEOUT_SEC,
} from "./chain_config.ts";
import { createRealClock } from "./clock.ts";
import { deployContracts } from "./deploy.ts";
import { type EmbeddedL1, openEmbeddedL1 } from "./l1/embedded_l1.ts";
import { type BlockFeed, createBlockFeed } from "./l2_chain.ts";
import { createDispatcher, createRpcMethods } from "./rpc/dispatch.ts";

/** What opening a rollup needs. */
export interface OpenRollupOptions {
  readonly dataDir: string;
  readonly clock: "real" | "virtual";
  /** A sent L2 transaction goes into a block at once. */
  readonly automine: boolean;
  readonly log: Log;
  /** Text of `parseSealLimits`. */
  readonly sealLimits?: string;
  /** Part of the chain: another value than the folder's is refused. */
  readonly gasPerPubdata?: bigint;
}

/** Both layers, open. */
export interface Rollup {
  readonly engine: LocalEngine;
  readonly l1: EmbeddedL1;
  readonly feed: BlockFeed;
  readonly lease: Lease;
  readonly rollupAddress: Address;
  readonly verifierAddress: Address;
}

/**
 * Takes the data folder and opens both chains in it.
 *
 * @throws `SEAL_LIMIT_INVALID`, `DATA_FOLDER_OWNED`, `DATA_FOLDER_OTHER_VERSION`,
 * `GENESIS_MISMATCH`, and what reading a damaged folder throws.
 */
export async function openRollup(options: OpenRollupOptions): Promise<Rollup> {
  const { dataDir, log } = options;
  const sealLimits = options.sealLimits === undefined ? {} : parseSealLimits(options.sealLimits);
  const clock = options.clock === "virtual"
    ? createVirtualClock(GENESIS_TIMESTAMP_SEC)
    : createRealClock();
  await using undo = new AsyncDisposableStack();
  const lease = acquireLease(dataDir, { pid: Deno.pid, rpcUrl: undefined });
  undo.defer(() => lease.release());
  const l1Kv = await openKvFile(`${dataDir}/l1.kv`);
  undo.defer(() => l1Kv.close());
  const l1 = await openEmbeddedL1({
    kv: l1Kv,
    clock,
    chainId: L1_CHAIN_ID,
    genesis: { timestampSec: GENESIS_TIMESTAMP_SEC, accounts: devnetGenesisAccounts() },
    mining: "automine",
    log,
  });
  undo.use(l1);
  const feed = createBlockFeed();
  const kv = await openKvFile(`${dataDir}/node.kv`);
  let verifierAddress: Address | undefined;
  const closeOutside = { close: () => Promise.resolve() };
  const engine = await createEngine({
    kv,
    config: chainConfig(options),
    executor: createWasmExecutor(),
    clock,
    log,
    sealLimits,
    automine: options.automine,
    onBlock: feed.publish,
    connectL1: async (genesis): Promise<L1Connection> => {
      const { connection, verifier } = await connectEmbeddedL1(l1, genesis, log);
      verifierAddress = verifier;
      return connection;
    },
    close: () => closeOutside.close(),
  }).catch((error) => {
    kv.close();
    throw error;
  });
  // From here on the engine's own closing takes the rest down, in reverse order.
  const outside = undo.move();
  closeOutside.close = () => outside.disposeAsync();
  return {
    engine,
    l1,
    feed,
    lease,
    rollupAddress: engine.node.l1.rollup,
    verifierAddress: verifierAddress ?? engine.node.l1.rollup,
  };
}

function chainConfig(
  { gasPerPubdata = DEVNET_CHAIN.gasPerPubdata }: Pick<OpenRollupOptions, "gasPerPubdata">,
): ChainConfig {
  return { ...DEVNET_CHAIN, gasPerPubdata };
}

/** The embedded L1 as the node reaches it, with the contracts deployed if they were not. */
export async function connectEmbeddedL1(
  l1: EmbeddedL1,
  genesis: GenesisFacts,
  log: Log,
): Promise<{ connection: L1Connection; verifier: Address }> {
  const { request } = createDispatcher(createRpcMethods({ chain: l1, log }));
  const client = createJsonRpcL1Client({ request });
  const { sequencer, aggregator } = DEVNET_ROLES;
  const contracts = await deployContracts(client, {
    chainId: genesis.chainId,
    genesisStateRoot: genesis.stateRoot,
    genesisLeafCount: genesis.leafCount,
    programHash: genesis.programHash,
    trustedSequencer: sequencer.address,
    trustedAggregator: aggregator.address,
    trustedAggregatorTimeoutSec: TRUSTED_AGGREGATOR_TIMEOUT_SEC,
  });
  const { rollup, verifier, deployedAtL1Block } = contracts;
  const connection = {
    client,
    chainId: L1_CHAIN_ID,
    rollup,
    deployedAtL1Block,
    sequencer,
    aggregator,
  };
  return { connection, verifier };
}

async function openKvFile(path: string): Promise<Deno.Kv> {
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
