/**
 * A whole rollup in this process: lease, embedded L1, contracts, L2.
 *
 * Owns the order of opening and its reverse. Both the devnet and a command without one go through
 * here, so they behave the same. Does not own serving or driving, nor a rollup on somebody else's L1
 * (`external_rollup.ts`).
 * @module
 */
import type { GenesisFacts } from "../core/engine/genesis_facts.ts";
import { createJsonRpcL1Client } from "../core/l1/backends/json_rpc.ts";
import { type RollupParameters } from "../core/l1/calls.ts";
import { readRollupParameters } from "../core/l1/rollup_views.ts";
import type { L1Connection } from "../core/pipeline/node.ts";
import { assert, RollupError } from "../core/primitives/errors.ts";
import { areaLog, type Log } from "../core/primitives/ports.ts";
import { acquireLease } from "../core/store/lease.ts";
import type { ChainConfig } from "../core/types/genesis.ts";
import { DEVNET_ROLES, devnetGenesisAccounts } from "./accounts.ts";
import {
  DEVNET_CHAIN,
  FORCE_BATCH_TIMEOUT_SEC,
  GENESIS_TIMESTAMP_SEC,
  L1_CHAIN_ID,
  TRUSTED_AGGREGATOR_TIMEOUT_SEC,
} from "./chain_config.ts";
import { deployContracts } from "./deploy.ts";
import {
  type Deployment,
  DEPLOYMENT_FILE,
  readDeploymentFile,
  writeDeploymentFile,
} from "./deployment.ts";
import { type EmbeddedL1, openEmbeddedL1 } from "./l1/embedded_l1.ts";
import { keepL1Genesis, readL1Import } from "./l1_genesis_file.ts";
import { prepareImportedL1 } from "./imported_l1.ts";
import { checkL1Record, keepL1Record } from "./l1_record.ts";
import {
  type NodeOptions,
  openKvFile,
  type OpenNode,
  openNode,
  readNodeOptions,
} from "./open_node.ts";
import { openFreshKv } from "./rebuild.ts";
import { createDispatcher, createRpcMethods } from "./rpc/dispatch.ts";

/** Codes that this file throws. */
export type RollupErrorCode = "FORCE_TIMEOUT_FIXED";

/** Both layers, open. */
export interface Rollup extends OpenNode {
  readonly l1: EmbeddedL1;
}

/**
 * Takes the data folder and opens both chains in it.
 *
 * @throws `SEAL_LIMIT_INVALID`, `DATA_FOLDER_OWNED`, `DATA_FOLDER_OTHER_VERSION`, `L1_MISMATCH`,
 * `GENESIS_MISMATCH`, `FORCE_TIMEOUT_FIXED`, and what reading a damaged folder throws.
 */
export async function openRollup(options: NodeOptions): Promise<Rollup> {
  const { dataDir, log } = options;
  const { sealLimits, clock } = readNodeOptions(options);
  await using undo = new AsyncDisposableStack();
  const lease = acquireLease(dataDir, { pid: Deno.pid, rpcUrl: undefined });
  undo.defer(() => lease.release());
  checkL1Record(dataDir, { kind: "embedded" });
  const imported = await readL1Import(dataDir, options.l1Import);
  const l1Kv = await openKvFile(`${dataDir}/l1.kv`);
  undo.defer(() => l1Kv.close());
  const l1 = await openEmbeddedL1({
    kv: l1Kv,
    clock,
    chainId: L1_CHAIN_ID,
    genesis: imported ??
      { timestampSec: GENESIS_TIMESTAMP_SEC, accounts: devnetGenesisAccounts() },
    mining: "automine",
    log,
  }).catch((error) => {
    // The blocks before the one that is not right are there, and are this genesis's.
    if (imported !== undefined && isImportError(error)) keepL1Genesis(dataDir, imported.geth);
    throw error;
  });
  undo.use(l1);
  if (imported !== undefined) {
    keepL1Genesis(dataDir, imported.geth);
    await prepareImportedL1(l1);
  }
  const { gasPerPubdata = DEVNET_CHAIN.gasPerPubdata, forceTimeoutSec } = options;
  const config = { ...DEVNET_CHAIN, gasPerPubdata, l1ChainId: l1.chainId };
  let deployment: Deployment | undefined;
  const { engine, feed } = await openNode(options, {
    config,
    clock,
    sealLimits,
    undo,
    connectL1: async (genesis): Promise<L1Connection> => {
      const { connection, parameters } = await connectEmbeddedL1(l1, genesis, log, forceTimeoutSec);
      if (forceTimeoutSec !== undefined) checkForceTimeout(forceTimeoutSec, parameters);
      keepL1Record(dataDir, { kind: "embedded" });
      deployment = describeDeployment(config, connection, parameters);
      keepDeployment(`${dataDir}/${DEPLOYMENT_FILE}`, deployment);
      return connection;
    },
    openFreshKv: (folder) => {
      assert(deployment !== undefined, "a node is rebuilt after it was opened");
      return openFreshKv(deployment, folder);
    },
  });
  const rollupAddress = engine.node.l1.rollup;
  return {
    engine,
    l1,
    feed,
    lease,
    rollupAddress,
    verifierAddress: deployment?.verifier ?? rollupAddress,
  };
}

function isImportError(error: unknown): boolean {
  return error instanceof RollupError && error.code.startsWith("L1_IMPORT_");
}

/**
 * The embedded L1 as the node reaches it, with the contracts deployed if they were not; what they say
 * of themselves.
 */
export async function connectEmbeddedL1(
  l1: EmbeddedL1,
  genesis: GenesisFacts,
  log: Log,
  forceTimeoutSec = FORCE_BATCH_TIMEOUT_SEC,
): Promise<{ connection: L1Connection; parameters: RollupParameters }> {
  // The node's own questions are no requests of anybody: only what goes wrong is told.
  const quiet: Log = { ...areaLog(log, "l1"), debug: () => {}, info: () => {} };
  const { request } = createDispatcher(createRpcMethods({ chain: l1, log: quiet }));
  const client = createJsonRpcL1Client({ request });
  const { deployer, sequencer, aggregator } = DEVNET_ROLES;
  const contracts = await deployContracts(client, {
    admin: deployer.address,
    chainId: genesis.chainId,
    genesisStateRoot: genesis.stateRoot,
    genesisLeafCount: genesis.leafCount,
    programHash: genesis.programHash,
    trustedSequencer: sequencer.address,
    trustedAggregator: aggregator.address,
    trustedAggregatorTimeoutSec: TRUSTED_AGGREGATOR_TIMEOUT_SEC,
    forceBatchTimeoutSec: forceTimeoutSec,
  });
  const { rollup, deployedAtL1Block } = contracts;
  // The admin may have set others since.
  const parameters = await readRollupParameters(client, rollup);
  const { trustedSequencer, trustedAggregator } = parameters;
  const connection = {
    client,
    chainId: l1.chainId,
    rollup,
    deployedAtL1Block,
    sequencer,
    aggregator,
    trustedSequencer,
    trustedAggregator,
  };
  return { connection, parameters };
}

function describeDeployment(
  { chainId, gasPerPubdata, coinbase }: ChainConfig,
  { chainId: l1ChainId, rollup, deployedAtL1Block }: L1Connection,
  parameters: RollupParameters,
): Deployment {
  return {
    l1ChainId,
    l2ChainId: chainId,
    rollup,
    verifier: parameters.verifier,
    deployedAtL1Block,
    genesisStateRoot: parameters.genesisStateRoot,
    genesisLeafCount: parameters.genesisLeafCount,
    programHash: parameters.programHash,
    gasPerPubdata,
    coinbase,
    admin: parameters.admin,
    sequencer: parameters.trustedSequencer,
    aggregator: parameters.trustedAggregator,
    aggregatorTimeoutSec: parameters.trustedAggregatorTimeoutSec,
    forceTimeoutSec: parameters.forceBatchTimeoutSec,
  };
}

/** For followers in other processes, which reach this L1 over RPC. A file that is there stays. */
function keepDeployment(file: string, deployment: Deployment): void {
  if (readDeploymentFile(file) !== undefined) return;
  writeDeploymentFile(file, { kind: "deployed", deployment });
}

function checkForceTimeout(wanted: bigint, { forceBatchTimeoutSec }: RollupParameters): void {
  if (wanted === forceBatchTimeoutSec) return;
  throw new RollupError<RollupErrorCode>(
    "FORCE_TIMEOUT_FIXED",
    `Cannot let operations wait ${wanted} s as the contract is deployed: it says ` +
      `${forceBatchTimeoutSec} s`,
    {
      details: { wanted, deployed: forceBatchTimeoutSec },
      mend: "Leave out --force-timeout, or start a new folder with `--data DIR`.",
    },
  );
}
