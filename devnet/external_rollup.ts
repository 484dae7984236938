/**
 * A rollup whose L1 is an Ethereum node that somebody else runs.
 *
 * Owns the order of opening: everything that may be wrong about the L1 is found before the node's
 * tables are touched. Does not own the checks (`l1_connection.ts`) or deploying (`deploy_rollup.ts`).
 * @module
 */
import { computeGenesisFacts } from "../core/engine/genesis_facts.ts";
import type { LocalEngine } from "../core/engine/local_engine.ts";
import type { L1Client } from "../core/l1/l1_client.ts";
import { type L1Account, type Role, ROLES } from "../core/pipeline/node.ts";
import { RollupError } from "../core/primitives/errors.ts";
import { acquireLease } from "../core/store/lease.ts";
import { createWasmExecutor } from "../core/vm/host/wasm_executor.ts";
import { externalChainConfig } from "./chain_config.ts";
import type { DeployErrorCode } from "./deploy.ts";
import { deployRollup } from "./deploy_rollup.ts";
import {
  type Deployment,
  DEPLOYMENT_FILE,
  readDeploymentFile,
  requireDeployment,
} from "./deployment.ts";
import {
  connectL1Node,
  keyMissing,
  type L1NodeOptions,
  openL1Client,
  readL1Key,
} from "./l1_connection.ts";
import { checkL1Record, embeddedFolder, keepL1Record, readL1Record } from "./l1_record.ts";
import { type NodeOptions, type OpenNode, openNode, readNodeOptions } from "./open_node.ts";
import { openFreshKv } from "./rebuild.ts";

/** Which L1, and which rollup on it. */
export interface ExternalL1Options extends L1NodeOptions {
  /** What `deploy` wrote; `deployment.json` of the data folder unless told otherwise. */
  readonly deploymentFile?: string;
  /** Deploys when there is no such file. */
  readonly deploy?: {
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
    readonly progress: (text: string) => void;
  };
  /** A node that drives itself cannot go without a key where it submits. */
  readonly isKeyRequired?: boolean;
}

/** A node over somebody else's L1. */
export interface ExternalRollup extends OpenNode {
  readonly l1Client: L1Client;
  /** Ends every question to the L1 that is under way, and refuses later ones. */
  abortL1(): void;
}

/**
 * Takes the data folder and opens the node in it on the L1 at `l1.rpcUrl`.
 *
 * @throws `DEPLOYMENT_MISSING`, `L1_MISMATCH`, `DATA_FOLDER_OWNED`, the codes of `connectL1Node`,
 * `readL1Key`, `deployRollup` and of opening a node.
 */
export async function openExternalRollup(
  options: NodeOptions,
  l1: ExternalL1Options,
): Promise<ExternalRollup> {
  const { dataDir, roles = new Set<Role>(ROLES) } = options;
  const { sealLimits, clock } = readNodeOptions(options);
  const key = l1.key === undefined ? undefined : await readL1Key(l1.key);
  if (key === undefined && l1.isKeyRequired === true && roles.has("submitter")) {
    throw keyMissing("submit to L1");
  }
  await using undo = new AsyncDisposableStack();
  const lease = acquireLease(dataDir, { pid: Deno.pid, rpcUrl: undefined });
  undo.defer(() => lease.release());
  const abort = new AbortController();
  const client = openL1Client(l1.rpcUrl, abort.signal);
  const deployment = await findDeployment({ options, l1, client, key });
  const { l1ChainId, rollup, coinbase, gasPerPubdata } = deployment;
  const record = { kind: "external", l1ChainId, rollup } as const;
  checkL1Record(dataDir, record);
  checkGasPerPubdata(options, gasPerPubdata);
  const config = externalChainConfig({ l1ChainId, coinbase, gasPerPubdata });
  const genesis = computeGenesisFacts(config, createWasmExecutor());
  const connection = await connectL1Node({ client, deployment, genesis, key, roles });
  // A scripted clock would stay at genesis otherwise, and L1 forces by its own time.
  const head = await client.block("latest");
  if (head !== undefined) clock.observe(head.timestampSec);
  keepL1Record(dataDir, record);
  const { engine, feed } = await openNode(options, {
    config,
    clock,
    sealLimits,
    undo,
    connectL1: () => Promise.resolve(connection),
    openFreshKv: (folder) => openFreshKv(deployment, folder),
  });
  return {
    engine: key === undefined ? withoutKey(engine) : engine,
    feed,
    lease,
    rollupAddress: rollup,
    verifierAddress: deployment.verifier,
    l1Client: client,
    abortL1: () => abort.abort(),
  };
}

/** Looks, seals, proves and follows, and sends nothing. */
function withoutKey(engine: LocalEngine): LocalEngine {
  const refuse = () => Promise.reject(keyMissing("send to L1"));
  return { ...engine, submit: refuse, submitIfDue: refuse };
}

interface DeploymentPlace {
  readonly options: NodeOptions;
  readonly l1: ExternalL1Options;
  readonly client: L1Client;
  readonly key: L1Account | undefined;
}

async function findDeployment(place: DeploymentPlace): Promise<Deployment> {
  const { options, l1, client, key } = place;
  const { dataDir, gasPerPubdata, forceTimeoutSec, submitPolicy } = options;
  const file = l1.deploymentFile ?? `${dataDir}/${DEPLOYMENT_FILE}`;
  const record = readL1Record(dataDir);
  // Before anything is deployed for a folder that belongs elsewhere.
  if (record?.kind === "embedded") throw embeddedFolder(dataDir);
  const isThere = readDeploymentFile(file)?.kind === "deployed";
  if (isThere || l1.deploy === undefined || record !== undefined) return requireDeployment(file);
  if (key === undefined) throw keyMissing("deploy the contracts");
  const capWei = submitPolicy?.maxFeePerGasWei;
  const { deployment } = await deployRollup({
    ...l1.deploy,
    client,
    deployer: key,
    file,
    settings: {
      ...(gasPerPubdata === undefined ? {} : { gasPerPubdata }),
      ...(forceTimeoutSec === undefined ? {} : { forceTimeoutSec }),
      ...(capWei === undefined ? {} : { maxFeePerGasWei: capWei }),
    },
  });
  return deployment;
}

function checkGasPerPubdata(options: NodeOptions, deployed: bigint): void {
  const { gasPerPubdata = deployed } = options;
  if (gasPerPubdata === deployed) return;
  throw new RollupError<DeployErrorCode>(
    "GENESIS_MISMATCH",
    `Cannot charge ${gasPerPubdata} gas for a byte of pubdata as it is part of genesis: the ` +
      `rollup was deployed with ${deployed}`,
    {
      details: { gasPerPubdata, deployed },
      mend: "Leave out --gas-per-pubdata, or deploy anew with the other value.",
    },
  );
}
