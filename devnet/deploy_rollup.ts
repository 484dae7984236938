/**
 * Puts the rollup's contracts on an Ethereum node that somebody else runs: the verb of `deploy`.
 *
 * Owns which contracts there are, with what they are made, and that the file says it in the end; the
 * same verb again finds them. Does not own how one gets there (`deploy_contract.ts`), the file's
 * shape (`deployment.ts`), nor deploying on the embedded L1 (`deploy.ts`).
 * @module
 */
import { computeGenesisFacts } from "../core/engine/genesis_facts.ts";
import {
  encodeDeployMockVerifier,
  encodeDeployRollup,
  type RollupParameters,
} from "../core/l1/calls.ts";
import type { L1Client } from "../core/l1/l1_client.ts";
import type { L1Account } from "../core/pipeline/node.ts";
import { isRollupError, RollupError } from "../core/primitives/errors.ts";
import type { Address } from "../core/primitives/hex.ts";
import type { ChainConfig } from "../core/types/genesis.ts";
import { createWasmExecutor } from "../core/vm/host/wasm_executor.ts";
import {
  externalChainConfig,
  FORCE_BATCH_TIMEOUT_SEC,
  GENESIS_TIMESTAMP_SEC,
  TRUSTED_AGGREGATOR_TIMEOUT_SEC,
} from "./chain_config.ts";
import { assertSameRollup } from "./deploy.ts";
import {
  createJournal,
  deployContract,
  deploymentDiffers,
  type DeployRun,
} from "./deploy_contract.ts";
import { type Deployment, readDeploymentFile, writeDeploymentFile } from "./deployment.ts";
import {
  chainMismatch,
  type L1KeySource,
  openL1Client,
  readContract,
  readL1Key,
} from "./l1_connection.ts";

/** What deploying needs. */
export interface DeployRollupOptions {
  readonly client: L1Client;
  /** Pays, and is admin, sequencer and aggregator where no other is named. */
  readonly deployer: L1Account;
  /** Where the deployment is written. */
  readonly file: string;
  readonly settings: DeploySettings;
  /** Ends the waiting; what was sent stays sent. */
  readonly signal: AbortSignal;
  /** Milliseconds to wait for both transactions. */
  readonly timeoutMs: number;
  /** Milliseconds until a transaction that waits gets a higher fee; a minute by default. */
  readonly bumpAfterMs?: number;
  readonly progress: (text: string) => void;
}

/** What of a deployment can be chosen; each has its default. */
export interface DeploySettings {
  readonly admin?: Address;
  readonly sequencer?: Address;
  readonly aggregator?: Address;
  readonly aggregatorTimeoutSec?: bigint;
  readonly forceTimeoutSec?: bigint;
  readonly gasPerPubdata?: bigint;
  /** Most to pay for a unit of gas. */
  readonly maxFeePerGasWei?: bigint;
}

/** What deploying needs when nothing is open yet. */
export interface DeployToOptions extends Omit<DeployRollupOptions, "client" | "deployer"> {
  readonly rpcUrl: string;
  readonly key: L1KeySource;
}

/** What came of it. */
export interface DeployOutcome {
  readonly deployment: Deployment;
  /** The file had it already, and the contract is there. */
  readonly isRepeated: boolean;
}

/** Codes that this file throws, besides those of the L1 client and of `deploy_contract.ts`. */
export type DeployRollupErrorCode = "DEPLOYMENT_GONE" | "L1_TIME_BEFORE_GENESIS";

/**
 * Deploys verifier and rollup, or finds them; safe to repeat at any time with the same file.
 *
 * @throws `L1_CHAIN_MISMATCH`, `GENESIS_MISMATCH`, `DEPLOYMENT_DIFFERS` when the file holds another
 * deployment; `L1_INSUFFICIENT_FUNDS`, `L1_FEE_ABOVE_CAP`, `DEPLOYMENT_FAILED`; `DEPLOYMENT_PENDING`
 * when the L1 mines nothing in time.
 */
export async function deployRollup(options: DeployRollupOptions): Promise<DeployOutcome> {
  const { client, deployer, file, settings } = options;
  const l1ChainId = await client.chainId();
  const found = readDeploymentFile(file);
  if (found?.kind === "deployed") {
    await checkDeployed(options, found.deployment, l1ChainId);
    return { deployment: found.deployment, isRepeated: true };
  }
  if (found !== undefined && found.journal.l1ChainId !== l1ChainId) {
    throw chainMismatch(l1ChainId, found.journal.l1ChainId);
  }
  if (found !== undefined && found.journal.deployer !== deployer.address) {
    throw deploymentDiffers(file, "deployer", found.journal.deployer, deployer.address);
  }
  await checkTime(client);
  const sequencer = settings.sequencer ?? deployer.address;
  const config = externalChainConfig({
    l1ChainId,
    coinbase: sequencer,
    ...(settings.gasPerPubdata === undefined ? {} : { gasPerPubdata: settings.gasPerPubdata }),
  });
  const run: DeployRun = {
    client,
    deployer,
    file,
    l1ChainId,
    maxFeePerGasWei: settings.maxFeePerGasWei,
    signal: options.signal,
    bumpAfterMs: options.bumpAfterMs,
    progress: options.progress,
    untilMs: performance.now() + options.timeoutMs,
    journal: createJournal(file, {
      l1ChainId,
      deployer: deployer.address,
      entries: found?.journal.entries ?? [],
    }),
  };
  const verifier = await deployContract(run, 0, "the verifier", encodeDeployMockVerifier());
  const parameters = rollupParameters(config, settings, {
    deployer: deployer.address,
    sequencer,
    verifier: verifier.address,
  });
  const rollup = await deployContract(run, 1, "the rollup", encodeDeployRollup(parameters));
  assertSameRollup(rollup.address, parameters, await readContract(client, rollup.address));
  const deployment: Deployment = {
    l1ChainId,
    l2ChainId: parameters.chainId,
    rollup: rollup.address,
    verifier: verifier.address,
    deployedAtL1Block: rollup.blockNumber,
    genesisStateRoot: parameters.genesisStateRoot,
    genesisLeafCount: parameters.genesisLeafCount,
    programHash: parameters.programHash,
    gasPerPubdata: config.gasPerPubdata,
    coinbase: config.coinbase,
    admin: parameters.admin,
    sequencer: parameters.trustedSequencer,
    aggregator: parameters.trustedAggregator,
    aggregatorTimeoutSec: parameters.trustedAggregatorTimeoutSec,
    forceTimeoutSec: parameters.forceBatchTimeoutSec,
  };
  writeDeploymentFile(file, { kind: "deployed", deployment });
  return { deployment, isRepeated: false };
}

/**
 * Deploys on the node at `rpcUrl`.
 *
 * @throws the codes of `openL1Client`, `readL1Key` and {@linkcode deployRollup}.
 */
export async function deployTo(options: DeployToOptions): Promise<DeployOutcome> {
  const client = openL1Client(options.rpcUrl);
  const deployer = await readL1Key(options.key);
  return await deployRollup({ ...options, client, deployer });
}

function rollupParameters(
  config: ChainConfig,
  settings: DeploySettings,
  { deployer, sequencer, verifier }: Readonly<
    Record<"deployer" | "sequencer" | "verifier", Address>
  >,
): RollupParameters {
  const genesis = computeGenesisFacts(config, createWasmExecutor());
  return {
    admin: settings.admin ?? deployer,
    trustedSequencer: sequencer,
    trustedAggregator: settings.aggregator ?? deployer,
    trustedAggregatorTimeoutSec: settings.aggregatorTimeoutSec ?? TRUSTED_AGGREGATOR_TIMEOUT_SEC,
    forceBatchTimeoutSec: settings.forceTimeoutSec ?? FORCE_BATCH_TIMEOUT_SEC,
    chainId: genesis.chainId,
    genesisStateRoot: genesis.stateRoot,
    genesisLeafCount: genesis.leafCount,
    programHash: genesis.programHash,
    verifier,
  };
}

/** What the file says must hold on this L1, and be what was asked for. */
async function checkDeployed(
  { client, file, settings }: DeployRollupOptions,
  deployment: Deployment,
  l1ChainId: bigint,
): Promise<void> {
  if (deployment.l1ChainId !== l1ChainId) throw chainMismatch(l1ChainId, deployment.l1ChainId);
  const asked = [
    ["admin", settings.admin],
    ["sequencer", settings.sequencer],
    ["aggregator", settings.aggregator],
    ["aggregatorTimeoutSec", settings.aggregatorTimeoutSec],
    ["forceTimeoutSec", settings.forceTimeoutSec],
    ["gasPerPubdata", settings.gasPerPubdata],
  ] as const;
  for (const [field, value] of asked) {
    if (value !== undefined && value !== deployment[field]) {
      throw deploymentDiffers(file, field, deployment[field], value);
    }
  }
  const { rollup, l2ChainId, coinbase, gasPerPubdata } = deployment;
  const config = externalChainConfig({ l1ChainId, coinbase, gasPerPubdata });
  const genesis = computeGenesisFacts(config, createWasmExecutor());
  const found = await readContract(client, rollup).catch((error: unknown) => {
    throw isRollupError(error, "L1_ROLLUP_MISSING") ? deploymentGone(file, rollup, error) : error;
  });
  assertSameRollup(rollup, {
    chainId: l2ChainId,
    genesisStateRoot: genesis.stateRoot,
    genesisLeafCount: genesis.leafCount,
    programHash: genesis.programHash,
  }, found);
}

/** Blocks of the L2 are never older than genesis, and L1 takes none from the future. */
async function checkTime(client: L1Client): Promise<void> {
  const head = await client.block("latest");
  if (head === undefined || head.timestampSec >= GENESIS_TIMESTAMP_SEC) return;
  throw new RollupError<DeployRollupErrorCode>(
    "L1_TIME_BEFORE_GENESIS",
    `Cannot deploy as L1 must have reached the genesis of the L2 at ${GENESIS_TIMESTAMP_SEC}: its ` +
      `latest block is of ${head.timestampSec}`,
    {
      details: { got: head.timestampSec, expected: GENESIS_TIMESTAMP_SEC },
      mend: "Let the L1 follow the time of day, then deploy again.",
    },
  );
}

function deploymentGone(
  file: string,
  rollup: Address,
  cause: unknown,
): RollupError<DeployRollupErrorCode> {
  return new RollupError(
    "DEPLOYMENT_GONE",
    `Cannot find the rollup of "${file}" on this L1: no contract answers at ${rollup}`,
    {
      details: { file, rollup },
      mend:
        `The L1 has lost it, as a devnet that starts anew does: delete "${file}" and its data ` +
        "folder, or deploy with another `--out FILE`.",
      cause,
    },
  );
}
