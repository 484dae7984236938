/**
 * The first block of the embedded L1.
 *
 * Owns what it holds and that a stored chain is the one that is asked for. Does not own the
 * accounts of the devnet (`devnet/accounts.ts`).
 * @module
 */
import { keccak256 } from "../../core/crypto/keccak.ts";
import { RollupError } from "../../core/primitives/errors.ts";
import { type Hash32, ZERO_HASH } from "../../core/primitives/hex.ts";
import type { GenesisAccount } from "../../core/types/genesis.ts";
import { INITIAL_BASE_FEE_WEI } from "./base_fee.ts";
import type { L1BlockStore } from "./block_store.ts";
import { assembleBlock, L1_BLOCK_GAS_LIMIT, L1_COINBASE } from "./chain_block.ts";
import type { L1Evm } from "./evm.ts";
import { L1_SCHEMA_VERSION } from "./schema.ts";
import { SYSTEM_CONTRACTS } from "./system_contracts.ts";

/** What the first block is made from. */
export interface L1Genesis {
  readonly chainId: bigint;
  /** Counts when the chain is made; a stored chain keeps its own. */
  readonly timestampSec: bigint;
  readonly accounts: readonly GenesisAccount[];
}

/** Codes that this file throws. */
export type L1GenesisErrorCode = "L1_GENESIS_MISMATCH" | "L1_OTHER_VERSION";

/**
 * Makes sure that the store holds the chain of `genesis`, and makes it in an empty one.
 *
 * @throws `L1_GENESIS_MISMATCH`, `L1_OTHER_VERSION`.
 */
export async function ensureGenesis(
  store: L1BlockStore,
  evm: L1Evm,
  genesis: L1Genesis,
): Promise<void> {
  const genesisHash = hashGenesis(genesis);
  // Before any row is decoded: the rows of another version may have another shape.
  const version = await store.schemaVersion();
  if (version !== undefined && version !== L1_SCHEMA_VERSION) throw otherVersion(version);
  const identity = await store.identity();
  if (identity === undefined) return await writeGenesis(store, evm, { ...genesis, genesisHash });
  if (identity.genesisHash !== genesisHash || identity.chainId !== genesis.chainId) {
    throw genesisMismatch(
      { chainId: identity.chainId, genesisHash: identity.genesisHash },
      { chainId: genesis.chainId, genesisHash },
    );
  }
}

async function writeGenesis(
  store: L1BlockStore,
  evm: L1Evm,
  genesis: L1Genesis & { readonly genesisHash: Hash32 },
): Promise<void> {
  const state = await evm.genesis([...genesis.accounts, ...SYSTEM_CONTRACTS]);
  const environment = {
    chainId: genesis.chainId,
    number: 0n,
    timestampSec: genesis.timestampSec,
    coinbase: L1_COINBASE,
    gasLimit: L1_BLOCK_GAS_LIMIT,
    baseFeePerGasWei: INITIAL_BASE_FEE_WEI,
    prevRandao: ZERO_HASH,
    parentHash: ZERO_HASH,
    gasPerPubdata: 0n,
  };
  const block = assembleBlock(environment, state.stateRoot, { transactions: [], outcomes: [] });
  const { chainId, genesisHash } = genesis;
  await store.commit({ block, state, leftPool: [], identity: { chainId, genesisHash } });
}

/** keccak256 of chain id and first accounts. The time is left out: a restart has another one. */
function hashGenesis({ chainId, accounts }: L1Genesis): Hash32 {
  const text = JSON.stringify(
    { chainId, accounts: [...accounts, ...SYSTEM_CONTRACTS] },
    (_key, value: unknown) => typeof value === "bigint" ? `${value}n` : value,
  );
  return keccak256(new TextEncoder().encode(text));
}

interface ShownGenesis {
  readonly chainId: bigint;
  readonly genesisHash: string;
}

function genesisMismatch(
  stored: ShownGenesis,
  wanted: ShownGenesis,
): RollupError<L1GenesisErrorCode> {
  return new RollupError(
    "L1_GENESIS_MISMATCH",
    `Cannot open the embedded L1 as chain ${wanted.chainId} with genesis ${wanted.genesisHash}: ` +
      `the data folder holds chain ${stored.chainId} with genesis ${stored.genesisHash}`,
    {
      details: { stored, wanted },
      mend: "Open it with the configuration it was made with, or choose another folder with " +
        "`--data DIR`.",
    },
  );
}

function otherVersion(schemaVersion: bigint): RollupError<L1GenesisErrorCode> {
  return new RollupError(
    "L1_OTHER_VERSION",
    `Cannot open the embedded L1 as version ${L1_SCHEMA_VERSION} of its tables: ` +
      `the data folder has version ${schemaVersion}`,
    {
      details: { schemaVersion, supportedVersion: L1_SCHEMA_VERSION },
      mend: "Use the version of varve that made the folder, or choose another one with " +
        "`--data DIR`.",
    },
  );
}
