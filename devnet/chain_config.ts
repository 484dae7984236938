/**
 * The two chains of a devnet: ids, genesis, funds.
 *
 * Owns the values. They do not depend on the time or the machine, so contract addresses and the
 * genesis root are the same everywhere. Does not own keys (`accounts.ts`).
 * @module
 */
import type { Address } from "../core/primitives/hex.ts";
import { LIMITS } from "../core/primitives/limits.ts";
import type { ChainConfig } from "../core/types/genesis.ts";
import { DEV_ACCOUNTS, DEVNET_ROLES, fundedAccount } from "./accounts.ts";
import { CREATE2_DEPLOYER } from "./create2_deployer.ts";

/** Chain id of the embedded L1, as supersim's. */
export const L1_CHAIN_ID = 900n;
/** Chain id of the L2. */
export const L2_CHAIN_ID = 901n;
/** 2026-01-01T00:00:00Z: both chains start here; a real clock jumps from it to now. */
export const GENESIS_TIMESTAMP_SEC = 1_767_225_600n;
/** How long after sequencing anyone may verify; Polygon's deploy example. */
export const TRUSTED_AGGREGATOR_TIMEOUT_SEC = 604_799n;
/** How long the sequencer may keep an L1->L2 operation waiting; Polygon's five days. */
export const FORCE_BATCH_TIMEOUT_SEC = 432_000n;

/** The devnet's L2. */
export const DEVNET_CHAIN: ChainConfig = {
  chainId: L2_CHAIN_ID,
  l1ChainId: L1_CHAIN_ID,
  genesisTimestampSec: GENESIS_TIMESTAMP_SEC,
  coinbase: DEVNET_ROLES.sequencer.address,
  blockGasLimit: LIMITS.blockGasLimit,
  initialBaseFeePerGasWei: 1_000_000_000n,
  gasPerPubdata: 16n,
  dataAvailability: "transactions",
  accounts: [...DEV_ACCOUNTS.map(({ address }) => fundedAccount(address)), CREATE2_DEPLOYER]
    .sort((left, right) => (left.address < right.address ? -1 : 1)),
};

/** What a chain on somebody else's L1 differs in; a deployment keeps it. */
export interface ExternalChain {
  readonly l1ChainId: bigint;
  readonly coinbase: Address;
  readonly gasPerPubdata?: bigint;
}

/** The devnet's L2 on another L1. */
export function externalChainConfig(chain: ExternalChain): ChainConfig {
  return { ...DEVNET_CHAIN, ...chain };
}
