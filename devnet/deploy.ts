/**
 * Puts the rollup's contracts on the embedded L1, once.
 *
 * Owns who deploys what at which nonce, which accounts the rollup needs as they are, and the check
 * that contracts which are there already belong to it. Gas and fees are constants, so the same rollup
 * has the same transactions with the same hashes everywhere, and deploying again finds them instead
 * of repeating them. Does not own the contracts (`core/l1/contracts`), nor deploying on somebody
 * else's L1 (`deploy_rollup.ts`).
 * @module
 */
import {
  encodeDeployMockVerifier,
  encodeDeployRollup,
  type RollupParameters,
} from "../core/l1/calls.ts";
import { readRollupParameters } from "../core/l1/rollup_views.ts";
import type { L1Client, L1Receipt } from "../core/l1/l1_client.ts";
import { signL1Transaction } from "../core/l1/transaction.ts";
import { RollupError } from "../core/primitives/errors.ts";
import { type Address, type Hex, hexToBytes } from "../core/primitives/hex.ts";
import { createdAddress } from "../core/types/tx.ts";
import { DEVNET_ROLES } from "./accounts.ts";

/** What the rollup contract is created with; the verifier is deployed before it. */
export type DeployParameters = Omit<RollupParameters, "verifier">;

/** Where the contracts are. */
export interface DeployedContracts {
  readonly rollup: Address;
  readonly verifier: Address;
  /** No event of the rollup is in an earlier block. */
  readonly deployedAtL1Block: bigint;
}

/** Codes that this file throws, besides those of the L1 client. */
export type DeployErrorCode = "GENESIS_MISMATCH" | "DEPLOYMENT_FAILED" | "DEPLOYMENT_PENDING";

/** The deployer's nonce that the verifier takes. */
const VERIFIER_NONCE = 0n;
/** The deployer's nonce that the rollup takes. */
const ROLLUP_NONCE = 1n;
/** Where the verifier is. */
export const VERIFIER_ADDRESS: Address = contractOfDeployer(VERIFIER_NONCE);
/** Where the rollup is. */
export const ROLLUP_ADDRESS: Address = contractOfDeployer(ROLLUP_NONCE);
/**
 * Accounts whose state belongs to one run: the contracts know the batches of this L2, and the node's
 * own accounts have used nonces, and keep what they pay with, for transactions that it remembers.
 */
export const ROLLUP_ACCOUNTS: ReadonlySet<Address> = new Set([
  VERIFIER_ADDRESS,
  ROLLUP_ADDRESS,
  ...Object.values(DEVNET_ROLES).map(({ address }) => address),
]);
/** Several times what the deployments use; unused gas is not paid. */
export const DEPLOY_GAS_LIMIT = 6_000_000n;
/** A hundred times the first base fee of a devnet. */
const DEPLOY_MAX_FEE_WEI = 100_000_000_000n;
const DEPLOY_TIP_WEI = 1_000_000_000n;

/**
 * Deploys verifier and rollup, or finds them; safe to repeat after any crash.
 *
 * @throws `GENESIS_MISMATCH` when the contract at the rollup's address was created for another
 * genesis, `DEPLOYMENT_FAILED`, `DEPLOYMENT_PENDING` when the L1 makes no block at once.
 */
export async function deployContracts(
  client: L1Client,
  parameters: DeployParameters,
): Promise<DeployedContracts> {
  const contracts = { rollup: ROLLUP_ADDRESS, verifier: VERIFIER_ADDRESS };
  const wanted: RollupParameters = { ...parameters, verifier: VERIFIER_ADDRESS };
  await ensureSent(client, VERIFIER_NONCE, encodeDeployMockVerifier());
  const receipt = await ensureSent(client, ROLLUP_NONCE, encodeDeployRollup(wanted));
  if (receipt !== undefined) return { ...contracts, deployedAtL1Block: receipt.blockNumber };
  // Somebody deployed with other bytes; what counts is what the contract says of itself.
  assertSameRollup(ROLLUP_ADDRESS, wanted, await readRollupParameters(client, ROLLUP_ADDRESS));
  return { ...contracts, deployedAtL1Block: 0n };
}

function contractOfDeployer(nonce: bigint): Address {
  return createdAddress(DEVNET_ROLES.deployer.address, nonce);
}

/** The receipt of our deployment; `undefined` when another transaction used its nonce. */
async function ensureSent(
  client: L1Client,
  nonce: bigint,
  initCode: Hex,
): Promise<L1Receipt | undefined> {
  const { address, privateKey } = DEVNET_ROLES.deployer;
  const { raw, hash } = signL1Transaction({
    chainId: await client.chainId(),
    nonce,
    maxFeePerGasWei: DEPLOY_MAX_FEE_WEI,
    maxPriorityFeePerGasWei: DEPLOY_TIP_WEI,
    gasLimit: DEPLOY_GAS_LIMIT,
    to: undefined,
    valueWei: 0n,
    data: hexToBytes(initCode),
  }, privateKey);
  const earlier = await client.receipt(hash);
  if (earlier !== undefined) return requireSuccess(earlier);
  if (await client.nonce(address, "latest") > nonce) return undefined;
  await client.sendRawTransaction(raw);
  const receipt = await client.receipt(hash);
  if (receipt === undefined) throw deploymentPending(hash);
  return requireSuccess(receipt);
}

function requireSuccess(receipt: L1Receipt): L1Receipt {
  if (receipt.success) return receipt;
  const reason = receipt.revertReason ?? "it gave no reason";
  throw new RollupError<DeployErrorCode>(
    "DEPLOYMENT_FAILED",
    `Cannot deploy a contract with transaction ${receipt.transactionHash}: it reverted, ${reason}`,
    {
      details: { transactionHash: receipt.transactionHash, reason },
      mend: "Check the genesis and the accounts of the rollup, and start on a fresh L1.",
    },
  );
}

/** What makes a contract the judge of one chain; the rest its admin may change. */
export type RollupIdentity = Pick<
  RollupParameters,
  "chainId" | "genesisStateRoot" | "genesisLeafCount" | "programHash"
>;

/**
 * Compares what a contract cannot be this chain's without.
 *
 * @throws `GENESIS_MISMATCH`
 */
export function assertSameRollup(
  rollup: Address,
  wanted: RollupIdentity,
  found: RollupIdentity,
): void {
  const { chainId, genesisStateRoot, genesisLeafCount, programHash } = wanted;
  const identity = { chainId, genesisStateRoot, genesisLeafCount, programHash };
  const foundFields = new Map<string, unknown>(Object.entries(found));
  const differing = Object.entries(identity).filter(([name, value]) =>
    foundFields.get(name) !== value
  );
  const [first] = differing;
  if (first === undefined) return;
  const [name, value] = first;
  throw new RollupError<DeployErrorCode>(
    "GENESIS_MISMATCH",
    `Cannot use the rollup contract at ${rollup} as this chain's: its ${name} is ` +
      `${foundFields.get(name)}, expected ${value}`,
    {
      details: { rollup, wanted, found, differing: differing.map(([field]) => field) },
      mend:
        `Use the ${
          name === "programHash" ? "version of varve" : "configuration"
        } that the contract was deployed for, or deploy anew: another folder with ` +
        "`--data DIR`, or on an L1 of your own the command `deploy`.",
    },
  );
}

function deploymentPending(hash: Hex): RollupError<DeployErrorCode> {
  return new RollupError(
    "DEPLOYMENT_PENDING",
    `Cannot deploy the contracts as transaction ${hash} must be mined first: it waits`,
    { details: { hash }, mend: "Let the L1 make a block, then do it again." },
  );
}
