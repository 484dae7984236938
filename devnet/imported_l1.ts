/**
 * What a chain of somebody else's needs before a rollup can stand on it.
 *
 * Owns that the devnet's accounts have ether there, and that its contracts can run. Does not own the
 * import (`l1/chain_import.ts`) or the deployment.
 * @module
 */
import { RollupError } from "../core/primitives/errors.ts";
import type { Address } from "../core/primitives/hex.ts";
import { DEVNET_ROLES, devnetGenesisAccounts } from "./accounts.ts";
import { DEPLOY_GAS_LIMIT, ROLLUP_ADDRESS, VERIFIER_ADDRESS } from "./deploy.ts";
import type { EmbeddedL1 } from "./l1/embedded_l1.ts";
import type { AccountDecree } from "./rpc/chain.ts";

/** Codes that this file throws. */
export type ImportedL1ErrorCode =
  | "L1_FORK_TOO_OLD"
  | "L1_GAS_LIMIT_TOO_LOW"
  | "L1_DEPLOYER_USED";

/** With less than this nobody gets far who has to pay for a rollup. */
const LEAST_ROLE_WEI = 10n ** 18n;

/**
 * Gives the devnet's accounts that own nothing there what they own on a devnet, in a block by decree;
 * those that pay for the rollup also when they own too little. Where the rollup is, nothing happens.
 *
 * @throws `L1_FORK_TOO_OLD` when the next block is none of Cancun or later, `L1_GAS_LIMIT_TOO_LOW`
 * when it has no room for the contracts, `L1_DEPLOYER_USED`.
 */
export async function prepareImportedL1(l1: EmbeddedL1): Promise<void> {
  const head = await l1.numberOf("latest");
  const deployer = DEVNET_ROLES.deployer.address;
  const hasCode = async (contract: Address) => (await l1.code(contract, head)).length > 0;
  if (await hasCode(ROLLUP_ADDRESS)) return;
  const rules = l1.nextRules();
  if (!rules.isActive("cancun")) throw forkTooOld(rules.fork, l1.chainId);
  if (l1.blockGasLimit() < DEPLOY_GAS_LIMIT) throw gasLimitTooLow(l1);
  const nonce = await l1.nonce(deployer, head);
  if (nonce > 0n && !await hasCode(VERIFIER_ADDRESS)) throw deployerUsed(l1.chainId, nonce);
  const roles = new Set(Object.values(DEVNET_ROLES).map(({ address }) => address));
  const decrees = new Map<Address, AccountDecree>();
  for (const { address, balanceWei, code } of devnetGenesisAccounts()) {
    const leastWei = roles.has(address) ? LEAST_ROLE_WEI : 1n;
    if (code !== "0x" || await l1.balance(address, head) >= leastWei) continue;
    decrees.set(address, { balanceWei });
  }
  if (decrees.size === 0) return;
  await l1.controls.decree(decrees);
  await l1.mine();
}

function forkTooOld(fork: string, chainId: bigint): RollupError<ImportedL1ErrorCode> {
  return new RollupError(
    "L1_FORK_TOO_OLD",
    `Cannot deploy the rollup on chain ${chainId} as its next block must be of Cancun or later: ` +
      `it is of ${fork}`,
    {
      details: { fork },
      mend:
        "Give the blocks that follow with `--l1-chain FILE`, or schedule the later forks in the " +
        "genesis file from a time that the clock has passed.",
    },
  );
}

function gasLimitTooLow(l1: EmbeddedL1): RollupError<ImportedL1ErrorCode> {
  const gasLimit = l1.blockGasLimit();
  return new RollupError(
    "L1_GAS_LIMIT_TOO_LOW",
    `Cannot deploy the rollup on chain ${l1.chainId} as a block must have room for ` +
      `${DEPLOY_GAS_LIMIT} gas: the gas limit of its latest is ${gasLimit}`,
    {
      details: { gasLimit, leastGasLimit: DEPLOY_GAS_LIMIT },
      mend: "Give a gasLimit of 30000000 or so in the genesis file.",
    },
  );
}

function deployerUsed(chainId: bigint, nonce: bigint): RollupError<ImportedL1ErrorCode> {
  const deployer = DEVNET_ROLES.deployer.address;
  return new RollupError(
    "L1_DEPLOYER_USED",
    `Cannot deploy the rollup on chain ${chainId} as its deployer ${deployer} must have sent ` +
      `nothing there: its nonce is ${nonce}`,
    {
      details: { deployer, nonce },
      mend:
        "Take that account out of the genesis file, or run the chain in a node of its own and " +
        "use it with `--l1-rpc URL --deploy`.",
    },
  );
}
